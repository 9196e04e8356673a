from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given

from forecast_ledger.domain.canonical import canonical, digest_of, from_json, to_json
from forecast_ledger.domain.entries import Entry, Forecaster
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats import jsonl
from tests.strategies import NOW, entries, logs

HEADER = '{"forecast-ledger":"jsonl","version":1}'
ENTRY = Forecaster(name="Ian Bremmer")
ROW = {
    "seq": 1,
    "recorded_at": "2026-07-01T12:00:00.000000Z",
    "nonce": "00" * 16,
    "digest": digest_of(ENTRY),
    **to_json(ENTRY),
}


def written(rows: Iterable[Recorded[Entry] | Entry]) -> bytes:
    out = io.StringIO(newline="")
    jsonl.write(rows, out)
    return out.getvalue().encode()


def problems_of(*lines: str | bytes, is_log: bool = False) -> list[str]:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    read: list[jsonl.Line] = []
    with pytest.raises(InvalidError) as raised:
        read.extend(jsonl.read_lines(io.BytesIO(data), name="x.jsonl", is_log=is_log))
    assert raised.value.problems
    # Nothing is yielded from the first fault on.
    assert all(line.number < 3 for line in read)
    return [str(problem).removeprefix("x.jsonl ") for problem in raised.value.problems]


def row(**changes: Any) -> str:
    return json.dumps({k: v for k, v in (ROW | changes).items() if v != "gone"})


@given(entries)
def test_an_entry_survives_json_and_is_digested_the_same(entry: Entry) -> None:
    again = from_json(json.loads(json.dumps(to_json(entry))))
    assert again == entry
    assert canonical(again) == canonical(entry)


@given(logs())
def test_a_log_survives_without_loss(log: list[Recorded[Entry]]) -> None:
    data = written(log)
    assert list(jsonl.read(io.BytesIO(data), name="x")) == log
    assert [line.entry for line in jsonl.read_lines(io.BytesIO(data), name="x")] == [
        recorded.entry for recorded in log
    ]
    assert jsonl.check(io.BytesIO(data), name="x", is_log=True) == len(log)
    assert written(log) == data
    assert data.count(b"\n") == len(log) + 1


def test_the_form_of_a_line_is_fixed() -> None:
    data = written([Recorded(1, NOW, bytes(16), digest_of(ENTRY), ENTRY)])
    assert data.decode() == (
        '{"forecast-ledger":"jsonl","version":1}\n'
        '{"seq":1,"recorded_at":"2026-07-01T12:00:00.000000Z",'
        '"nonce":"00000000000000000000000000000000",'
        f'"digest":"{digest_of(ENTRY)}","v":1,"type":"forecaster",'
        '"name":"Ian Bremmer","kind":"person"}\n'
    )


def test_lines_without_a_log_can_be_imported_but_not_restored() -> None:
    data = written([ENTRY])
    assert list(jsonl.read_lines(io.BytesIO(data), name="x")) == [jsonl.Line(2, ENTRY, None)]
    with pytest.raises(InvalidError) as raised:
        list(jsonl.read(io.BytesIO(data), name="x"))
    assert list(map(str, raised.value.problems)) == [
        "x line 2: has no seq, recorded_at and nonce: import it, or export a log"
    ]


@pytest.mark.parametrize(
    "header, reason",
    [
        ("", f"does not begin with the line {HEADER}"),
        (row(), f"does not begin with the line {HEADER}"),
        (HEADER.replace("1", "2"), "is of version 2; this version of the tool reads 1"),
        (HEADER.replace("1", "true"), "is of version True; this version of the tool reads 1"),
        (HEADER.replace("1", "1.0"), f"does not begin with the line {HEADER}"),
        ("\ufeff" + HEADER, f"does not begin with the line {HEADER}"),
    ],
)
def test_another_first_line_is_refused(header: str, reason: str) -> None:
    assert problems_of(header, row()) == [f"line 1: {reason}"]


NOT_DIGEST = f"is not that of the entry, which is {digest_of(ENTRY)}"


@pytest.mark.parametrize(
    "line, problem",
    [
        ("", "is not JSON: Expecting value (column 1)"),
        (b"", "is not JSON: Expecting value (column 1)"),
        (b'{"a\xff"}', "is not UTF-8: byte 3 of the line is 0xff"),
        (b'{"a\x00"}', "is not JSON: Invalid control character at (column 4)"),
        (row() + "x", f"is not JSON: Extra data (column {len(row()) + 1})"),
        (row()[:-1], f"is not JSON: Expecting ',' delimiter (column {len(row())})"),
        ("[1]", "is not an object of fields"),
        ("[" * 100_000, "is not JSON that can be read: it is nested too deeply"),
        ('{"v":1,"v":1}', 'says "v" twice'),
        (row(seq=float("nan")), "holds the number NaN; only whole numbers occur"),
        (row(seq=1.0), "holds the number 1.0; only whole numbers occur"),
        (row(v=2), "v is 2; this version reads 1"),
        (row(v=True), "v is True; this version reads 1"),
        (row(type="x"), "type 'x' is not an entry type"),
        (row(type=["x"]), "type ['x'] is not an entry type"),
        (row(colour="red"), "colour is not a field here"),
        (row(name="gone"), "name is missing"),
        (row(url=None), "url is null; a field that is absent is left out"),
        (row(name="a\u0000b"), "name holds a control character (U+0000 at place 2). Take it away."),
        (row(name="a\ud800b"), "name holds a control character (U+D800 at place 2). Take it away."),
        (row(kind="robot"), "kind 'robot' is not one of: person, team, crowd, market, model"),
        (row(digest="0" * 64), f'digest "{"0" * 60}…" {NOT_DIGEST}'),
        (row(digest=[1]), f'digest "[1]" {NOT_DIGEST}'),
        (row(replaces=[1, "a"]), "replaces is not text"),
        (row(seq="gone"), "has some of seq, recorded_at, nonce and digest, but not all"),
        (row(digest="gone"), "has some of seq, recorded_at, nonce and digest, but not all"),
        (row(seq=0), "seq is 0, not a number from 1"),
        (row(seq=True), "seq is True, not a number from 1"),
        (row(nonce="00"), "nonce is not 32 lower-case hexadecimal digits"),
        (
            row(recorded_at="2026-07-01T12:00:00.000000+00:00"),
            (
                "recorded_at: '2026-07-01T12:00:00.000000+00:00' is not a moment in UTC such as"
                " 2026-03-31T22:00:00.000000Z"
            ),
        ),
        (row(recorded_at="1969-07-01T12:00:00.000000Z"), "recorded_at lies before 1970"),
        (
            row(recorded_at=5),
            "recorded_at is not a moment in UTC such as 2026-03-31T22:00:00.000000Z",
        ),
        (row(name="x" * 2_000_000), "is longer than 2,000,000 bytes"),
    ],
    ids=range(33),
)
def test_a_fault_is_named_with_its_line(line: str | bytes, problem: str) -> None:
    assert problems_of(HEADER, row(), line, row(), "{}") == [
        f"line 3: {problem}",
        "line 5: v is None; this version reads 1",
    ]


def test_a_when_of_the_wrong_form_names_its_field() -> None:
    source = {"v": 1, "type": "source", "key": "k", "title": "t"}
    found = [
        problems_of(HEADER, json.dumps(source | {"published": published}))
        for published in (5, {"day": "2026-01-01"}, {"day": 1, "start": 2, "end": 3})
    ]
    assert (
        found == [["line 2: published: not a moment in UTC, nor a day with its start and end"]] * 3
    )


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"seq": 3}, "seq is 3; it should be 2"),
        ({"seq": 1}, "seq is 1; it should be 2"),
        (
            {"seq": 2, "recorded_at": "2026-07-01T11:59:59.999999Z"},
            "recorded_at lies before that of the line above",
        ),
    ],
)
def test_a_log_must_follow_on(changes: dict[str, Any], problem: str) -> None:
    assert problems_of(HEADER, row(), row(**changes), is_log=True) == [f"line 3: {problem}"]


def test_a_hundred_problems_are_listed_and_the_others_counted() -> None:
    problems = problems_of(HEADER, *["{}"] * 1_234)
    assert len(problems) == 101
    assert problems[-1] == "x.jsonl: and 1,134 more problems"


def test_a_very_long_line_is_never_held_in_memory() -> None:
    class Endless(io.RawIOBase):
        left = 40_000_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    import tracemalloc

    stream = io.BufferedReader(Endless())
    stream.peek(1)
    tracemalloc.start()
    with pytest.raises(InvalidError):
        jsonl.check(stream, name="x")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
