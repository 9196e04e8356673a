"""Lists: questions, what is due, statements, words, what an import did, a database."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from forecast_ledger.domain.days import date_text
from forecast_ledger.domain.entries import SCORED, Forecast, Lexicon, Reading, Source
from forecast_ledger.domain.moments import MICROSECOND, When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.words import Meaning
from forecast_ledger.ledger.imported import FileReport, ImportReport
from forecast_ledger.ledger.table_forecasts import Dispute
from forecast_ledger.ledger.tables_in import TableReport
from forecast_ledger.ledger.transfer import Status
from forecast_ledger.ledger.views import Claim, Due, Row
from forecast_ledger.reports.sentences import joined, prose
from forecast_ledger.reports.terminal import (
    clip,
    columns,
    count,
    day_of,
    days,
    heading,
    moment_text,
    percent,
    safe,
    when_text,
    width_of,
    wrap,
)

_NAME = 12
_MOST_NAMED = 5
_ROOM = 24
"""Columns below which a question's text goes to a line of its own."""


def render_list(rows: Sequence[Row], *, me: str | None, zone: tzinfo, width: int) -> str:
    """Return questions as a table: key, how it stands, what was said, when due, what is asked."""
    if not rows:
        return "no questions. fl add records one; without filters fl list shows them all."
    table = [("key", "stands", f"said{_space(rows, me)}", "due")]
    for row in rows:
        state = row.state
        standing = state.outcome if state.status == "resolved" and state.outcome else state.status
        due = _date(state.due_when, zone) if state.due_when is not None else "-"
        table.append((state.key, standing, f"{_said(row, me)}{_mark(row, me, rows)}", due))
    texts = ["question", *(safe(row.state.text) for row in rows)]
    lines = [*_with_texts(table, texts, "<<><", width), count(len(rows), "question")]
    return "\n".join([*lines, *_legend(rows, me, width)])


def _with_texts(
    table: Sequence[tuple[str, ...]], texts: Sequence[str], align: str, width: int, indent: str = ""
) -> list[str]:
    """Return a table with texts as its last column, or below their rows where it is full.

    Where even the keys leave no room, each has a line of its own.
    """
    plain = columns(table, align, indent=indent)
    if max(map(width_of, plain)) > width:
        beside = columns((row[1:] for row in table), align[1:], indent=f"{indent}  ")
        keys = [clip(f"{indent}{row[0]}", width) for row in table]
        plain = [f"{key}\n{line}" for key, line in zip(keys, beside, strict=True)]
        room = 0
    room = width - max(map(width_of, plain)) - 2
    if room >= _ROOM:
        rows = ((*row, clip(text, room)) for row, text in zip(table, texts, strict=True))
        return columns(rows, align, indent=indent)
    below = [clip(f"{indent}  {text}", width) for text in texts]
    return [line for pair in zip(plain, below, strict=True) for line in pair]


def _said(row: Row, me: str | None) -> str:
    """Return one's own number, else the only other's with the name, else how many said one."""
    shown = _shown(row, me)
    if shown is None:
        return f"{len(row.forecasts)} said" if row.forecasts else "-"
    name, forecast = shown
    said = percent(forecast.answer.yes)
    return said if name == me else f"{clip(safe(name), _NAME)} {said}"


def _shown(row: Row, me: str | None) -> tuple[str, Forecast] | None:
    """Return the forecast whose number stands in a row: one's own, or the only one."""
    chosen = [pair for pair in row.forecasts if pair[0] == me or len(row.forecasts) == 1]
    return (chosen[0][0], chosen[0][1].entry) if chosen else None


def _reader(row: Row, me: str | None) -> str | None:
    """Return who read a row's number out of words, or None if the forecaster gave it."""
    shown = _shown(row, me)
    if shown is None:
        return None
    name, forecast = shown
    unnamed = "somebody" if forecast.words and name != me else None
    return forecast.coder or unnamed


def _mark(row: Row, me: str | None, rows: Sequence[Row]) -> str:
    """Return a star beside a number the forecaster did not give, as wide where he did."""
    return "*" if _reader(row, me) else _space(rows, me)


def _space(rows: Sequence[Row], me: str | None) -> str:
    return " " if any(_reader(row, me) for row in rows) else ""


def _legend(rows: Sequence[Row], me: str | None, width: int) -> list[str]:
    """Return whose numbers those with a star are."""
    readers = sorted({reader for row in rows if (reader := _reader(row, me))})
    said = f"* as read by {joined(readers)}: not a number the forecaster gave"
    return [prose(said, width, hang="  ")] if readers else []


def _date(when: When, zone: tzinfo) -> str:
    """Return a day, or the last one before a half-open end, as one types it."""
    day = when.day or (when.end - MICROSECOND).astimezone(zone).date()
    return day.isoformat()


def render_due(due: Due, *, me: str | None, zone: tzinfo, width: int) -> str:
    """Return what waits: overdue, soon, untouched."""
    parts = []
    marked: list[Row] = []
    for title, rows, age in (
        ("overdue", due.overdue, _over),
        ("soon", due.soon, _until),
        (_stale_heading(due), due.stale, _touched),
    ):
        if rows:
            parts.append(title)
            parts += _due_lines(rows, [age(row, due.now, zone) for row in rows], me, width)
            marked += rows
    if not parts:
        return f"nothing is overdue, and nothing is due within {days(due.within)}."
    return "\n".join([*parts, *_legend(marked, me, width)])


def _stale_heading(due: Due) -> str:
    after = due.stale_after
    return f"untouched for {days(after)} (--stale {after.days}d)" if after is not None else ""


def _due_lines(rows: Sequence[Row], ages: Sequence[str], me: str | None, width: int) -> list[str]:
    keys = [row.state.key for row in rows]
    said = [f"{_your(row, me)}{_mark(row, me, rows)}" for row in rows]
    table = list(zip(keys, said, ages, strict=True))
    return _with_texts(table, [safe(row.state.text) for row in rows], "<>>", width, "  ")


def _your(row: Row, me: str | None) -> str:
    said = _said(row, me)
    return f"your {said}" if any(name == me for name, _ in row.forecasts) else said


def _over(row: Row, now: datetime, _zone: tzinfo) -> str:
    return f"{days(now - row.state.due)} over" if row.state.due is not None else ""


def _until(row: Row, now: datetime, _zone: tzinfo) -> str:
    return f"in {days(row.state.due - now)}" if row.state.due is not None else ""


def _touched(row: Row, now: datetime, zone: tzinfo) -> str:
    made = [forecast.entry.made for _, forecast in row.forecasts]
    newest = max(made, key=lambda when: when.start, default=When(now, now))
    return f"since {date_text(newest.day) if newest.day else day_of(newest.start, zone)}"


# -- statements ------------------------------------------------------------------------------


def render_statements(claims: Sequence[Claim], *, zone: tzinfo, width: int) -> str:
    """Return statements by source, each with its verdict and what was made of it."""
    if not claims:
        return "no statements. They come with books (fl import) and with fl add --source --quote."
    lines: list[str] = []
    previous: Source | None = None
    for claim in claims:
        if claim.source != previous:
            lines += [""] if lines else []
            lines += _source_lines(claim.source, zone, width)
            previous = claim.source
        entry = claim.statement.entry
        verdict = SCORED if entry.verdict == SCORED else f"refused, {entry.verdict}"
        lines.append(wrap(f"{safe(entry.place)}: {verdict}", width, "  ", "    "))
        lines.append(wrap(f'"{safe(entry.quote)}"', width, "    ", "     "))
        made = [f"-> {key}{_reading(reading)}" for key, reading in claim.questions]
        lines += [wrap(text, width, "    ", "       ") for text in made]
    scored = sum(claim.statement.entry.verdict == SCORED for claim in claims)
    lines.append(
        f"{count(len(claims), 'statement')}: {scored} scored, {len(claims) - scored} refused"
    )
    return "\n".join(lines)


def _source_lines(source: Source, zone: tzinfo, width: int) -> Iterable[str]:
    by = [safe(name) for name in (source.author, source.publisher) if name]
    by.append(when_text(source.published, zone) + (" (inferred)" if source.inferred else ""))
    yield heading(source.key, f'"{source.title}"', width)
    yield wrap(", ".join(by), width, "  ", "  ")


def _reading(reading: Reading) -> str:
    name = f" {safe(reading.name)}" if reading.name else ""
    if reading.primary:
        return f",{name}" if name else ""
    return f",{name} (another reading, not scored)"


# -- words -----------------------------------------------------------------------------------


def render_words(
    found: Sequence[tuple[Lexicon, Meaning | None]], *, whole: bool, width: int
) -> str:
    """Return lexicons, all of one, or what a phrase means in each."""
    if any(meaning is not None for _, meaning in found):
        return _meanings(found, width)
    if whole and found:
        return _lexicon(found[0][0], width)
    table = [
        (book.key, book.version, count(len(book.phrases), "phrase"), safe(book.title))
        for book, _ in found
    ]
    used = max(width_of(line) for line in columns([(*row[:3], "x") for row in table], "<<>"))
    lines = columns([(*row[:3], clip(row[3], width - used)) for row in table], "<<>")
    return "\n".join((*lines, "fl words --lexicon KEY lists the phrases of one."))


def _meanings(found: Sequence[tuple[Lexicon, Meaning | None]], width: int) -> str:
    rows = []
    for book, meaning in found:
        if meaning is None:
            continue
        middle = "" if meaning.mid is None else format_probability(meaning.mid)
        span = f"{format_probability(meaning.low)} to {format_probability(meaning.high)}"
        how = f'as "{meaning.phrase.phrase}"' if meaning.is_synonym else ""
        if meaning.mirrored:
            how = f'mirror image of "{meaning.spelling}"'
        rows.append((f"{book.key} {book.version}", middle, span, safe(how)))
    return "\n".join(clip(line, width) for line in columns(rows, "<><<"))


def _lexicon(book: Lexicon, width: int) -> str:
    rows = [
        (
            phrase.phrase,
            "" if phrase.mid is None else format_probability(phrase.mid),
            f"{format_probability(phrase.low)} to {format_probability(phrase.high)}",
            ", ".join(phrase.synonyms),
        )
        for phrase in book.phrases
    ]
    head = heading(f"{book.key} {safe(book.version)}", book.title, width)
    cited = wrap(safe(book.citation), width, "  ")
    lines = [clip(safe(line), width) for line in columns(rows, "<><<")]
    return "\n".join((head, cited, *lines))


# -- imports and databases -------------------------------------------------------------------


def render_import(report: ImportReport, *, width: int) -> str:
    """Return what an import did, file by file."""
    lines = [line for file in report.files for line in _import_lines(file, report.dry_run, width)]
    if report.dry_run:
        if len(report.files) > 1 and any(isinstance(file, TableReport) for file in report.files):
            lines.append(wrap(_ALONE, width, "", "  "))
        lines.append("nothing imported (dry run)")
    elif len(report.files) > 1:
        added = sum(file.added for file in report.files)
        lines.append(f"{count(added, 'new entry', 'new entries')} in all")
    return "\n".join(lines)


_ALONE = (
    "each table was held against the ledger alone, not against the other files: what they have in"
    " common counts as new in each, and where they contradict each other is not shown"
)


def _import_lines(file: FileReport, dry_run: bool, width: int) -> Iterable[str]:  # noqa: FBT001
    if isinstance(file, TableReport) and file.rows:
        return _table_lines(file, dry_run, width)
    return _file_lines(file, dry_run, width)


def _table_lines(table: TableReport, dry_run: bool, width: int) -> Iterable[str]:  # noqa: FBT001
    said = [
        count(table.questions, "question"),
        count(table.rows - table.repeated, "forecast"),
        f"{table.resolved:,} resolved",
    ]
    yield wrap(f"{safe(table.path)}: {', '.join(said)}", width, "", "  ")
    fresh = table.forecasts - table.recorded
    said = [f"{table.recorded:,} already here", f"{fresh:,} new"]
    at_fault = table.invalid + table.left_out
    if table.invalid:
        said.append(f"{count(table.invalid, 'row')} invalid")
    if table.left_out:
        whose = "whose question is" if table.left_out == 1 else "whose questions are"
        said.append(f"{count(table.left_out, 'row')} {whose} at fault")
    if not table.problems:
        yield wrap(", ".join(said), width, "  ")
    else:
        left = "would be" if dry_run else "was" if table.error or at_fault == 1 else "were"
        end = f"so nothing {left} imported" if table.error else f"which {left} left out"
        yield wrap(f"{', '.join(said)}, {end}:", width, "  ")
        for problem in table.problems:
            place = problem.place.removeprefix(table.path).lstrip(" ,:")
            text = f"{place}: {problem.message}" if place else problem.message
            yield wrap(safe(text), width, "    ", "      ")
        if table.error:
            yield "    (--skip-invalid leaves them out)"
    yield from _table_counts(table, width)
    yield from _conflict_lines(table, width)
    if table.more_conflicts:
        yield f"  and {table.more_conflicts:,} more like these"
    for notice in table.notices:
        yield wrap(safe(notice), width, "  ", "    ")
    if table.added and not dry_run:
        yield wrap(safe(f"next: {_next_step(table)}"), width, "  ", "    ")


def _next_step(table: TableReport) -> str:
    """Return the command that shows what came in."""
    if not table.known:
        return "fl list"
    return f"fl score --who {shlex.quote(table.who)}" if table.who else "fl score"


def _table_counts(table: TableReport, width: int) -> Iterable[str]:
    others = {kind: n for kind, n in table.new.items() if kind != "forecast"}
    said = []
    if others:
        new = ", ".join(_entries(n, kind) for kind, n in others.items())
        said.append(f"{'the new ones bring' if 'forecast' in table.new else 'also new:'} {new}")
    if table.repeated:
        said.append(f"{count(table.repeated, 'row')} said again what another says: taken once")
    if table.certain:
        said.append(f"{count(table.certain, 'forecast')} said 0% or 100%")
    if own := table.hindsight - table.hindsight_recorded:
        made = count(own, "forecast")
        first = "line" if own == 1 else "the first on line"
        said.append(
            f"{made} made after the outcome was known ({first} {table.hindsight_line}): kept,"
            " never scored"
        )
    if table.hindsight_recorded:
        said.append(_disqualified(table))
    if table.late:
        said.append(f"{count(table.late, 'forecast')} made after the deadline: kept, not scored")
    if table.claimed:
        were = "outcome was" if table.known == 1 else "outcomes were"
        said.append(
            f"{table.known:,} {were} known before today: {count(table.claimed, 'forecast')}"
            f'{_recorded_before(table)} will be "claimed", scored apart from those this ledger has'
            " witnessed."
        )
    return [wrap(text, width, "  ") for text in said]


def _recorded_before(table: TableReport) -> str:
    """Return how many of the claimed forecasts were recorded before the table."""
    before = table.claimed_recorded
    if not before:
        return ""
    return " recorded before" if before == table.claimed else f" ({before:,} recorded before)"


def _disqualified(table: TableReport) -> str:
    """Return which recorded forecasts the outcomes of a table disqualify."""
    named = table.disqualified[:_MOST_NAMED]
    shown = "; ".join(
        f"{format_probability(one.yes)} by {one.forecaster} on {one.key}, made {_moment(one.made)}"
        for one in named
    )
    left = table.hindsight_recorded - len(named)
    more = f"; and {left:,} more" if left else ""
    were = "was" if table.hindsight_recorded == 1 else "were"
    return (
        f"{count(table.hindsight_recorded, 'forecast')} recorded before {were} made when the"
        f" outcome was known: kept, never scored: {safe(shown)}{more}"
    )


def _moment(made: When) -> str:
    return str(made.day or f"{made.start:%Y-%m-%d %H:%M:%S} UTC")


def _conflict_lines(file: FileReport, width: int) -> Iterable[str]:
    for conflict in file.conflicts:
        text = f"disputed: {conflict.about}: {conflict.difference}. Both are kept, unscored."
        if isinstance(conflict, Dispute):
            text += f" {conflict.way}"
        yield wrap(safe(text), width, "  ", "    ")


def _file_lines(file: FileReport, dry_run: bool, width: int) -> Iterable[str]:  # noqa: FBT001
    yield wrap(safe(file.path), width)
    if file.problems:
        left = "nothing would be imported" if dry_run else "nothing was imported"
        yield f"  {count(len(file.problems), 'fault')}, so {left} of it:"
        for problem in file.problems:
            place = problem.place.removeprefix(file.path).lstrip(" ,:")
            text = f"{place}: {problem.message}" if place else problem.message
            yield wrap(safe(text), width, "    ", "      ")
        return
    new = ", ".join(_entries(n, kind) for kind, n in file.new.items())
    yield wrap(f"{file.added:,} new, {file.already:,} already here", width, "  ")
    if new:
        yield wrap(new, width, "    ")
    yield from _conflict_lines(file, width)
    if file.hindsight:
        made = count(file.hindsight, "forecast")
        yield wrap(
            f"{made} made after the outcome was known: kept, never scored", width, "  ", "    "
        )
    if file.claimed:
        made = count(file.claimed, "forecast")
        text = f"{made} recorded after the outcome was known: claimed, and scored apart"
        yield wrap(text, width, "  ", "    ")
    for notice in file.notices:
        yield wrap(safe(notice), width, "  ", "    ")


def _plural(kind: str) -> str:
    named = {"family": "families", "evidence": "pieces of evidence", "label": "tags"}
    return named.get(kind, f"{kind}s")


def _entries(n: int, kind: str) -> str:
    """Return how many entries of a type, as people call it."""
    return count(n, "tag" if kind == "label" else kind, _plural(kind))


def render_status(status: Status, *, zone: tzinfo) -> str:
    """Return what a database holds and which state it is in."""
    schema = status.revision if status.revision == status.head else (
        f"{status.revision}, this version needs {status.head}"
    )  # fmt: skip
    lines = [
        safe(status.location),
        f"  {status.kind}, schema {schema}",
        f"  {count(status.entries, 'entry', 'entries')}"
        + (
            f", the last recorded {moment_text(status.last_recorded_at, zone)}"
            if status.last_recorded_at
            else ""
        ),
    ]
    rows = (_entries(n, kind).split(" ", 1) for kind, n in status.counts.items())
    lines += columns(rows, ">", indent="    ")
    if status.leaf:
        lines.append(f"  state {status.leaf}")
    if status.verified is not None:
        lines.append(f"  verified: all {status.verified:,} match their digests and leaves")
    return "\n".join(lines)
