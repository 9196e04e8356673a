"""docs/canonical-form.md says enough to recompute every digest, and says it rightly."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast_ledger.domain.canonical import canonical, digest_of, leaf_of, to_json
from forecast_ledger.domain.entries import ENTRY_TYPES, REFERS_TO, Redaction
from forecast_ledger.domain.fields import Role, fields_of, text_digest
from forecast_ledger.ledger import Ledger
from tests.ledger.saying import merge
from tests.store.samples import samples

DOCUMENT = (Path(__file__).parents[2] / "docs/canonical-form.md").read_text(encoding="utf-8")
EXAMPLE, FORM, DIGEST, LEAF, PROGRAM, OUTPUT = (
    block for block in re.findall(r"^```\w*\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
)
ENTRIES = [*samples(), Redaction(text=text_digest("a name"), by="Mia", why="a court said so")]


def verify(folder: Path, export: str) -> subprocess.CompletedProcess[str]:
    """Run the document's program where it finds the standard library and nothing else."""
    (folder / "verify.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "export.jsonl").write_text(export, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "verify.py", "export.jsonl"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=60
    )


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "document"}
    exec(compile(PROGRAM, "canonical-form.md", "exec"), names)  # noqa: S102 - our own document
    return names


def test_the_worked_example_is_what_its_own_program_prints(tmp_path: Path) -> None:
    assert "forecast_ledger" not in PROGRAM
    done = verify(tmp_path, EXAMPLE)
    assert (done.stdout, done.stderr) == (OUTPUT, "")
    line = json.loads(EXAMPLE.splitlines()[1])
    assert line["digest"] == DIGEST.strip()
    assert OUTPUT.splitlines()[0].split()[2] == LEAF.strip()


def test_the_worked_example_shows_the_bytes(program: dict[str, Any]) -> None:
    line = json.loads(EXAMPLE.splitlines()[1])
    assert program["canonical"](line).decode() == FORM.strip()
    assert text_digest(line["wording"]["text"]) in DOCUMENT


def test_the_program_notices_a_changed_entry(tmp_path: Path) -> None:
    changed = EXAMPLE.replace("Neither side is ready.", "Both sides are ready.")
    assert changed != EXAMPLE
    assert verify(tmp_path, changed).stderr == "entry 3 is not what was recorded\n"


@pytest.mark.parametrize("kind", sorted(ENTRY_TYPES))
def test_the_documents_program_makes_the_same_bytes(program: dict[str, Any], kind: str) -> None:
    tried = [entry for entry in ENTRIES if kind == entry.TYPE]
    assert tried
    for entry in tried:
        assert program["canonical"](to_json(entry)) == canonical(entry)


def test_the_document_lists_every_field_of_every_type() -> None:
    sections = re.findall(r"^### (\w+)\n(.*?)(?=^##)", DOCUMENT, re.DOTALL | re.MULTILINE)
    documented = {
        name: [tuple(cell.strip() for cell in row) for row in _ROW.findall(body)]
        for name, body in sections
    }
    assert documented == {name: list(described(cls)) for name, cls in ENTRY_TYPES.items()}


_ROW = re.compile(r"^\| `(\S+)` \|(.*?)\|(.*?)\|$", re.MULTILINE)


def described(
    cls: type[Any], prefix: str = "", *, present: bool = True
) -> Iterator[tuple[str, str, str]]:
    """Yield (name, what it holds, "always" or nothing) for every field of a type of its own."""
    for field in fields_of(cls):
        if not prefix and field.name in ("replaces", "why"):
            continue
        name, always = prefix + field.name, present and not field.optional
        if field.role is Role.RECORD:
            assert field.record is not None
            yield from described(field.record, f"{name}.", present=always)
        elif field.role is Role.ROWS and dataclasses.is_dataclass(field.record):
            yield from described(field.record, f"{name}[].")
        else:
            named = ", ".join(REFERS_TO.get(field.name, ()))
            if field.name == "target":
                named = "any entry but a retraction"
            holds = {Role.ROWS: "list of names"}.get(field.role, field.role.value)
            if field.role in (Role.REFERENCE, Role.REFERENCES):
                holds += f" to {named}"
            yield name, holds, "always" if always else ""


def test_the_program_knows_which_fields_are_texts(program: dict[str, Any]) -> None:
    texts = {
        name: [field for field, holds, _ in described(cls) if holds == "text"]
        for name, cls in ENTRY_TYPES.items()
    }
    assert program["TEXTS"] == {name: fields for name, fields in texts.items() if fields}


def test_an_export_of_a_ledger_verifies_with_the_standard_library_alone(
    ledger: Ledger, tmp_path: Path
) -> None:
    merge(ledger, *samples())
    export = io.StringIO()
    ledger.export_jsonl(export)
    done = verify(tmp_path, export.getvalue())
    with ledger.store.reading() as reader:
        rows = list(reader.rows())
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"{seq} {kind} {leaf.hex()}" for seq, *_, kind, leaf in rows
    ]


def test_a_leaf_binds_place_moment_nonce_and_digest() -> None:
    moment, digest = datetime(2026, 1, 2, tzinfo=UTC), digest_of(ENTRIES[0])
    other = digest_of(ENTRIES[1])
    leaves = {
        leaf_of(1, moment, bytes(16), digest),
        leaf_of(2, moment, bytes(16), digest),
        leaf_of(1, moment.replace(microsecond=1), bytes(16), digest),
        leaf_of(1, moment, bytes(15) + b"\x01", digest),
        leaf_of(1, moment, bytes(16), other),
    }
    assert len(leaves) == 5
