"""Flat tables, cell by cell and line by line."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of, encode_when, leaf_of
from forecast_ledger.domain.entries import Answer, Forecast
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.plain_forecasts import (
    leaves_at,
    made_form,
    parts_of,
    plain_digests,
    written,
)
from forecast_ledger.domain.probability import WHOLE, format_probability
from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.formats.csv_columns import parse_mapping
from forecast_ledger.formats.csv_table import MOST_PROBLEMS, Manner, Row, Table
from forecast_ledger.formats.csv_values import outcome_of, probability_of, when_of
from tests.strategies import NOW

HEAD = "question,forecaster,made,probability,outcome,known,key,closes,tags\n"
BERLIN = ZoneInfo("Europe/Berlin")


def naive(year: int) -> datetime:
    return datetime(year, 1, 2)  # noqa: DTZ001 - that is how bounds are given


def read(text: str | bytes, **manner: object) -> tuple[Table, list[Row]]:
    data = text.encode() if isinstance(text, str) else text
    given_manner = {"zone": UTC, "clock": lambda: NOW} | manner
    table = Table(io.BytesIO(data), Manner(**given_manner), name="t.csv")  # type: ignore[arg-type]
    return table, [row for batch in table.rows() for row in batch]


def problems(text: str | bytes, **manner: object) -> list[str]:
    table, _ = read(text, **manner)
    table.questions()
    return [str(problem) for problem in table.faults.problems]


def a_row(
    question: str = "Rain?",
    who: str = "Ann",
    made: str = "2026-01-02T00:00:00Z",
    number: str = "0.35",
    rest: str = ",,,,",
) -> str:
    return f"{question},{who},{made},{number},{rest}\n"


# -- digests ---------------------------------------------------------------------------------

digests = st.binary(min_size=32, max_size=32).map(lambda raw: Digest(raw.hex()))
moments = st.datetimes(naive(1970), naive(2200), timezones=st.just(UTC))
whens = moments.map(When.at) | st.builds(
    When.on, st.dates(date(1970, 1, 3), date(2199, 1, 1)), st.sampled_from([UTC, BERLIN])
)


@given(digests, digests, st.none() | digests, whens, st.integers(0, WHOLE))
def test_a_plain_forecast_has_the_digest_of_the_entry(
    question: Digest, forecaster: Digest, revision: Digest | None, made: When, yes: int
) -> None:
    forecast = Forecast(
        question=question,
        forecaster=forecaster,
        revision=revision,
        made=made,
        answer=Answer(yes=yes),
    )
    plain = plain_digests(question, forecaster, revision)(yes, made_form(written(made)))
    assert plain.hex() == digest_of(forecast)


@given(whens)
def test_a_moment_written_out_is_read_back(made: When) -> None:
    start, end, day = parts_of(written(made))
    form = encode_when(made)
    if isinstance(form, str):
        assert (start, end, day) == (form, None, None)
    else:
        assert {"start": start, "end": end, "day": day} == form


@given(st.integers(1, 2**62), moments, st.binary(min_size=16, max_size=16), digests)
def test_a_plain_leaf_is_the_leaf(seq: int, at: datetime, nonce: bytes, digest: Digest) -> None:
    assert leaves_at(at)(seq, nonce + bytes.fromhex(digest)) == leaf_of(seq, at, nonce, digest)


# -- cells -----------------------------------------------------------------------------------


@given(st.integers(0, WHOLE))
def test_every_probability_is_read_exactly(parts: int) -> None:
    shown = format_probability(parts)
    assert probability_of(shown, percent=False).parts == parts
    assert probability_of(shown, percent=True).parts == parts
    assert probability_of(shown.rstrip("%"), percent=True).parts == parts


@pytest.mark.parametrize(
    "cell,percent,parts",
    [
        ("0.35", False, 350_000_000),
        ("7/20", False, 350_000_000),
        ("7/20", True, 350_000_000),
        (" 35 % ", False, 350_000_000),
        ("1", False, WHOLE),
        ("1", True, 10_000_000),
        ("0", False, 0),
        ("0.5", True, 5_000_000),
    ],
)
def test_percent_changes_what_a_bare_number_means(*, cell: str, percent: bool, parts: int) -> None:
    assert probability_of(cell, percent=percent).parts == parts


def test_a_bare_number_above_one_asks_for_percent() -> None:
    with pytest.raises(InvalidError, match=r"35 has no percent sign.*say --percent"):
        probability_of("35", percent=False)


@given(
    st.datetimes(naive(1901), naive(2199)),
    st.sampled_from(["T", " "]),
    st.sampled_from(["Z", " UTC", "+02:00", "-0330", ""]),
)
def test_moments_are_read_as_python_reads_them(
    local: datetime, separator: str, offset: str
) -> None:
    hours = {"+02:00": timedelta(hours=2), "-0330": -timedelta(hours=3, minutes=30)}
    zone = timezone(hours.get(offset, timedelta()))
    found, in_zone = when_of(local.isoformat(separator) + offset, UTC)
    assert found == When.at(local.replace(tzinfo=zone))
    assert in_zone == (offset == "")


@pytest.mark.parametrize(
    "cell,told",
    [
        (
            "03/04/2026",
            (
                '"03/04/2026" can be read in two ways: say --dates dmy for 2026-04-03, --dates mdy'
                " for 2026-03-04, or write it so."
            ),
        ),
        ("1.2.2026", "can be read in two ways"),
        ("1.2.2026 14:30", "can be read in two ways"),
        ("5.5.2026", "has no order that was said: say --dates dmy or --dates mdy, or write"),
        (
            "30.06.2026",
            ('"30.06.2026" has the order day, month, year: say --dates dmy, or write 2026-06-30.'),
        ),
        ("13.5.2026", "has the order day, month, year: say --dates dmy, or write 2026-05-13."),
        ("05/13/2026", "has the order month, day, year: say --dates mdy, or write 2026-05-13."),
        ("31.02.2026", "is not in the calendar"),
        ("13/13/2026", "is not in the calendar"),
        ("2026/02/30", "is not in the calendar"),
        ("30.06.26", "is not a date: the year takes four digits. Write 2026-03-31."),
        ("1.2/2026", "is not a date. Write"),
        ("2026-02-30", "is not in the calendar"),
        ("2026-02-30 10:00", "is not in the calendar"),
        ("2026-01-01 24:00", "is not in the calendar"),
        ("yesterday", "is not a date"),
        ("45000", "is not a date"),
        ("2026-W01-1T00:00:00Z", "is not a date"),
        ("2026-03-29 02:30", "does not exist in Europe/Berlin"),
        ("2025-10-26 02:30", "comes twice in Europe/Berlin"),
        ("1066-10-14", "is not in the calendar"),
    ],
)
def test_dates_that_are_refused(cell: str, told: str) -> None:
    with pytest.raises(InvalidError) as raised:
        when_of(cell, BERLIN)
    assert told in raised.value.message


@given(
    st.dates(date(1900, 1, 1), date(2200, 12, 30)),
    st.sampled_from("./-"),
    st.sampled_from(["", "0"]),
    st.sampled_from([("", ""), (" 14:30", " 14:30"), (" 9:05:07Z", "T09:05:07Z")]),
)
def test_a_date_is_read_in_the_order_that_was_said(
    day: date, mark: str, fill: str, clock: tuple[str, str]
) -> None:
    of_day, of_month = (f"{part:{fill}{2 if fill else ''}}" for part in (day.day, day.month))
    expected = when_of(f"{day}{clock[1]}", BERLIN)
    written_so = {
        "dmy": mark.join((of_day, of_month, str(day.year))) + clock[0],
        "mdy": mark.join((of_month, of_day, str(day.year))) + clock[0],
    }
    for order, cell in written_so.items():
        assert when_of(cell, BERLIN, order) == expected  # type: ignore[arg-type]
        with pytest.raises(InvalidError, match="--dates"):
            when_of(cell, BERLIN)
    year_first = mark.join((str(day.year), of_month, of_day)) + clock[0]
    assert when_of(year_first, BERLIN) == when_of(year_first, BERLIN, "mdy") == expected


def test_a_date_that_is_not_in_the_order_that_was_said_names_the_other() -> None:
    with pytest.raises(InvalidError) as raised:
        when_of("05/13/2026", UTC, "dmy")
    assert raised.value.message == (
        '"05/13/2026" is not day, month, year, as --dates dmy says. If the table\'s dates are'
        " month, day, year, say --dates mdy; else write 2026-05-13."
    )


def test_the_order_of_dates_holds_for_every_column_with_one() -> None:
    text = HEAD + a_row(made="3.1.2026 14:30", rest="no,4.1.2026,,3.12.2026,")
    table, rows = read(text, dates="dmy")
    (asked,) = table.questions()
    assert rows[0][2] == "2026-01-03T14:30:00.000000Z"
    assert (asked.known, asked.closes) == (
        When.on(date(2026, 1, 4), UTC),
        When.on(date(2026, 12, 3), UTC),
    )
    assert [problem.split(":")[0] for problem in problems(text)] == [
        f"t.csv line 2, {column}" for column in ("made", "known", "closes")
    ]


@pytest.mark.parametrize("cell,parts", [("35,5", 355_000_000), ("35,5 %", 355_000_000)])
def test_a_decimal_comma_is_read_where_no_comma_parts_columns(cell: str, parts: int) -> None:
    text = (HEAD + a_row(number="@")).replace(",", ";").replace("@", cell)
    assert [row[3] for row in read(text, percent=True)[1]] == [parts]
    text = (HEAD + a_row(number="0@35")).replace(",", ";").replace("@", ",")
    assert [row[3] for row in read(text)[1]] == [350_000_000]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_decimal_comma_is_refused_elsewhere(delimiter: str) -> None:
    rows = [HEAD.strip().split(","), a_row(number="@").strip().split(",")]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert problems(out.getvalue().replace("@", '"35,5 %"')) == [
        (
            't.csv line 2, probability: "35,5 %" has a decimal comma, which is read where columns'
            " are parted by semicolons. Write 35.5 %."
        )
    ]


def test_numbers_of_at_most_one_are_counted_with_percent() -> None:
    cells = ("0.5", "40", "0.5", "1", "0", "0.5%")
    text = HEAD + "".join(a_row(who=f"A{n}", number=cell) for n, cell in enumerate(cells))
    table, rows = read(text, percent=True)
    assert (table.small, len(rows)) == (3, 6)
    assert [row[3] for row in rows[:4]] == [5_000_000, 400_000_000, 5_000_000, 10_000_000]
    assert read(HEAD + a_row())[0].small == 0


def test_outcomes() -> None:
    assert [outcome_of(c) for c in ("YES", "true", "1", "1.0")] == ["yes"] * 4
    assert [outcome_of(c) for c in ("No", "FALSE", "0", "0.0")] == ["no"] * 4
    assert outcome_of(" annulled ") == "annulled"
    with pytest.raises(InvalidError, match='"maybe" is not an outcome'):
        outcome_of("maybe")


# -- rows ------------------------------------------------------------------------------------


def test_a_row_is_a_forecast() -> None:
    table, rows = read(HEAD + a_row() + a_row(who="Bob", made="2026-01-03", number="1 in 4"))
    assert rows == [
        (0, 0, "2026-01-02T00:00:00.000000Z", 350_000_000, 2, None),
        (
            0,
            1,
            "2026-01-03T00:00:00.000000Z|2026-01-04T00:00:00.000000Z|2026-01-03",
            250_000_000,
            3,
            None,
        ),
    ]
    assert table.forecasters == ["Ann", "Bob"]
    (asked,) = table.questions()
    assert (asked.text, asked.spellings, asked.line) == ("Rain?", (0,), 2)
    assert table.faults.count == 0


@given(
    st.lists(
        st.tuples(
            st.datetimes(naive(2000), naive(2025)),
            st.sampled_from(["Z", "", "+01:00"]),
            st.sampled_from(["seconds", "microseconds", "minutes"]),
        ),
        max_size=30,
    ),
    st.sampled_from([UTC, BERLIN]),
)
def test_a_moment_is_read_the_same_whatever_was_read_before(
    made: list[tuple[datetime, str, str]], zone: ZoneInfo
) -> None:
    cells = [local.isoformat("T", spec) + offset for local, offset, spec in made]
    expected = []
    for cell in cells:
        try:
            expected.append(written(when_of(cell, zone)[0]))
        except InvalidError:
            continue
    _, rows = read(HEAD + "".join(a_row(made=cell) for cell in cells), zone=zone)
    assert [row[2] for row in rows] == expected


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_every_question_text_survives_quoting(
    texts: list[str], delimiter: str, quoting: int
) -> None:
    texts = [text for text in texts if text.split()]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["question", "forecaster", "made", "probability"])
    for text in texts:
        writer.writerow([text, "Ann", "2026-01-02", "35%"])
    table, rows = read(b"\xef\xbb\xbf" + out.getvalue().encode())
    assert len(rows) == len(texts)
    assert table.faults.count == 0
    said = {" ".join(unicodedata.normalize("NFC", text).split()) for text in texts}
    assert {spelling.text for spelling in table._spellings.values()} == said


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write(delimiter: str, first: str, end: str) -> None:
    lines = [HEAD.strip(), a_row().strip(), ",,,,,,,,", "", a_row(who="Bob").strip() + ",,"]
    text = first + end.join(lines).replace(",", delimiter) + end
    table, rows = read(text)
    assert [row[4] for row in rows] == [2, 5]
    assert table.faults.count == 0


def test_a_declared_delimiter_is_taken() -> None:
    _, rows = read("sep=;\r\n" + (HEAD + a_row()).replace(",", ";"))
    assert [row[4] for row in rows] == [3]


def test_the_line_is_the_physical_one() -> None:
    text = HEAD + a_row(question='"Rain,\nor\nhail?"') + a_row(number="x")
    assert problems(text) == [
        (
            "t.csv line 5, probability: 'x' is not a probability. Write it as 35%, 0.35, 7/20 or"
            ' "1 in 3".'
        )
    ]
    table, _ = read(text)
    assert table.questions()[0].text == "Rain, or hail?"


@pytest.mark.parametrize(
    "row,told",
    [
        ("Rain?,Ann,2026-01-02\n", "line 2: has 3 cells where the header has 9. A row has"),
        (a_row(rest=",,,,,x"), "line 2: has 10 cells where the header has 9. Put a text"),
        (a_row(question='"Rain" here?'), "line 2: has a quotation mark within a cell. Double it"),
        (a_row(question='"Rain?'), "line 2: has a quotation mark that is never closed."),
        (a_row(question="x" * 140_000), "line 2: has a cell of more than 131,072 characters."),
        (a_row(question="Ra\x00in?"), "line 2, question: the question holds a control character"),
        (a_row(question="Ra\x1bin?"), "line 2, question: the question holds a control character"),
        (a_row(who=""), "line 2, forecaster: is empty. Say whose forecast it is."),
        (a_row(who="me"), "line 2, forecaster: 'me' names nobody to a later reader."),
        (a_row(who="x" * 400), "line 2, forecaster: the name has 400 characters;"),
        (a_row(number=""), "line 2, probability: is empty. Give a probability,"),
        (a_row(number="135%"), "line 2, probability: 135% is more than 100%."),
        (a_row(made=""), "line 2, made: is empty. Say when the forecast was made."),
        (a_row(made="2027-01-01"), "line 2, made: lies in the future."),
        (a_row(rest="yes,2027-01-01,,,"), "line 2, known: lies in the future."),
        (a_row(rest="maybe,,,,"), 'line 2, outcome: "maybe" is not an outcome.'),
        (a_row(rest=",,A b,,"), "line 2, key: key 'a b' is not a key"),
        (a_row(rest=",,,soon,"), 'line 2, closes: "soon" is not a date.'),
        (a_row(rest=",,,,a/b"), "line 2, tags: tag 'a/b' is not a key"),
        (a_row(question=""), "line 2, question: is empty. Say which question"),
    ],
)
def test_a_row_at_fault_is_named(row: str, told: str) -> None:
    (problem,) = problems(HEAD + row + a_row(question="Snow?"))[:1]
    assert problem.startswith(f"t.csv {told}")


def test_every_fault_of_every_row_is_named() -> None:
    text = HEAD + a_row(who="", number="x", made="y") + a_row() + a_row(number="200%")
    assert [p.split(":")[0] for p in problems(text)] == [
        "t.csv line 2, forecaster",
        "t.csv line 2, made",
        "t.csv line 2, probability",
        "t.csv line 4, probability",
    ]
    table, rows = read(text)
    assert (table.invalid, table.read, len(rows)) == (2, 1, 1)


def test_many_faults_are_counted() -> None:
    found = problems(HEAD + a_row(number="x") * (MOST_PROBLEMS + 7))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == "t.csv: and 7 more problems"


@pytest.mark.parametrize(
    "data,told",
    [
        (b"", "t.csv line 1: is empty."),
        (b"\n", "t.csv line 1: is empty."),
        (HEAD.encode("utf-16"), "t.csv line 1: is no text in UTF-8: the file is UTF-16."),
        (b"PK\x03\x04x", "t.csv line 1: is no text in UTF-8: the file is a spreadsheet"),
        (HEAD.replace("\n", "\r").encode() + b"x\r", "t.csv line 1: ends in a carriage return"),
        (
            (HEAD + a_row() + a_row(who="Jos\u00e9")).encode("latin-1"),
            "t.csv line 3: is not UTF-8: byte 10 of the line is 0xE9. Save it as",
        ),
        (HEAD.encode() + b"x" * 2_100_000, "t.csv line 2: is longer than 2,000,000 bytes."),
    ],
)
def test_a_file_that_is_no_table(data: bytes, told: str) -> None:
    with pytest.raises(InvalidError) as raised:
        read(data)
    assert raised.value.message.startswith(told)


# -- columns ---------------------------------------------------------------------------------


def test_columns_are_known_by_their_headers_or_as_said() -> None:
    table, rows = read(
        "Title;P;Made ;note;FORECASTER\nRain?;35;2026-01-02;x;Ann\n",
        columns=parse_mapping(["question=title", "probability=P"]),
        percent=True,
    )
    assert len(rows) == 1
    assert table.layout.ignored == ("note",)


def test_who_stands_in_for_a_column() -> None:
    table, rows = read("question,made,probability\nRain?,2026-01-02,35%\n", who="Ann Lee")
    assert (table.forecasters, rows[0][1]) == (["Ann Lee"], 0)
    with pytest.raises(UsageError, match="Leave --who out"):
        read(HEAD + a_row(), who="Ann Lee")


@pytest.mark.parametrize(
    "header,columns,told",
    [
        ("a,made,probability", {}, "the columns question and forecaster are missing."),
        ("question,forecaster,made,p", {}, "the column probability is missing. There are:"),
        ("question,question,forecaster,made,probability", {}, '2 columns are called "question".'),
        (HEAD.strip(), {"tags": "labels"}, 'no column is called "labels". There are:'),
    ],
)
def test_columns_that_do_not_fit(header: str, columns: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidError) as raised:
        read(header + "\n", columns=columns)
    assert told in raised.value.message


@pytest.mark.parametrize("said", ["question", "question=", "=x", "colour=x"])
def test_a_mapping_that_says_nothing(said: str) -> None:
    with pytest.raises(UsageError, match="--column"):
        parse_mapping([said])


# -- questions -------------------------------------------------------------------------------


def test_what_is_said_of_a_question_may_be_said_once() -> None:
    text = (
        HEAD
        + a_row()
        + a_row(who="Bob", rest="yes,2026-01-09,,2026-01-10,b a")
        + a_row(who="Eve", rest="1,,,,a b")
    )
    (asked,) = read(text)[0].questions()
    assert (asked.outcome, asked.tags, asked.lines["known"]) == ("yes", ("a", "b"), 3)
    assert asked.closes == When.on(date(2026, 1, 10), UTC)


@pytest.mark.parametrize(
    "first,second,told",
    [
        ("yes,,,,", "no,,,,", 'outcome: says "no" where line 2 says "yes" of the same question.'),
        (",,,2026-02-01,", ",,,2026-02-02,", "closes: says 2026-02-02 where line 2 says 2026-02"),
        (",,,,a", ",,,,b", 'tags: says "b" where line 2 says "a" of the same question.'),
    ],
)
def test_rows_that_contradict_each_other(first: str, second: str, told: str) -> None:
    text = HEAD + a_row(rest=first) + a_row(rest=second)
    (problem,) = problems(text)
    assert problem.startswith(f"t.csv line 3, {told}")
    assert read(text)[0].questions() == []


def orders(rows: list[str]) -> Iterable[str]:
    yield HEAD + "".join(rows)
    yield HEAD + "".join(reversed(rows))


def test_a_question_is_known_by_its_key_or_its_text_in_any_order() -> None:
    rows = [a_row(rest=",,rain,,"), a_row(question="", rest=",,rain,,"), a_row()]
    for text in orders(rows):
        (asked,) = read(text)[0].questions()
        assert (asked.key, asked.text, len(asked.spellings)) == ("rain", "Rain?", 3)


def test_the_same_words_under_two_keys_need_a_key_on_every_row() -> None:
    rows = [a_row(rest=",,a,,"), a_row(rest=",,b,,"), a_row()]
    for text in orders(rows):
        table, _ = read(text)
        assert {asked.key for asked in table.questions()} == {"a", "b"}
        (problem,) = table.faults.problems
        assert "2 questions are asked in these words (a, b). Give the row its key." in str(problem)


def test_one_text_in_two_spellings_contradicts_itself() -> None:
    for text in orders([a_row("Will it rain?"), a_row("will it  rain")]):
        table, _ = read(text)
        assert table.questions() == []
        assert "of the same question. Correct one; two questions need different keys." in str(
            table.faults.problems[0]
        )


def test_a_cell_at_fault_leaves_the_question_out_only_if_no_other_row_says_it() -> None:
    bad, good = a_row(rest="yes,2026-02-30,,,"), a_row(rest="yes,2026-01-03,,,")
    for text in orders([bad, good]):
        table, rows = read(text)
        assert (len(table.questions()), len(rows), table.invalid) == (1, 1, 1)
    table, rows = read(HEAD + bad + a_row())
    assert (table.questions(), len(rows)) == ([], 1)


def test_what_comes_while_the_file_is_read_is_no_future() -> None:
    moments = iter([NOW, NOW + timedelta(days=2), NOW + timedelta(days=2)])
    made = text_of(NOW + timedelta(days=1))[:19] + "Z"
    _, rows = read(HEAD + a_row(made=made), clock=lambda: next(moments))
    assert len(rows) == 1


@pytest.mark.parametrize("made", ["2026-05-05", "2026-05-05T00:00:00Z", "2026-05-05 00:00"])
def test_this_very_moment_is_no_future(made: str) -> None:
    now = datetime(2026, 5, 5, tzinfo=UTC)
    assert len(read(HEAD + a_row(made=made, rest=f"no,{made},,,"), clock=lambda: now)[1]) == 1
    before = now - timedelta(microseconds=1)
    assert problems(HEAD + a_row(made=made), clock=lambda: before) == [
        "t.csv line 2, made: lies in the future. Only what has happened can be recorded."
    ]
