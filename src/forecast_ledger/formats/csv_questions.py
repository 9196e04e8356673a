"""What the rows of a table say of its questions, put together whatever their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from forecast_ledger.domain.keys import _bare
from forecast_ledger.domain.moments import When
from forecast_ledger.formats.near import shown

NEVER = "~"
"""Sorts behind every moment written out."""

Fault = Callable[[int, str, str], None]
"""Told the line, the column and what is wrong there."""


@dataclass(slots=True)
class Spelling:
    """One way a question is named: by key and text, or by one of them.

    `said` holds what its rows say, each with the line that said it first, and `bad` the lines
    of cells that could not be read; `differs` says whether rows contradict each other.
    """

    number: int
    key: str | None
    text: str | None
    line: int
    said: dict[str, tuple[Any, int]] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of a table, with all its rows say of it.

    `spellings` are the numbers its rows bear, `line` is the first of them, `lines` where each
    field was said. `key` or `text` may be absent, not both.
    """

    spellings: tuple[int, ...]
    line: int
    key: str | None = None
    text: str | None = None
    opens: When | None = None
    closes: When | None = None
    due: When | None = None
    tags: tuple[str, ...] = ()
    family: str | None = None
    outcome: str | None = None
    known: When | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


def put_together(spellings: Iterable[Spelling], fault: Fault) -> list[Asked]:
    """Return the questions, each once; tell `fault` where rows contradict each other.

    A question whose rows do, or what it needs could not be read of, is left out.
    """
    asked = []
    for group in _grouped(spellings, fault):
        one = _merged(group, fault)
        if one is not None:
            asked.append(one)
    return asked


def _grouped(spellings: Iterable[Spelling], fault: Fault) -> list[list[Spelling]]:
    """Return the spellings of each question: of one key, or else of one text, written alike."""
    by_key: dict[str, list[Spelling]] = {}
    by_text: dict[str, list[Spelling]] = {}
    keys_of: dict[str, set[str]] = defaultdict(set)
    for spelling in spellings:
        text = _bare(spelling.text or "")
        if spelling.key is None:
            by_text.setdefault(text, []).append(spelling)
        else:
            by_key.setdefault(spelling.key, []).append(spelling)
            keys_of[text].add(spelling.key)
    groups = list(by_key.values())
    for text, group in by_text.items():
        keys = sorted(keys_of[text]) if text in keys_of else []
        if len(keys) > 1:
            fault(
                group[0].line,
                "question",
                f"{len(keys)} questions are asked in these words ({', '.join(keys[:3])})."
                " Give the row its key.",
            )
        elif keys:
            by_key[keys[0]].extend(group)
        else:
            groups.append(group)
    return groups


def _merged(group: list[Spelling], fault: Fault) -> Asked | None:
    said: dict[str, tuple[Any, int]] = {}
    bad: dict[str, int] = {}
    whole = not any(spelling.differs for spelling in group)
    for spelling in sorted(group, key=lambda each: each.line):
        own = dict(spelling.said)
        if spelling.text is not None:
            own["question"] = (spelling.text, spelling.line)
        for name, (value, line) in own.items():
            whole &= agree(said, name, value, line, fault)
        bad |= spelling.bad
    whole &= all(name in said for name in bad)
    if not whole:
        return None
    values = {name: value for name, (value, _) in said.items()}
    values["text"] = values.pop("question", None)
    return Asked(
        spellings=tuple(spelling.number for spelling in group),
        line=min(spelling.line for spelling in group),
        key=next((s.key for s in group if s.key is not None), None),
        lines={name: line for name, (_, line) in said.items()},
        **values,
    )


def agree(said: dict[str, tuple[Any, int]], name: str, value: Any, line: int, fault: Fault) -> bool:
    """Take what a row says of its question; return False where an earlier row says otherwise."""
    if name not in said:
        said[name] = (value, line)
        return True
    before, first = said[name]
    if before == value:
        return True
    fault(
        line,
        name,
        f"says {_shown(value)} where line {first} says {_shown(before)} of the same question."
        " Correct one; two questions need different keys.",
    )
    return False


def _shown(value: Any) -> str:
    if isinstance(value, When):
        return str(value.day) if value.day else value.start.strftime("%Y-%m-%d %H:%M:%S UTC")
    if isinstance(value, tuple):
        return shown(" ".join(value))
    return shown(str(value))
