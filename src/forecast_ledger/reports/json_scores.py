"""Scores and an article's page as JSON: by any rule, and of the Brier score by its own name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_ledger.domain.moments import text_of
from forecast_ledger.ledger.articles import Article, Pair, Read
from forecast_ledger.ledger.breakdown import Breakdown, Part
from forecast_ledger.ledger.coded import Coded
from forecast_ledger.ledger.crowd import Company
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.scores import Left, Line, Score, Tally, rule_of
from forecast_ledger.reports import json_values as form
from forecast_ledger.reports.json_values import Json
from forecast_ledger.reports.mean import is_expected_bent

if TYPE_CHECKING:
    from forecast_ledger.scoring.scheduled import Scheduled


def line_form(line: Line, filters: Filters | None = None) -> Json:
    """Return one forecaster's score on one question, by the rule that `filters` ask for."""
    return {
        "key": line.key,
        "text": line.text,
        "forecaster": line.forecaster,
        "outcome": line.outcome,
        "known": form.when(line.known),
        "firmness": line.firmness or None,
        "probability": form.number(line.probability),
        "low": form.number(line.low),
        "high": form.number(line.high),
        **_brier(filters, brier=line.score, brier_least=line.best, brier_largest=line.worst),
        "score": form.number(line.score),
        "score_best": form.number(line.best),
        "score_worst": form.number(line.worst),
        "expected": form.number(line.expected),
        "forecasts": line.forecasts,
        "seconds": line.seconds,
        "coverage": form.number(line.coverage),
        "families": list(line.families),
        "grades": list(line.grades),
    }


def _brier(filters: Filters | None, **values: float | None) -> Json:
    """Return Brier scores of 0 to 1; null where the rule or the scale is another."""
    plain = _is_brier(filters or Filters())
    return {name: form.number(value) if plain else None for name, value in values.items()}


def _is_brier(filters: Filters) -> bool:
    return filters.rule == "brier" and filters.brier_scale == 1


def _tally(tally: Tally | None, filters: Filters) -> Json | None:
    if tally is None:
        return None
    interval, sure = tally.interval, tally.sure
    return {
        "questions": tally.questions,
        "forecasts": tally.forecasts,
        "families": tally.families,
        "yes": tally.yes,
        "misses": form.number(tally.misses),
        "hits": form.number(tally.hits),
        **_brier(filters, brier=tally.score),
        "brier_range": (
            [form.number(tally.best), form.number(tally.worst)] if _is_brier(filters) else None
        ),
        "score": form.number(tally.score),
        "score_range": [form.number(tally.best), form.number(tally.worst)],
        "infinite_scores": tally.impossible,
        "score_of_the_others": form.number(tally.possible),
        "expected": form.number(tally.expected),
        "expected_range": [form.number(end) for end in tally.expected_range or ()] or None,
        "expected_exact": tally.exact,
        "answers_bend_expected": is_expected_bent(tally, filters.policy),
        "by_scheduled_time": _scheduled(tally.scheduled) if tally.scheduled else None,
        "interval": [form.number(end) for end in interval] if interval else None,
        "no_miss_probability": form.number(tally.all_right),
        "coverage": form.number(tally.coverage),
        "confidence": form.number(sure.confidence if sure else None),
        "hit_rate": form.number(sure.hit_rate if sure else None),
        "expected_hits": form.number(sure.expected_hits if sure else None),
        "expected_hits_range": [form.number(sure.low), form.number(sure.high)] if sure else None,
    }


def _left(left: Left, filters: Filters) -> Json:
    return {
        "questions": dict(left.questions),
        "forecasts": dict(left.forecasts),
        "early_yes": left.early_yes,
        "early_no": left.early_no,
        **_brier(filters, brier_with_early=left.with_early),
        "score_with_early": form.number(left.with_early),
    }


def _filters(filters: Filters) -> Json:
    return {
        "who": list(filters.who),
        "sources": list(filters.sources),
        "tags": list(filters.tags),
        "families": list(filters.families),
        "known_since": form.when(filters.known_since),
        "known_until": form.when(filters.known_until),
        "policy": filters.policy,
        "rule": filters.rule,
        "brier_scale": filters.brier_scale,
        "log_floor": form.probability(filters.log_floor or None),
        "claimed": filters.claimed,
        "level": filters.level,
    }


def _coded(coded: Coded) -> Json:
    return {
        "forecasts_counted": coded.forecasts,
        "forecasts_coded": coded.coded,
        "coders": list(coded.coders),
        "on": [form.when(when) for when in coded.on],
        "outcomes_coded": coded.outcomes,
        "not_blind": coded.not_blind,
    }


def _rule(filters: Filters) -> Json:
    rule = rule_of(filters)
    return {
        "name": rule.name,
        "title": rule.title,
        "formula": rule.formula,
        "better": rule.better,
        "range": [form.number(rule.low), form.number(rule.high)],
        "unit": rule.unit,
        "source": rule.source,
    }


def _company(company: Company | None) -> Json | None:
    if company is None:
        return None
    return {
        "alone": company.alone,
        "sum": form.number(company.total),
        "coverage_sum": form.number(company.covered),
    }


def score_form(score: Score) -> Json:
    """Return the score of one forecaster, or of several pooled."""
    filters = score.filters
    return {
        "forecaster": score.subject or None,
        "is_pooled": score.pooled,
        "coded": _coded(score.coded),
        "as_of": text_of(score.as_of),
        "about": score.about,
        "filters": _filters(filters),
        "rule": _rule(filters),
        "total": _tally(score.tally, filters),
        "claimed": _tally(score.claimed, filters),
        "company": _company(score.company),
        "left_out": _left(score.left, filters),
        "grades": dict(score.grades),
        "lines": [line_form(line, filters) for line in score.lines],
        "questions_in_ledger": score.total_questions,
        **form.ledger(score.seq, score.leaf),
    }


def _scheduled(found: Scheduled) -> Json:
    return {
        "score": form.number(found.score),
        "expected": form.number(found.expected),
        "expected_range": _pair_of((found.low, found.high)),
        "expected_exact": found.exact,
    }


def _pair_of(values: tuple[float, float]) -> list[float | str | None]:
    return [form.number(value) for value in values]


def _part(part: Part) -> Json:
    where = part.range
    return {
        "name": part.name,
        "questions": part.questions,
        "score": form.number(part.score),
        "score_range": [form.number(part.best), form.number(part.worst)],
        "expected": form.number(part.expected),
        "expected_range": _pair_of((where.low, where.high)) if where else None,
        "expected_exact": where.exact if where else None,
        "outside": where.outside if where else None,
        "outside_by_luck": _pair_of(where.by_luck) if where else None,
        "coded": _coded(part.coded) if part.coded else None,
    }


def breakdown_form(found: Breakdown) -> Json:
    """Return a score taken apart. Its lines are those of `fl score`, and not here again."""
    score = score_form(replace(found.score, lines=()))
    del score["lines"]
    return {
        "by": found.by,
        "zone": found.zone,
        "score": score,
        "rows": [_part(part) for part in found.parts],
        "rows_outside": found.outside if found.by_luck is not None else None,
        "rows_outside_by_luck": _pair_of(found.by_luck) if found.by_luck else None,
        "counted_in_several": found.several,
    }


def _read(item: Read, filters: Filters) -> Json:
    return {
        "key": item.state.key,
        "text": item.state.text,
        "status": item.state.status,
        "outcome": item.state.outcome,
        "due": form.when(item.state.due_when),
        "forecast": form.recorded(item.forecast),
        "reading": form.entry(item.reading),
        "statement": form.entry(item.statement),
        "score": line_form(item.line, filters) if item.line else None,
        **_brier(filters, mean_brier_with_it=item.with_it),
        "taken_back": item.taken_back,
    }


def _pair(pair: Pair) -> Json:
    return {
        "key": pair.state.key,
        "primary": pair.primary,
        "probability": form.number(pair.author),
        "outcome": pair.state.outcome,
        "platform": pair.platform,
        "platform_key": pair.other.key,
        "platform_probability": form.number(pair.probability),
        "platform_outcome": pair.other.outcome,
        "asked": form.when(pair.asked),
        "lag_days": pair.lag,
        "closeness": pair.closeness,
        "difference": pair.difference,
    }


def article_form(article: Article) -> Json:
    """Return the page of one source."""
    filters = article.score.filters
    return {
        "source": form.entry(article.source),
        "corrected": article.corrected,
        "score": score_form(article.score),
        "statements": article.statements,
        "made_into_questions": article.made_into_questions,
        "refused": dict(article.refused),
        "in_words": article.in_words,
        "given_as_numbers": article.given,
        "coders": list(article.coders),
        "coded": [form.when(when) for when in article.coded],
        "not_blind": article.not_blind,
        "deadline_from": dict(sorted(article.deadline_from.items())),
        "status_quo": article.status_quo,
        "statuses": dict(sorted(article.statuses.items())),
        "firmness": dict(sorted(article.firmness.items())),
        "primary": [_read(item, filters) for item in article.primary],
        "other_readings": [_read(item, filters) for item in article.others],
        "platforms": [_pair(pair) for pair in article.pairs],
        "platforms_too_late_days": list(article.too_late),
        "against": [
            {
                "key": case.state.key,
                "outcome": case.state.outcome,
                "evidence": [form.entry(evidence) for evidence in case.evidence],
            }
            for case in article.against
        ],
        "lexicons": [form.lexicon(lexicon) for lexicon in article.lexicons],
        "recorded_after_outcome": article.after_outcome,
        "largest_family": article.largest_family,
        "largest_family_title": article.largest_family_title,
    }
