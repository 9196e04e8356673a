"""The score of one forecaster, or of several beside each other and pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.scores import Line, Score, Tally
from forecast_ledger.reports.counted import counted_lines, left_block, nothing_scored
from forecast_ledger.reports.frame import as_read, footer, heading
from forecast_ledger.reports.listing import listed
from forecast_ledger.reports.mean import (
    INTERVALS,
    bent_by_answers,
    contradicted,
    differ,
    good_block,
    infinite,
    is_expected_bent,
    no_interval,
    sure_block,
)
from forecast_ledger.reports.rules import SUMMED, Spoken, in_plain_words, spoken
from forecast_ledger.reports.sentences import prose, table
from forecast_ledger.reports.terminal import WIDTH, count, percent

LISTED = 40
"""Questions that are all listed; of more only the worst."""
WORST = 10
LEANING = (
    "Chosen by when the outcome became known: what comes early is mostly yes, so this may lean."
)
POOLED = "Pooled is nobody's score: a question that two answered counts twice in it."


def render_scores(
    scores: Sequence[Score], pooled: Score | None, *, zone: tzinfo, width: int = WIDTH
) -> str:
    """Return the score of one forecaster as a block, of several as a line each.

    `pooled` is the score of all together: the last line, labelled so. Without `scores` it
    says what was left out.
    """
    if len(scores) > 1:
        return "\n".join(_beside(scores, pooled, zone, width))
    score = scores[0] if scores else pooled
    if score is None:
        return nothing_scored(None, width)
    return "\n".join(_alone(score, zone, width))


def leaning(*scores: Score) -> list[str]:
    """Return the caution, where something is scored that its outcome helped to choose."""
    leans = any(score.tally and score.filters.chooses_by_outcome for score in scores)
    return [LEANING] if leans else []


def _alone(score: Score, zone: tzinfo, width: int) -> list[str]:
    title = f"Score of {score.subject}" if score.subject else "Score"
    if score.pooled:
        title = "Score of several forecasters, pooled"
    lines = heading(score, title, zone, width)
    tally, level = score.tally, score.filters.level
    if tally is None:
        lines += [nothing_scored(score, width), *left_block(score, width=width)]
        return [*lines, footer(score, width=width)]
    lines += counted_lines(score, tally, width)
    lines += [*(prose(said, width) for said in leaning(score)), ""]
    lines += good_block(tally, level, "the probabilities are", width=width)
    rule = spoken(score.filters)
    lines += [prose(said, width, "  ") for said in _said_of(score, tally, rule)]
    if sure := sure_block(tally, level, width) if not rule.covered else []:
        lines += ["", *sure]
    if tally.rule != "brier" and (listing := _questions(score, rule, width)):
        lines += ["", *listing]
    return [*lines, "", footer(score, width=width)]


def _said_of(score: Score, tally: Tally, rule: Spoken) -> list[str]:
    """Return in sentences what a mean amounts to, whom it compares with and what is not there."""
    company, questions = score.company, tally.questions
    said = []
    if company and rule.compares and _is_alone(score):
        said.append(
            "Nobody else forecast these questions, so there is nobody to compare with: the score is"
            " 0 by definition."
        )
    else:
        said.append(in_plain_words(tally.rule, tally.score))
        if company and rule.compares and company.alone:
            said.append(
                f"On {company.alone:,} of these {questions:,} questions nobody else forecast: the"
                " score there is 0 by definition, and part of the mean."
            )
    if company and tally.rule in SUMMED:
        said.append(
            f"Added up as Metaculus does: {rule.text(company.total)} over"
            f" {count(questions, 'question')}, with a coverage of {company.covered:.2f}"
            " in all (1 for a question covered whole)."
        )
    bent = bent_by_answers(tally, score.filters.policy)
    return [*filter(None, [*said, bent, contradicted(score), no_interval(tally)])]


def _is_alone(score: Score) -> bool:
    """Whether nobody else forecast any of the questions."""
    return score.company is not None and score.company.alone == len(score.lines)


def _questions(score: Score, rule: Spoken, width: int) -> list[str]:
    """Return the questions with their scores, of many the worst."""
    if len(score.lines) <= LISTED:
        lines: Sequence[Line] = score.lines
        return ["QUESTIONS", *listed(lines, pooled=score.pooled, width=width, rule=rule)]
    if rule.compares and _is_alone(score):
        return []
    worst = score.worst(WORST)
    return [
        f"THE {WORST} WORST OF {len(score.lines):,} QUESTIONS",
        *listed(worst, pooled=score.pooled, width=width, rule=rule),
        f"  and {len(score.lines) - WORST:,} more (--json lists them all)",
    ]


def _beside(scores: Sequence[Score], pooled: Score | None, zone: tzinfo, width: int) -> list[str]:
    everything = [*scores, pooled] if pooled else [*scores]
    last = everything[-1]
    tallies = [score.tally for score in everything if score.tally]
    rule = spoken(last.filters)
    shown = [score.tally for score in scores if score.tally] if rule.compares else tallies
    words = any(differ(tally.best, tally.worst) for tally in shown)
    intervals = any(tally.interval for tally in tallies)
    columns = _Columns(rule, last.filters.policy, words=words, intervals=intervals)
    heads = ["forecaster", "questions", *columns.heads(last.filters.level)]
    marked = len({score.about for score in everything if score.tally}) > 1
    rows = []
    for score in everything:
        if score is pooled and rule.compares:
            continue  # over all who are compared with each other it says nothing
        name = "all of them, pooled"
        if score is not pooled:
            name = as_read(score.subject, score.coded)
        mark = f" ({score.about})" if marked and score.about != "counted" else ""
        rows.append((f"{name}{mark}", columns.figures(score.tally)))
    title = f"Scores of {len(scores)} forecasters"
    lines = [*heading(last, title, zone, width), *table(heads, rows, width), ""]
    lines.append(prose(_legend(rule, last.filters, words=words), width))
    lines += [prose(said, width) for said in _apart(scores, rule)]
    lines += [prose(said, width) for said in _bent(tallies, rule, last.filters.policy)]
    lines += [prose(said, width) for said in leaning(*everything)]
    if last.filters.rule != "brier":
        lines.append(prose(INTERVALS, width))
    elif not intervals:
        lines.append(
            prose(
                "No intervals: one that holds what it says needs 20 separate events and 5 misses.",
                width,
            )
        )
    if pooled:
        if not rule.compares:
            lines.append(prose(POOLED, width))
        lines += left_block(pooled, "", width)
    return [*lines, "", footer(last, width=width)]


_BENT = (
    "No expected score (-) where time without a forecast, as after an early answer, bends it{way}."
)


def _bent(tallies: Sequence[Tally], rule: Spoken, policy: str) -> list[str]:
    """Return why some have no expected score, and whether answers choose what counts."""
    if rule.covered or not tallies:
        return []
    # The pooled one, where there is one, has the most questions without a deadline.
    warning = bent_by_answers(max(tallies, key=lambda tally: tally.undated), policy)
    warnings = [bent_by_answers(tally, policy) for tally in tallies]
    said = [warning or max(warnings)] if any(warnings) else []
    if any(tally.bent for tally in tallies):
        way = ": fl score --who NAME compares by the time to the deadlines"
        said.append(_BENT.format(way=way if any(tally.scheduled for tally in tallies) else ""))
    return said


def _apart(scores: Sequence[Score], rule: Spoken) -> list[str]:
    """Return what the numbers beside each other leave unsaid: what is infinite, who is alone."""
    said = [
        f"{score.subject}: {infinite(score.tally, rule)}."
        for score in scores
        if score.tally and score.tally.impossible
    ]
    alone = sum(score.company.alone for score in scores if score.company)
    if rule.compares and alone == sum(len(score.lines) for score in scores):
        said.append("No two of them forecast one question, so there is nobody to compare with.")
    elif rule.compares and alone:
        said.append(
            f"On {count(alone, 'question')} nobody else forecast: the score there is 0 by"
            " definition, and part of the mean."
        )
    sure = [(score.subject, contradicted(score)) for score in scores]
    return [*said, *(f"{who}: {told[0].lower()}{told[1:]}" for who, told in sure if told)]


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands beside each forecaster's name, after the number of questions."""

    rule: Spoken
    policy: str
    words: bool
    intervals: bool

    def heads(self, level: float) -> list[str]:
        heads = [self.rule.name, *(["by words"] if self.words else [])]
        heads.append("covered" if self.rule.covered else "expected")
        return [*heads, *([f"{percent(level)} interval"] if self.intervals else [])]

    def figures(self, tally: Tally | None) -> list[str]:
        if tally is None:
            return ["0", *["" for _ in range(2 + self.words + self.intervals)]]
        figures = [str(tally.questions), self.rule.text(tally.score)]
        if self.words:
            ends = sorted((tally.best, tally.worst))
            figures.append(self._ends(*ends) if differ(tally.best, tally.worst) else "")
        if self.rule.covered:
            figures.append("" if tally.coverage is None else percent(tally.coverage))
        else:
            expected = None if is_expected_bent(tally, self.policy) else tally.expected
            figures.append("-" if expected is None else self.rule.text(expected))
        if self.intervals:
            figures.append(self._ends(*tally.interval) if tally.interval else "")
        return figures

    def _ends(self, low: float, high: float) -> str:
        between = " to " if self.rule.signed else "-"
        return f"{self.rule.text(low)}{between}{self.rule.text(high)}"


def _legend(rule: Spoken, filters: Filters, *, words: bool) -> str:
    """Return what the columns mean."""
    by_words = " By words: the range the reading of words allows." if words else ""
    expected = " Expected: the score to be expected if the probabilities are right."
    if filters.rule == "brier":
        half, most = ("0.5", "2") if filters.brier_scale == 2 else ("0.25", "1")
        return (
            f"Brier: 0 is perfect, {half} always saying 50%, {most} the worst.{by_words}{expected}"
        )
    unit = f", in {rule.unit}" if rule.unit else ""
    name = f"{rule.name[0].upper()}{rule.name[1:]}"
    last = f" Covered: the share {rule.covered}." if rule.covered else expected
    return f"{name}{unit}: {rule.scale}.{by_words}{last}"
