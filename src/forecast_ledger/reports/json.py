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
from datetime import datetime, timedelta
from typing import Any

from forecast_ledger.domain.entries import Entry, Forecast, Lexicon
from forecast_ledger.domain.fields import Role, fields_of
from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning, Phrase
from forecast_ledger.errors import UsageError
from forecast_ledger.ledger.articles import Article, Pair, Read
from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.coded import Coded
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.recording import Forecasted
from forecast_ledger.ledger.resolving import Resolved
from forecast_ledger.ledger.scores import Left, Line, Score, Tally
from forecast_ledger.ledger.slips import Undone
from forecast_ledger.ledger.state import QuestionState
from forecast_ledger.ledger.transfer import FileReport, ImportReport, Status
from forecast_ledger.ledger.views import Claim, Due, Page, Row
from forecast_ledger.reports.json_calibration import calibration_json

FORMAT = 1
"""Version of the format; it changes when something is renamed or removed."""

Json = dict[str, Any]


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
        content["pooled"] = None if pooled is None else _score(pooled)
    document = {"format": FORMAT, "kind": kind, **content}
    return json.dumps(document, indent=2, allow_nan=False)


# -- numbers and moments ---------------------------------------------------------------------


def _probability(parts: int | None) -> float | None:
    # The nearest double to a multiple of 10⁻⁹ prints as that multiple, at most nine decimals.
    return None if parts is None else parts / WHOLE


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 12)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else text_of(moment)


def _when(when: When | None) -> str | Json | None:
    if when is None or when.day is None:
        return _moment(when.start) if when else None
    return {
        "date": when.day.isoformat(),
        "from": text_of(when.start),
        "until": text_of(when.end),
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


# -- entries ---------------------------------------------------------------------------------


def _entry(entry: Entry) -> Json:
    return {"type": entry.TYPE, **_fields(entry)}


def _fields(value: Any) -> Json:
    """Return the fields of an entry by what each means, absent ones left out."""
    form: Json = {}
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None or content == ():
            continue
        form[field.name] = _FORMS.get(field.role, _as_it_is)(content)
    return form


def _as_it_is(content: Any) -> Any:
    return content


def _phrase(phrase: Phrase) -> Json:
    return {
        "phrase": phrase.phrase,
        "low": _probability(phrase.low),
        "mid": _probability(phrase.mid),
        "high": _probability(phrase.high),
        "synonyms": list(phrase.synonyms),
    }


_FORMS: dict[Role, Callable[[Any], Any]] = {
    Role.WHEN: _when,
    Role.PARTS: _probability,
    Role.RECORD: _fields,
    Role.REFERENCES: list,
    Role.ROWS: lambda rows: [_phrase(row) for row in rows],
}


def _recorded(recorded: Recorded[Any]) -> Json:
    return {
        "digest": recorded.digest,
        "seq": recorded.seq,
        "recorded_at": text_of(recorded.recorded_at),
        **_entry(recorded.entry),
    }


def _said(name: str, recorded: Recorded[Forecast]) -> Json:
    return {"forecaster": name, "forecast": _recorded(recorded)}


# -- questions -------------------------------------------------------------------------------


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
        "opens": _when(wording.opens) if wording else None,
        "deadline": _when(wording.closes) if wording else None,
        "due": _when(state.due_when),
        "written": _when(wording.written) if wording else None,
        "coder": wording.coder if wording else None,
        "resolutions_in_force": [row.digest for row in state.resolutions],
        "outcome": state.outcome,
        "known": _when(state.known),
        "firmness": resolution.entry.firmness if resolution else None,
        "tags": list(state.tags),
        "families": list(state.families),
    }


def _state(state: QuestionState) -> Json:
    return {"question": _question(state)}


def _row(row: Row) -> Json:
    return {
        **_question(row.state),
        "forecasts": [_said(name, recorded) for name, recorded in row.forecasts],
    }


def _rows(rows: Sequence[Row]) -> Json:
    return {"questions": [_row(row) for row in rows]}


def _due(due: Due) -> Json:
    return {
        "now": text_of(due.now),
        "within_seconds": _seconds(due.within),
        "stale_after_seconds": _seconds(due.stale_after),
        "overdue": [_row(row) for row in due.overdue],
        "soon": [_row(row) for row in due.soon],
        "stale": [_row(row) for row in due.stale],
    }


def _page(page: Page) -> Json:
    return {
        "as_of": text_of(page.now),
        "question": _question(page.state),
        "entries": [{"state": item.state, **_recorded(item.recorded)} for item in page.items],
        "related": {digest: _entry(page.related[digest]) for digest in sorted(page.related)},
        "scores": [_line(line) for line in page.lines],
        "claimed": [_line(line) for line in page.claimed],
        "fallen": [
            {"forecast": digest, "reason": reason} for digest, reason in sorted(page.fallen.items())
        ],
        **_ledger(page.seq, page.leaf),
    }


def _ledger(seq: int, leaf: str) -> Json:
    return {"ledger": {"entries": seq, "leaf": leaf or None}}


def _claims(claims: Sequence[Claim]) -> Json:
    return {
        "statements": [
            {
                **_recorded(claim.statement),
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


# -- what was recorded -----------------------------------------------------------------------


def _forecasted(result: Forecasted) -> Json:
    return {
        "now": text_of(result.now),
        "new": result.new,
        "question": _question(result.state),
        "forecaster": result.forecaster,
        "forecast": _recorded(result.forecast),
        "previous": _recorded(result.previous) if result.previous else None,
        "forecasts_by_forecaster": result.count,
        "meaning": _meaning(result.meaning),
    }


def _undone(result: Undone) -> Json:
    return {
        "now": text_of(result.now),
        "undone": [_recorded(row) for row in result.undone],
        "questions": [_question(state) for state in result.questions],
        "standing": [
            {"key": state.key, "forecast": _recorded(row)} for state, row in result.standing
        ],
    }


def _resolved(result: Resolved) -> Json:
    return {
        "new": result.new,
        "question": _question(result.state),
        "resolution": _recorded(result.resolution),
        "corrected": _recorded(result.corrected) if result.corrected else None,
        "corrections": result.corrections,
        "known_at_deadline": result.at_deadline,
        "disqualified": [_said(name, row) for name, row in result.disqualified],
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
    return {"entry": _recorded(result)}


# -- scores ----------------------------------------------------------------------------------


def _line(line: Line) -> Json:
    return {
        "key": line.key,
        "text": line.text,
        "forecaster": line.forecaster,
        "outcome": line.outcome,
        "known": _when(line.known),
        "firmness": line.firmness or None,
        "probability": _number(line.probability),
        "low": _number(line.low),
        "high": _number(line.high),
        "brier": _number(line.score),
        "brier_least": _number(line.best),
        "brier_largest": _number(line.worst),
        "expected": _number(line.expected),
        "forecasts": line.forecasts,
        "seconds": line.seconds,
        "coverage": _number(line.coverage),
        "families": list(line.families),
        "grades": list(line.grades),
    }


def _tally(tally: Tally | None) -> Json | None:
    if tally is None:
        return None
    interval = tally.interval
    return {
        "questions": tally.questions,
        "forecasts": tally.forecasts,
        "families": tally.families,
        "yes": tally.yes,
        "misses": _number(tally.misses),
        "hits": _number(tally.hits),
        "brier": _number(tally.score),
        "brier_range": [_number(tally.best), _number(tally.worst)],
        "expected": _number(tally.expected),
        "expected_range": [_number(end) for end in tally.expected_range or ()] or None,
        "expected_exact": tally.exact,
        "interval": [_number(end) for end in interval] if interval else None,
        "no_miss_probability": _number(tally.all_right),
        "coverage": _number(tally.coverage),
        "confidence": _number(tally.confidence),
        "hit_rate": _number(tally.hit_rate),
        "expected_hits": _number(tally.expected_hits),
        "expected_hits_range": (
            None if tally.hits_low is None else [_number(tally.hits_low), _number(tally.hits_high)]
        ),
    }


def _left(left: Left) -> Json:
    return {
        "questions": dict(left.questions),
        "forecasts": dict(left.forecasts),
        "early_yes": left.early_yes,
        "early_no": left.early_no,
        "brier_with_early": _number(left.with_early),
    }


def _filters(filters: Filters) -> Json:
    return {
        "who": list(filters.who),
        "sources": list(filters.sources),
        "tags": list(filters.tags),
        "families": list(filters.families),
        "known_since": _when(filters.known_since),
        "known_until": _when(filters.known_until),
        "policy": filters.policy,
        "claimed": filters.claimed,
        "level": filters.level,
    }


def _coded(coded: Coded) -> Json:
    return {
        "forecasts_counted": coded.forecasts,
        "forecasts_coded": coded.coded,
        "coders": list(coded.coders),
        "on": [_when(when) for when in coded.on],
        "outcomes_coded": coded.outcomes,
        "not_blind": coded.not_blind,
    }


def _score(score: Score) -> Json:
    return {
        "forecaster": score.subject or None,
        "is_pooled": score.pooled,
        "coded": _coded(score.coded),
        "as_of": text_of(score.as_of),
        "about": score.about,
        "filters": _filters(score.filters),
        "total": _tally(score.tally),
        "claimed": _tally(score.claimed),
        "left_out": _left(score.left),
        "grades": dict(score.grades),
        "lines": [_line(line) for line in score.lines],
        "questions_in_ledger": score.total_questions,
        **_ledger(score.seq, score.leaf),
    }


def _scores(scores: Sequence[Score]) -> Json:
    return {"scores": [_score(score) for score in scores]}


# -- one article -----------------------------------------------------------------------------


def _read(item: Read) -> Json:
    return {
        "key": item.state.key,
        "text": item.state.text,
        "status": item.state.status,
        "outcome": item.state.outcome,
        "due": _when(item.state.due_when),
        "forecast": _recorded(item.forecast),
        "reading": _entry(item.reading),
        "statement": _entry(item.statement),
        "score": _line(item.line) if item.line else None,
        "mean_brier_with_it": _number(item.with_it),
        "taken_back": item.taken_back,
    }


def _pair(pair: Pair) -> Json:
    return {
        "key": pair.state.key,
        "primary": pair.primary,
        "probability": _number(pair.author),
        "outcome": pair.state.outcome,
        "platform": pair.platform,
        "platform_key": pair.other.key,
        "platform_probability": _number(pair.probability),
        "platform_outcome": pair.other.outcome,
        "asked": _when(pair.asked),
        "lag_days": pair.lag,
        "closeness": pair.closeness,
        "difference": pair.difference,
    }


def _article(article: Article) -> Json:
    return {
        "source": _entry(article.source),
        "corrected": article.corrected,
        "score": _score(article.score),
        "statements": article.statements,
        "made_into_questions": article.made_into_questions,
        "refused": dict(article.refused),
        "in_words": article.in_words,
        "given_as_numbers": article.given,
        "coders": list(article.coders),
        "coded": [_when(when) for when in article.coded],
        "not_blind": article.not_blind,
        "deadline_from": dict(sorted(article.deadline_from.items())),
        "status_quo": article.status_quo,
        "statuses": dict(sorted(article.statuses.items())),
        "firmness": dict(sorted(article.firmness.items())),
        "primary": [_read(item) for item in article.primary],
        "other_readings": [_read(item) for item in article.others],
        "platforms": [_pair(pair) for pair in article.pairs],
        "platforms_too_late_days": list(article.too_late),
        "against": [
            {
                "key": case.state.key,
                "outcome": case.state.outcome,
                "evidence": [_entry(evidence) for evidence in case.evidence],
            }
            for case in article.against
        ],
        "lexicons": [_named(lexicon) for lexicon in article.lexicons],
        "recorded_after_outcome": article.after_outcome,
        "largest_family": article.largest_family,
        "largest_family_title": article.largest_family_title,
    }


# -- words -----------------------------------------------------------------------------------


def _named(lexicon: Lexicon) -> Json:
    return {
        "key": lexicon.key,
        "version": lexicon.version,
        "title": lexicon.title,
        "citation": lexicon.citation,
    }


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
        "low": _probability(meaning.low),
        "mid": _probability(meaning.mid),
        "high": _probability(meaning.high),
    }


def _lexicons(found: Sequence[tuple[Lexicon, Meaning | None]]) -> Json:
    """Return a phrase's meaning in each lexicon, or each lexicon's phrases."""
    return {
        "lexicons": [
            {**_named(book), "meaning": _meaning(meaning)}
            if meaning
            else {**_named(book), "phrases": [_phrase(phrase) for phrase in book.phrases]}
            for book, meaning in found
        ]
    }


# -- imports and databases -------------------------------------------------------------------


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
        "last_recorded_at": _moment(status.last_recorded_at),
        "leaf": status.leaf or None,
        "verified_entries": status.verified,
    }


_KINDS: Mapping[str, Callable[[Any], Json]] = {
    "article": _article,
    "calibration": lambda found: {
        "score": _score(found.score),
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
    "score": lambda score: {"score": _score(score)},
    "scores": _scores,
    "statements": _claims,
    "status": _status,
    "undone": _undone,
    "withdrawn": _forecasted,
}

_KIND_OF: Mapping[type[Any], str] = {
    Article: "article",
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
