"""The use cases of a ledger, and the public API of this package.

>>> from datetime import UTC, datetime
>>> import tempfile
>>> folder = tempfile.TemporaryDirectory()
>>> clock = lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)
>>> with Ledger(f"{folder.name}/ledger.db", clock=clock) as ledger:
...     added = ledger.add("Will it rain?", Answer(yes=350_000_000), who="Mia Jensen")
>>> added.state.key
'rain'
>>> folder.cleanup()
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from forecast_ledger.domain.entries import Answer
from forecast_ledger.domain.moments import When
from forecast_ledger.ledger.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path
    from typing import TextIO

    from forecast_ledger.domain.entries import Evidence, Lexicon, Source
    from forecast_ledger.domain.recorded import Recorded
    from forecast_ledger.domain.words import Meaning
    from forecast_ledger.ledger.articles import Article
    from forecast_ledger.ledger.breakdown import Breakdown
    from forecast_ledger.ledger.calibration import Calibration, Drawing
    from forecast_ledger.ledger.gathering import Filters
    from forecast_ledger.ledger.imported import ImportReport
    from forecast_ledger.ledger.resolving import Resolved
    from forecast_ledger.ledger.scores import Score
    from forecast_ledger.ledger.slips import Undone
    from forecast_ledger.ledger.state import QuestionState
    from forecast_ledger.ledger.table import FlatRow
    from forecast_ledger.ledger.tables_in import Asking, Progress, TableReport
    from forecast_ledger.ledger.transfer import Status
    from forecast_ledger.ledger.views import Claim, Due, Page, Row


class Ledger(Recording):
    """A ledger at a path or database URL. Every method is one transaction.

    `clock` returns the present moment, aware; `notify` is told, in a line each, what takes
    long or was done unasked. Methods that read take `as_of`, and then see what was recorded
    by that moment and take it as now. Errors are those of `forecast_ledger.errors`.

    Recording is loaded at once, because forecasts are typed often; what annotates, rewords,
    resolves, looks, scores and moves is loaded when it is first asked for.
    """

    # -- annotating --------------------------------------------------------------------------

    def note(
        self, key: str, text: str, *, author: str, evidence: Sequence[Evidence] = ()
    ) -> QuestionState:
        """Put a note, and evidence for it, on a question."""
        from forecast_ledger.ledger.annotating import Annotating

        return Annotating.of(self).note(key, text, author=author, evidence=evidence)

    def label(
        self, key: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> QuestionState:
        """Put tags on a question and take tags off it."""
        from forecast_ledger.ledger.annotating import Annotating

        return Annotating.of(self).label(key, add=add, remove=remove)

    def family(
        self, key: str, questions: Sequence[str], *, title: str | None = None
    ) -> tuple[str, tuple[QuestionState, ...]]:
        """Declare that questions turn on one event, beside those already declared."""
        from forecast_ledger.ledger.annotating import Annotating

        return Annotating.of(self).family(key, questions, title=title)

    def source(self, source: Source) -> Recorded[Source]:
        """Record something published, so that statements of it can be quoted."""
        from forecast_ledger.ledger.annotating import Annotating

        return Annotating.of(self).source(source)

    # -- taking back and rewording -----------------------------------------------------------

    def undo(self, *, by: str) -> Undone:
        """Take back the last thing typed that stands, within ten minutes.

        It is kept, and not scored.
        """
        from forecast_ledger.ledger.slips import Slips

        return Slips.of(self).undo(by=by)

    def revise(
        self,
        key: str,
        effect: str,
        *,
        text: str | None = None,
        criteria: str | None = None,
        opens: When | None = None,
        closes: When | None = None,
        due: When | None = None,
        without: Collection[str] = (),
        why: str | None = None,
        coder: str | None = None,
    ) -> tuple[QuestionState, QuestionState]:
        """Record a new wording; return the question as it was and as it is.

        A clarification keeps the forecasts made so far and cannot move the window; a
        replacement ends them. Either settles a dispute between wordings, and then says every
        field in which they differ. `without` names fields the new wording does not have.
        """
        from forecast_ledger.ledger.revising import Revising

        return Revising.of(self).revise(
            key,
            effect,
            text=text,
            criteria=criteria,
            opens=opens,
            closes=closes,
            due=due,
            without=without,
            why=why,
            coder=coder,
        )

    # -- resolving ---------------------------------------------------------------------------

    def resolve(
        self,
        key: str,
        outcome: str,
        *,
        by: str,
        known: When | None = None,
        firmness: str = "direct",
        evidence: Sequence[Evidence] = (),
        against: Sequence[Evidence] = (),
        note: str | None = None,
        why: str | None = None,
    ) -> Resolved:
        """Record an outcome, or correct one, which needs `why`.

        Without `known`: a no on a closed question became known when its deadline passed;
        anything else is known now. How it is known must be said: `evidence` or `note`.
        """
        from forecast_ledger.ledger.resolving import Resolving

        return Resolving.of(self).resolve(
            key,
            outcome,
            by=by,
            known=known,
            firmness=firmness,
            evidence=evidence,
            against=against,
            note=note,
            why=why,
        )

    def reopen(self, key: str, *, by: str, why: str) -> tuple[QuestionState, int]:
        """Take back every resolution of a question; return it and how many are kept."""
        from forecast_ledger.ledger.resolving import Resolving

        return Resolving.of(self).reopen(key, by=by, why=why)

    # -- looking -----------------------------------------------------------------------------

    def show(self, key: str, *, as_of: datetime | None = None) -> Page:
        """Return everything recorded about one question."""
        from forecast_ledger.ledger.views import Views

        return Views.of(self).show(key, as_of=as_of)

    def list(
        self,
        *,
        status: Sequence[str] = (),
        filters: Filters | None = None,
        as_of: datetime | None = None,
    ) -> tuple[Row, ...]:
        """Return the questions chosen, by key, with the forecasts that stand on them."""
        from forecast_ledger.ledger.views import Views

        return Views.of(self).list(status=status, filters=filters, as_of=as_of)

    def due(
        self,
        *,
        within: timedelta = timedelta(days=14),
        stale: timedelta | None = None,
        filters: Filters | None = None,
        as_of: datetime | None = None,
    ) -> Due:
        """Return what is overdue, due `within`, or untouched for `stale` and not due yet."""
        from forecast_ledger.ledger.views import Views

        return Views.of(self).due(within=within, stale=stale, filters=filters, as_of=as_of)

    def statements(
        self, *, source: str | None = None, as_of: datetime | None = None
    ) -> tuple[Claim, ...]:
        """Return the statements read, in the order recorded, with what was made of them."""
        from forecast_ledger.ledger.views import Views

        return Views.of(self).statements(source=source, as_of=as_of)

    def words(
        self, phrase: str | None = None, *, lexicon: str | None = None
    ) -> tuple[tuple[Lexicon, Meaning | None], ...]:
        """Return what a phrase means in each lexicon that has it, or all lexicons."""
        from forecast_ledger.ledger.views import Views

        return Views.of(self).words(phrase, lexicon=lexicon)

    # -- scoring -----------------------------------------------------------------------------

    def scores(self, filters: Filters, *, as_of: datetime | None = None) -> tuple[Score, ...]:
        """Return one score for each forecaster, by name."""
        from forecast_ledger.ledger.scores import Scores

        return Scores.of(self).scores(filters, as_of=as_of)

    def score(self, filters: Filters, *, as_of: datetime | None = None) -> Score:
        """Return the score of everything chosen, pooled if that is several forecasters."""
        from forecast_ledger.ledger.scores import Scores

        return Scores.of(self).score(filters, as_of=as_of)

    def breakdown(
        self, by: str, filters: Filters, *, zone: tzinfo = UTC, as_of: datetime | None = None
    ) -> Breakdown:
        """Return the score of everything chosen by "tag", "month", "family" or "who".

        Months are those of `zone`, in which the outcomes became known.
        """
        from forecast_ledger.ledger.breakdown import Breakdowns

        return Breakdowns.of(self).breakdown(by, filters, zone=zone, as_of=as_of)

    def calibration(
        self,
        filters: Filters,
        drawing: Drawing | None = None,
        *,
        as_of: datetime | None = None,
    ) -> Calibration:
        """Return the calibration of everything chosen, pooled if that is several forecasters."""
        from forecast_ledger.ledger.calibration import Calibrating

        return Calibrating.of(self).calibration(filters, drawing, as_of=as_of)

    def each_forecast(
        self, filters: Filters, *, as_of: datetime | None = None
    ) -> Iterator[FlatRow]:
        """Yield every stretch that a score of these filters is made of, or holds back or apart."""
        from forecast_ledger.ledger.table import Tables

        return Tables.of(self).each_forecast(filters, as_of=as_of)

    def source_named(self, key: str, *, as_of: datetime | None = None) -> Source:
        """Return the source of that key, as it is in force."""
        from forecast_ledger.ledger.articles import Articles

        return Articles.of(self).source_named(key, as_of=as_of)

    def article(
        self, key: str, filters: Filters | None = None, *, as_of: datetime | None = None
    ) -> Article:
        """Return the page of one source. `filters` may give policy, level and `claimed`."""
        from forecast_ledger.ledger.articles import Articles

        return Articles.of(self).article(key, filters, as_of=as_of)

    # -- moving ------------------------------------------------------------------------------

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        dry_run: bool = False,
        texts: Mapping[str | None, str] | None = None,
        tables: Asking | None = None,
        progress: Progress = lambda _: None,
    ) -> ImportReport:
        """Record what files, and the files of folders, hold; each file whole or not at all.

        `texts` are the texts of sources by their keys, for quotes to be checked against;
        under None the text of whatever source a book has. `tables` says how flat tables are to
        be read; they are taken where they are named, never out of a folder.
        """
        from forecast_ledger.ledger.importing import Importing

        return Importing.of(self).import_paths(
            paths, dry_run=dry_run, texts=texts, tables=tables, progress=progress
        )

    def import_csv(
        self,
        path: Path,
        asking: Asking | None = None,
        *,
        dry_run: bool = False,
        progress: Progress = lambda _: None,
    ) -> TableReport:
        """Record the forecasts of a flat table and what it says of their questions.

        A table with faults is reported, not raised, and nothing of it recorded unless `asking`
        says to skip them. `progress` is told what part is done, 0 to 1.
        """
        from forecast_ledger.ledger.tables_in import Asking, TablesIn

        return TablesIn.of(self).import_csv(
            path, asking or Asking(), dry_run=dry_run, progress=progress
        )

    def export_jsonl(self, out: TextIO, *, as_of: datetime | None = None) -> int:
        """Write the whole ledger as JSON Lines, with its log; return how many entries."""
        from forecast_ledger.ledger.transfer import Transfer

        return Transfer.of(self).export_jsonl(out, as_of=as_of)

    def export_book(
        self, keys: Sequence[str], *, zone: tzinfo, as_of: datetime | None = None
    ) -> str:
        """Return chosen questions, and all that belongs to them, as a book."""
        from forecast_ledger.ledger.transfer import Transfer

        return Transfer.of(self).export_book(keys, zone=zone, as_of=as_of)

    def restore(self, path: Path) -> int:
        """Load an export with its log into an empty ledger, as it was; return how many."""
        from forecast_ledger.ledger.transfer import Transfer

        return Transfer.of(self).restore(path)

    def status(self, *, verify: bool = False) -> Status:
        """Return what the database is. `verify` recomputes every digest and every leaf."""
        from forecast_ledger.ledger.transfer import Transfer

        return Transfer.of(self).status(verify=verify)


__all__ = ["Answer", "Ledger", "When"]
