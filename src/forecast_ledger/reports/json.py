"""Results of the ledger as JSON: stable, documented in docs/json-format.md.

Every document is one object with `format` (this version), `kind`, and what the kind holds.
Probabilities are numbers with at most nine decimals, exactly as recorded; scores and other
computed numbers are rounded to twelve. A moment is ISO 8601 text in UTC; a bare date is an
object with `date`, `from` and `until` (half-open). What is absent is null in a result
and left out of an entry. Text is ASCII, other characters escaped, so that nothing in it
reaches a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forecast_ledger.domain.entries import Lexicon
from forecast_ledger.domain.moments import text_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning
from forecast_ledger.errors import UsageError
from forecast_ledger.ledger.articles import Article
from forecast_ledger.ledger.breakdown import Breakdown
from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.imported import FileReport, ImportReport
from forecast_ledger.ledger.recording import Forecasted
from forecast_ledger.ledger.resolving import Resolved
from forecast_ledger.ledger.scores import Score
from forecast_ledger.ledger.slips import Undone
from forecast_ledger.ledger.state import QuestionState
from forecast_ledger.ledger.tables_in import TableReport
from forecast_ledger.ledger.transfer import Status
from forecast_ledger.ledger.views import Claim, Due, Page, Row
from forecast_ledger.reports import json_values as form
from forecast_ledger.reports.json_calibration import calibration_json
from forecast_ledger.reports.json_scores import article_form, breakdown_form, line_form, score_form
from forecast_ledger.reports.json_values import Json

FORMAT = 1
"""Version of the format; it changes when something is renamed or removed."""


def dumps(result: Any, kind: str | None = None, *, pooled: Score | None = None) -> str:
    """Return a result of Ledger as a JSON document, indented, without a last newline.

    `kind` must be named for a tuple, which may be empty: "questions", "statements",
    "scores" or "lexicons"; "revised", "reopened" and "family" for what those use cases
    return; "withdrawn" for a withdrawal. `pooled` goes with "scores".
    Raises UsageError for a result that has no form.
    """
    kind = kind or _KIND_OF.get(type(result))
    if kind is None or kind not in _KINDS:
        raise UsageError(
            f"a {type(result).__name__} has no JSON form of its own. Name its kind:"
            f" {', '.join(sorted(_KINDS))}."
        )
    content = _KINDS[kind](result)
    if kind == "scores":
        content["pooled"] = None if pooled is None else score_form(pooled)
    document = {"format": FORMAT, "kind": kind, **content}
    return json.dumps(document, indent=2, allow_nan=False)


# -- questions ---------------------------------------------------------------------------------


def _question(state: QuestionState) -> Json:
    wording, resolution = state.wording, state.resolution
    return {
        "key": state.key,
        "digest": state.question,
        "kind": state.kind,
        "text": state.text,
        "status": state.status,
        "early": state.is_early,
        "wordings_in_force": [row.digest for row in state.wordings],
        "criteria": wording.criteria if wording else None,
        "opens": form.when(wording.opens) if wording else None,
        "deadline": form.when(wording.closes) if wording else None,
        "due": form.when(state.due_when),
        "written": form.when(wording.written) if wording else None,
        "coder": wording.coder if wording else None,
        "resolutions_in_force": [row.digest for row in state.resolutions],
        "outcome": state.outcome,
        "known": form.when(state.known),
        "firmness": resolution.entry.firmness if resolution else None,
        "tags": list(state.tags),
        "families": list(state.families),
    }


def _state(state: QuestionState) -> Json:
    return {"question": _question(state)}


def _row(row: Row) -> Json:
    return {
        **_question(row.state),
        "forecasts": [form.said(name, recorded) for name, recorded in row.forecasts],
    }


def _rows(rows: Sequence[Row]) -> Json:
    return {"questions": [_row(row) for row in rows]}


def _due(due: Due) -> Json:
    return {
        "now": text_of(due.now),
        "within_seconds": form.seconds(due.within),
        "stale_after_seconds": form.seconds(due.stale_after),
        "overdue": [_row(row) for row in due.overdue],
        "soon": [_row(row) for row in due.soon],
        "stale": [_row(row) for row in due.stale],
    }


def _page(page: Page) -> Json:
    return {
        "as_of": text_of(page.now),
        "question": _question(page.state),
        "entries": [{"state": item.state, **form.recorded(item.recorded)} for item in page.items],
        "related": {digest: form.entry(page.related[digest]) for digest in sorted(page.related)},
        "scores": [line_form(line) for line in page.lines],
        "claimed": [line_form(line) for line in page.claimed],
        "fallen": [
            {"forecast": digest, "reason": reason} for digest, reason in sorted(page.fallen.items())
        ],
        **form.ledger(page.seq, page.leaf),
    }


def _claims(claims: Sequence[Claim]) -> Json:
    return {
        "statements": [
            {
                **form.recorded(claim.statement),
                "source_key": claim.source.key,
                "questions": [
                    {
                        "key": key,
                        "reading": reading.name,
                        "primary": reading.primary,
                        "deadline_from": reading.deadline_from,
                        "status_quo": reading.status_quo,
                    }
                    for key, reading in claim.questions
                ],
            }
            for claim in claims
        ]
    }


# -- what was recorded -------------------------------------------------------------------------


def _forecasted(result: Forecasted) -> Json:
    return {
        "now": text_of(result.now),
        "new": result.new,
        "question": _question(result.state),
        "forecaster": result.forecaster,
        "forecast": form.recorded(result.forecast),
        "previous": form.recorded(result.previous) if result.previous else None,
        "forecasts_by_forecaster": result.count,
        "meaning": _meaning(result.meaning),
    }


def _undone(result: Undone) -> Json:
    return {
        "now": text_of(result.now),
        "undone": [form.recorded(row) for row in result.undone],
        "questions": [_question(state) for state in result.questions],
        "standing": [
            {"key": state.key, "forecast": form.recorded(row)} for state, row in result.standing
        ],
    }


def _resolved(result: Resolved) -> Json:
    return {
        "new": result.new,
        "question": _question(result.state),
        "resolution": form.recorded(result.resolution),
        "corrected": form.recorded(result.corrected) if result.corrected else None,
        "corrections": result.corrections,
        "known_at_deadline": result.at_deadline,
        "disqualified": [form.said(name, row) for name, row in result.disqualified],
    }


def _revised(result: tuple[QuestionState, QuestionState]) -> Json:
    before, after = result
    return {"before": _question(before), "question": _question(after)}


def _reopened(result: tuple[QuestionState, int]) -> Json:
    state, kept = result
    return {"question": _question(state), "resolutions_kept": kept}


def _family(result: tuple[str, Sequence[QuestionState]]) -> Json:
    key, states = result
    return {"key": key, "questions": [_question(state) for state in states]}


def _any_recorded(result: Recorded[Any]) -> Json:
    return {"entry": form.recorded(result)}


# -- words -------------------------------------------------------------------------------------


def _meaning(meaning: Meaning | None) -> Json | None:
    if meaning is None:
        return None
    return {
        "text": meaning.text,
        "lexicon": meaning.lexicon,
        "version": meaning.version,
        "side": meaning.side,
        "phrase": meaning.phrase.phrase,
        "spelling": meaning.spelling,
        "mirrored": meaning.mirrored,
        "low": form.probability(meaning.low),
        "mid": form.probability(meaning.mid),
        "high": form.probability(meaning.high),
    }


def _lexicons(found: Sequence[tuple[Lexicon, Meaning | None]]) -> Json:
    """Return a phrase's meaning in each lexicon, or each lexicon's phrases."""
    return {
        "lexicons": [
            {**form.lexicon(book), "meaning": _meaning(meaning)}
            if meaning
            else {**form.lexicon(book), "phrases": [form.phrase(phrase) for phrase in book.phrases]}
            for book, meaning in found
        ]
    }


# -- imports and databases ---------------------------------------------------------------------


def _file(report: FileReport) -> Json:
    return {
        "path": report.path,
        "new": dict(sorted(report.new.items())),
        "already": report.already,
        "problems": [{"place": p.place, "message": p.message} for p in report.problems],
        "error": None if report.error is None else str(report.error),
        "conflicts": [
            {"about": conflict.about, "difference": conflict.difference}
            for conflict in report.conflicts
        ],
        "notices": list(report.notices),
        "hindsight": report.hindsight,
        "claimed": report.claimed,
        **({"table": _flat_table(report)} if isinstance(report, TableReport) else {}),
    }


def _flat_table(report: TableReport) -> Json:
    return {
        "rows": report.rows,
        "questions": report.questions,
        "forecasts": report.forecasts,
        "resolved": report.resolved,
        "forecasts_already": report.recorded,
        "rows_invalid": report.invalid,
        "rows_left_out": report.left_out,
        "rows_repeated": report.repeated,
        "late": report.late,
        "hindsight_recorded": report.hindsight_recorded,
        "claimed_recorded": report.claimed_recorded,
        "disqualified": [
            {
                "question": one.key,
                "forecaster": one.forecaster,
                "made": form.when(one.made),
                "probability": form.probability(one.yes),
            }
            for one in report.disqualified
        ],
        "certain": report.certain,
        "outcomes_known": report.known,
        "is_skipping": report.skipped,
    }


def _imported(report: ImportReport) -> Json:
    return {"dry_run": report.dry_run, "files": [_file(file) for file in report.files]}


def _status(status: Status) -> Json:
    return {
        "location": status.location,
        "database": status.kind,
        "revision": status.revision,
        "newest_revision": status.head,
        "entries": status.entries,
        "entries_by_type": dict(sorted(status.counts.items())),
        "last_recorded_at": form.moment(status.last_recorded_at),
        "leaf": status.leaf or None,
        "verified_entries": status.verified,
    }


_KINDS: Mapping[str, Callable[[Any], Json]] = {
    "article": article_form,
    "breakdown": breakdown_form,
    "calibration": lambda found: {
        "score": score_form(found.score),
        "calibration": calibration_json(found),
    },
    "due": _due,
    "entry": _any_recorded,
    "family": _family,
    "forecast": _forecasted,
    "imported": _imported,
    "lexicons": _lexicons,
    "page": _page,
    "question": _state,
    "questions": _rows,
    "reopened": _reopened,
    "resolved": _resolved,
    "revised": _revised,
    "score": lambda score: {"score": score_form(score)},
    "scores": lambda scores: {"scores": [score_form(score) for score in scores]},
    "statements": _claims,
    "status": _status,
    "undone": _undone,
    "withdrawn": _forecasted,
}

_KIND_OF: Mapping[type[Any], str] = {
    Article: "article",
    Breakdown: "breakdown",
    Calibration: "calibration",
    Due: "due",
    Forecasted: "forecast",
    ImportReport: "imported",
    Page: "page",
    QuestionState: "question",
    Recorded: "entry",
    Resolved: "resolved",
    Score: "score",
    Status: "status",
    Undone: "undone",
}
