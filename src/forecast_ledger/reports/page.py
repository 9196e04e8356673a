"""One question whole, for a reader who will check every word: both clocks on everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from forecast_ledger.domain.days import describe, zone_label
from forecast_ledger.domain.entries import (
    CLARIFY,
    Counterpart,
    Entry,
    Evidence,
    Forecast,
    Forecaster,
    Lexicon,
    Note,
    Question,
    Reading,
    Resolution,
    Retraction,
    Revision,
    Source,
    Statement,
    Withdrawal,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import fold, says_not
from forecast_ledger.ledger.coded import is_after
from forecast_ledger.ledger.gathering import ENDED, UNREAD
from forecast_ledger.ledger.scores import Line
from forecast_ledger.ledger.state import DISPUTED, OPEN, OVERDUE, RESOLVED
from forecast_ledger.ledger.views import Item, Page
from forecast_ledger.reports.listing import line_score, range_text
from forecast_ledger.reports.sentences import joined, prose, sides, table
from forecast_ledger.reports.terminal import WIDTH, days, moment_text, percent, rule, when_text


def render_page(page: Page, *, zone: tzinfo, width: int = WIDTH) -> str:
    """Return all that is recorded about one question, corrected and withdrawn things included."""
    drawing = _Drawing(page, zone, width)
    parts = [
        drawing.head(),
        drawing.wordings(),
        drawing.forecasts(),
        drawing.outcomes(),
        drawing.counterparts(),
        drawing.notes(),
        drawing.scores(),
        [f"ledger {page.leaf[:8] or 'empty'}, {page.seq:,} entries"],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


class _Drawing:
    """A page being drawn: what every part of it needs at hand."""

    def __init__(self, page: Page, zone: tzinfo, width: int) -> None:
        self._page = page
        self._zone = zone
        self._width = width
        self._known = page.state.known
        self._retractions: dict[Digest, Recorded[Retraction]] = {
            item.recorded.entry.target: item.recorded for item in page.of("retraction")
        }
        self._successors: dict[Digest, Recorded[Entry]] = {
            replaced: item.recorded
            for item in page.items
            for replaced in item.recorded.entry.replaces
        }

    # -- small things ----------------------------------------------------------------------

    def _at(self, moment: datetime) -> str:
        return moment_text(moment, self._zone)

    def _when(self, when: When) -> str:
        return when_text(when, self._zone)

    def _text(self, text: str, indent: str) -> list[str]:
        return prose(text, self._width, indent).split("\n")

    def _field(self, name: str, text: str, indent: str = "    ") -> list[str]:
        head = f"{indent}{name:<9} "
        hang = " " * len(head)
        first, *more = text.split("\n")
        lines = prose(first, self._width, head, hang).split("\n")
        return [*lines, *(prose(line, self._width, hang) for line in more)]

    def _named(self, digest: Digest) -> str:
        entry = self._page.related.get(digest)
        return entry.name if isinstance(entry, Forecaster) else "?"

    def _fate(self, item: Item, indent: str = "    ") -> list[str]:
        """Return what became of an entry that is not in force, with the clock of that."""
        entry = item.recorded
        if item.state == "in force":
            return []
        if retraction := self._retractions.get(entry.digest):
            return self._retracted(retraction, indent)
        after = self._successors.get(entry.digest)
        if after is None:
            return self._field("REPLACED", "by a later entry", indent)
        said = f"by an entry recorded {self._at(after.recorded_at)}"
        return self._field("REPLACED", _because(said, after.entry.why), indent)

    def _retracted(self, retraction: Recorded[Retraction], indent: str) -> list[str]:
        how = "taken back as a slip" if retraction.entry.slip else "taken back"
        said = f"{how} by {retraction.entry.by}, recorded {self._at(retraction.recorded_at)}"
        return self._field("RETRACTED", _because(said, retraction.entry.why), indent)

    # -- parts -----------------------------------------------------------------------------

    def head(self) -> list[str]:
        """Return the question, its key, status, family and tags."""
        page, state = self._page, self._page.state
        lines = [
            prose(state.text or state.key, self._width),
            *sides(state.key, f"as of {self._at(page.now)}", self._width),
            rule(self._width),
            prose(self._status(), self._width),
        ]
        titles = {
            item.recorded.entry.key: item.recorded.entry.title
            for item in page.of("family")
            if item.state == "in force"
        }
        for key in state.families:
            title = f": {titles[key]}" if titles.get(key) else ""
            lines.append(prose(f"family {key}{title}", self._width))
        if state.tags:
            lines.append(prose(f"tags {', '.join(state.tags)}", self._width))
        lines.append(
            prose(
                "Every entry has two clocks: the moment it speaks of, and the moment it was"
                f" recorded here. Times are those of {zone_label(self._zone)}.",
                self._width,
            )
        )
        return lines

    def _status(self) -> str:
        state = self._page.state
        if state.status == DISPUTED:
            what = "wordings" if len(state.wordings) > 1 else "resolutions"
            number = len(state.wordings if what == "wordings" else state.resolutions)
            return (
                f"Disputed: {number} {what} are in force. It is not scored until an entry"
                " replaces them."
            )
        if state.status == OPEN:
            left = (
                f", due in {days(state.due - state.now)}" if state.due else ", without a deadline"
            )
            return f"Open{left}."
        if state.status == OVERDUE and state.due:
            return f"Open, and overdue for {days(state.now - state.due)}."
        known = f", known {self._when(state.known)}" if state.known else ""
        if state.status != RESOLVED:
            return f"{state.status.capitalize()}{known}: not scored."
        firmness = state.resolution.entry.firmness if state.resolution else ""
        early = ", before its deadline" if state.is_early else ""
        return f"Resolved {state.outcome} ({firmness}){known}{early}."

    def wordings(self) -> list[str]:
        """Return every wording, with its criteria and the date each was written."""
        lines = ["WORDING"]
        items = [*self._page.of("question"), *self._page.of("revision")]
        for item in items:
            entry: Question | Revision = item.recorded.entry
            lines += self._wording(item, entry.wording)
            if isinstance(entry, Revision):
                kept = "carry over" if entry.effect == CLARIFY else "end"
                lines += self._field("effect", f"{entry.effect}: the forecasts made before {kept}")
            if entry.why:
                lines += self._field("why", entry.why)
        return lines

    def _wording(self, item: Item, wording: Wording) -> list[str]:
        by = f" by {wording.coder}" if wording.coder else ""
        late = ", after the outcome was known" if is_after(wording.written, self._known) else ""
        lines = self._text(
            f"written {self._when(wording.written)}{by}{late};"
            f" recorded {self._at(item.recorded.recorded_at)}",
            "  ",
        )
        lines += [*self._fate(item), *self._field("question", wording.text)]
        for name, when, side in (
            ("opens", wording.opens, "start"),
            ("deadline", wording.closes, "end"),
            ("due", wording.due, "end"),
        ):
            if when:
                lines += self._field(name, describe(when, self._zone, side=side))  # type: ignore[arg-type]
        if not wording.closes:
            lines += self._field("deadline", "none")
        return [*lines, *self._field("criteria", wording.criteria or "none")]

    def forecasts(self) -> list[str]:
        """Return every forecast and withdrawal, by forecaster, in the order of the log."""
        by_name: dict[str, list[Item]] = {}
        for item in self._page.items:
            if isinstance(item.recorded.entry, Forecast | Withdrawal):
                entry = item.recorded.entry
                by_name.setdefault(self._named(entry.forecaster), []).append(item)
        if not by_name:
            return ["FORECASTS", "  none"]
        lines = ["FORECASTS"]
        for name, items in by_name.items():
            for item in items:
                entry = item.recorded.entry
                if isinstance(entry, Withdrawal):
                    lines += self._withdrawal(item, entry, name)
                else:
                    lines += self._forecast(item, entry, name)
        return lines

    def _withdrawal(self, item: Item, entry: Withdrawal, name: str) -> list[str]:
        lines = self._text(
            f"{name}: withdrawn from {self._when(entry.made)} on;"
            f" recorded {self._at(item.recorded.recorded_at)}",
            "  ",
        )
        return [*lines, *self._fate(item), *(self._field("why", entry.why) if entry.why else [])]

    def _forecast(self, item: Item, entry: Forecast, name: str) -> list[str]:
        answer = entry.answer
        read = entry.words is not None or entry.coder is not None
        by = f", as read by {entry.coder}" if entry.coder else ""
        by = by or (", as read from words" if read else "")
        lines = self._text(
            f"{name}{by}: {format_probability(answer.yes)} yes, said {self._when(entry.made)};"
            f" recorded {self._at(item.recorded.recorded_at)}",
            "  ",
        )
        lines += self._fate(item)
        if answer.low is not None and answer.high is not None:
            ends = f"{format_probability(answer.low)} to {format_probability(answer.high)}"
            lines += self._field("range", f"{ends} yes")
        if entry.words:
            lines += self._words(entry, item.recorded.digest)
        for reading in self._page.of("reading"):
            if reading.recorded.entry.forecast == item.recorded.digest:
                lines += self._reading(reading)
        if entry.coder:
            lines += self._field("read by", self._coder(entry))
        if self._known and is_hindsight(entry.made, self._known):
            lines += self._field("unscored", "made after the outcome was known: never scored")
        if (why := self._page.fallen.get(item.recorded.digest)) and item.state == "in force":
            lines += self._field("unscored", _FALLEN[why])
        if entry.record:
            lines += self._evidence("record", [entry.record])
        if entry.why:
            lines += self._field("why", entry.why)
        return lines

    def _words(self, entry: Forecast, digest: Digest) -> list[str]:
        words = entry.words
        if words is None:
            return []
        lexicon = self._page.related.get(words.lexicon)
        named = f"{lexicon.key} {lexicon.version}" if isinstance(lexicon, Lexicon) else "a lexicon"
        side = ", which says no," if says_not(words.phrase) else f" said of {words.side},"
        quotes = [
            statement.quote
            for reading in self._page.of("reading")
            if reading.recorded.entry.forecast == digest
            and isinstance(
                statement := self._page.related.get(reading.recorded.entry.statement), Statement
            )
        ]
        quoted = not quotes or any(fold(words.phrase) in fold(quote) for quote in quotes)
        name = "words" if quoted else "taken as"
        return self._field(name, f'"{words.phrase}"{side} by {named}')

    def _reading(self, item: Item) -> list[str]:
        reading: Reading = item.recorded.entry
        statement = self._page.related.get(reading.statement)
        lines = []
        if isinstance(statement, Statement):
            source = self._page.related.get(statement.source)
            lines += self._field("quote", f'"{statement.quote}"')
            if isinstance(source, Source):
                lines += self._field("", f"{self._source(source)}; {statement.place}")
                lines += self._field("", source.url) if source.url else []
        if retraction := self._retractions.get(reading.statement):
            lines += self._retracted(retraction, "    ")
        if reading.name:
            lines += self._field("reading", reading.name)
        if not reading.primary:
            lines += self._field(
                "unscored", "another reading of the same words: shown, never scored"
            )
        if reading.deadline_from:
            lines += self._field("deadline", f"from {_DEADLINES[reading.deadline_from]}")
        return [*lines, *self._fate(item)]

    def _source(self, source: Source) -> str:
        inferred = " (date inferred)" if source.inferred else ""
        parts = [source.author, f'"{source.title}"', source.publisher]
        return ", ".join([*filter(None, parts), f"{self._when(source.published)}{inferred}"])

    def _coder(self, entry: Forecast) -> str:
        written = self._written_for(entry)
        late = []
        if written and is_after(written.written, self._known):
            late.append("criteria")
        if is_after(entry.coded, self._known):
            late.append("reading")
        on = f" on {self._when(entry.coded)}" if entry.coded else ""
        if not late:
            return f"{entry.coder}{on}"
        were = "was" if late == ["reading"] else "were"
        said = f"{' and '.join(late)} {were} written after the outcome was known"
        return f"{entry.coder}{on}. Not blind: {said}"

    def _written_for(self, entry: Forecast) -> Wording | None:
        asked = self._page.related.get(entry.revision or entry.question)
        return asked.wording if isinstance(asked, Question | Revision) else None

    def outcomes(self) -> list[str]:
        """Return every resolution, with evidence for and against it."""
        items = self._page.of("resolution")
        if not items:
            return ["OUTCOME", "  none recorded yet"]
        lines = ["OUTCOME"]
        for item in items:
            entry: Resolution = item.recorded.entry
            lines += self._text(
                f"{entry.outcome}, known {self._when(entry.known)};"
                f" recorded {self._at(item.recorded.recorded_at)}",
                "  ",
            )
            lines += self._fate(item)
            lines += self._field("by", f"{entry.resolver}, {_FIRMNESS[entry.firmness]}")
            if entry.why:
                lines += self._field("why", entry.why)
            if entry.note:
                lines += self._field("note", entry.note)
            lines += self._evidence("for it", entry.evidence) or self._field(
                "for it", "the note" if entry.note else "nothing on file"
            )
            against = self._evidence("against", entry.against)
            lines += against or self._field("against", "nothing on file")
        return lines

    def _evidence(self, name: str, digests: Sequence[Digest]) -> list[str]:
        lines = []
        for digest in digests:
            entry = self._page.related.get(digest)
            if not isinstance(entry, Evidence):
                continue
            when = self._when(entry.published) if entry.published else None
            about = ", ".join(filter(None, [entry.title, entry.publisher, when]))
            quote = f'"{entry.quote}"' if entry.quote else None
            digest_line = f"SHA-256 {entry.sha256}" if entry.sha256 else None
            for text in filter(None, [about, entry.says, quote, entry.url, digest_line]):
                lines += self._field(name, text)
                name = ""
            name = "and"
        return lines

    def counterparts(self) -> list[str]:
        """Return the questions others asked that are the same, or nearly."""
        lines = []
        for item in self._page.of("counterpart"):
            entry: Counterpart = item.recorded.entry
            mine = entry.question in self._page.state.entries
            other = self._page.related.get(entry.other if mine else entry.question)
            if isinstance(other, Question):
                near = f"near: {entry.difference}" if entry.difference else entry.closeness
                lines += self._text(f"{other.key}, {other.wording.text} ({near})", "  ")
                lines += self._text(f"recorded {self._at(item.recorded.recorded_at)}", "    ")
                lines += self._fate(item)
        return ["ASKED ELSEWHERE", *lines] if lines else []

    def notes(self) -> list[str]:
        """Return the notes on the question or any entry about it."""
        lines = []
        for item in self._page.of("note"):
            entry: Note = item.recorded.entry
            target = self._page.related.get(entry.target)
            on = f"on the {target.TYPE}" if target else "on an entry"
            lines += self._text(
                f"{entry.author}, {on}; recorded {self._at(item.recorded.recorded_at)}", "  "
            )
            lines += [*self._fate(item), *self._text(entry.text, "    ")]
            lines += self._evidence("evidence", entry.evidence)
        return ["NOTES", *lines] if lines else []

    def scores(self) -> list[str]:
        """Return each forecaster's score on this question, claimed ones apart."""
        page = self._page
        if not page.lines and not page.claimed:
            return []
        lines = []
        if page.lines:
            held = ", held back until the deadline passes" if page.state.is_early else ""
            lines += [f"SCORES{held}", *self._lines(page.lines)]
        if page.claimed:
            lines += [
                "CLAIMED: recorded after the outcome was known, scored apart",
                *self._lines(page.claimed),
            ]
        lines.append("  Brier, weighted by time: 0 is perfect, 0.25 always saying 50%, 1 the worst")
        return lines

    def _as_read(self, name: str) -> str:
        """Return who read a forecaster's numbers here, as an ending of the name."""
        said = [
            item.recorded.entry
            for item in self._page.of("forecast")
            if item.state == "in force" and self._named(item.recorded.entry.forecaster) == name
        ]
        coders = sorted({entry.coder for entry in said if entry.coder})
        part = "" if all(entry.coder for entry in said) else "in part "
        return f", {part}as read by {joined(coders)}" if coders else ""

    def _lines(self, scored: Sequence[Line]) -> list[str]:
        words = any(line.low < line.high for line in scored)
        heads = ["forecaster (grade)", "said", "Brier", "covered"]
        if words:
            heads[2:3] = ["range", "Brier", "by words"]
        rows = []
        for line in scored:
            figures = [percent(line.probability), line_score(line.score)]
            if words:
                ends = f"{line_score(line.best)}-{line_score(line.worst)}"
                figures[1:1] = [range_text(line)]
                figures.append(ends if line.low < line.high else "")
            figures.append("" if line.coverage is None else percent(line.coverage))
            who = f"{line.forecaster}{self._as_read(line.forecaster)}"
            rows.append((f"{who} ({', '.join(line.grades)})", figures))
        return table(heads, rows, self._width)


_DEADLINES = {
    "words": "the author's own words",
    "paragraph": "the paragraph it stands in",
    "reader": "the reader",
}
_FALLEN = {
    ENDED: "on a wording that was replaced",
    UNREAD: "read out of a statement that was taken back",
}
_FIRMNESS = {"direct": "directly", "inferred": "by inference", "contested": "contested"}


def _because(said: str, why: str | None) -> str:
    return f"{said}: {why}" if why else said
