"""One article's page: what its author said, how it was read, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo

from forecast_ledger.ledger.articles import EARLY, FEWEST_PAIRS, Article, Pair, Read
from forecast_ledger.ledger.gathering import ALTERNATIVE, HINDSIGHT
from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.ledger.state import OPEN, OVERDUE, RESOLVED, QuestionState
from forecast_ledger.reports.counted import left_block
from forecast_ledger.reports.frame import about_line, blindness, footer, possessive
from forecast_ledger.reports.listing import line_score, range_text
from forecast_ledger.reports.mean import good_block, score_text, sides_taken, sure_block
from forecast_ledger.reports.sentences import (
    as_of,
    cell,
    days_text,
    joined,
    prose,
    short_title,
    sides,
    spelled,
    table,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    clip,
    columns,
    count,
    days,
    percent,
    rule,
    safe,
    when_text,
)

_PLATFORM = 18
"""Columns for a platform's name."""


def render_article(article: Article, *, zone: tzinfo, width: int = WIDTH) -> str:
    """Return the page of one source. It gives no verdict that so few questions cannot bear."""
    parts = [
        _head(article, zone, width),
        _read(article, width),
        _questions(article, width),
        _bearing(article, width),
        _others(article, width),
        _platforms(article, width),
        _waiting(article, zone, width),
        _foot(article, width),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _head(article: Article, zone: tzinfo, width: int) -> list[str]:
    source, score = article.source, article.score
    name = source.author or source.publisher
    title = f'{name}: "{source.title}"' if name else f'"{source.title}"'
    inferred = " (date inferred)" if source.inferred else ""
    corrected = ", as corrected" if article.corrected else ""
    published = f"{when_text(source.published, zone)}{inferred}{corrected}"
    where = f"{safe(source.publisher)}, {published}" if source.publisher else published
    first = about_line(score)
    narrowed = [safe(name) for name in score.filters.who]
    return [
        *([prose(first, width)] if first else []),
        prose(title, width),
        *sides(where, as_of(score.as_of, zone), width),
        *([prose(f"only {joined(narrowed)}", width)] if narrowed else []),
        rule(width),
        prose(_whose_numbers(article, zone), width),
    ]


def _whose_numbers(article: Article, zone: tzinfo) -> str:
    """Return whose the probabilities are: never the author's where nobody gave them."""
    total, given = len(article.primary), article.given
    if not total:
        return "No forecast read out of it is in force."
    if given == total:
        return "Each probability below is a number the source itself gives."
    coders = joined(article.coders) if article.coders else "an unnamed reader"
    whose = possessive(coders)
    when = f", written {days_text(article.coded, zone)}" if article.coded else ""
    if given:
        said = (
            f"{count(given, 'probability', 'probabilities')} below"
            f" {'is a number' if given == 1 else 'are numbers'} the source itself gives; the other"
            f" {spelled(total - given)} {'is' if total - given == 1 else 'are'} {whose}"
            f" reading of the author's words{when}"
        )
    else:
        numbers = "The author gave no numbers. " if article.in_words == total else ""
        said = f"{numbers}Each probability below is {whose} reading of the author's words{when}"
    return f"{said}{blindness(total, article.not_blind)}"


def _read(article: Article, width: int) -> list[str]:
    refused = sum(article.refused.values())
    made = article.made_into_questions
    lines = [
        (
            f"READ      {count(article.statements, 'claim')} in 1 article: {made} made into"
            f" {'a question' if made == 1 else 'questions'}, {refused} refused"
        )
    ]
    reasons = [[str(number), reason] for reason, number in article.refused.items()]
    pairs = [
        reasons[i] + (reasons[i + 1 : i + 2] or [["", ""]])[0] for i in range(0, len(reasons), 2)
    ]
    lines += columns(pairs, "><><", gap=" ", indent=" " * 12)
    total = len(article.primary)
    if total and article.given < total:
        whose = [
            f"{name} {article.deadline_from[source]}"
            for source, name in _DEADLINES.items()
            if source in article.deadline_from
        ]
        lines.append(prose(f"deadline taken from {', '.join(whose)}", width, " " * 10))
    if article.status_quo:
        say = "says" if article.status_quo == 1 else "say"
        said = f"{article.status_quo} of the {total} {say} that things will stay as they are"
        lines.append(prose(said, width, " " * 10))
    if total:
        lines.append(prose(_settled(article), width, "SETTLED   ", " " * 10))
    return lines


_DEADLINES = {
    "words": "the author's own words",
    "paragraph": "the paragraph",
    "reader": "the reader",
}
_FIRMNESS = {"direct": "directly", "inferred": "by inference", "contested": "contested"}


def _settled(article: Article) -> str:
    statuses = article.statuses
    how = ", ".join(
        f"{article.firmness[name]} {words}"
        for name, words in _FIRMNESS.items()
        if name in article.firmness
    )
    resolved = statuses.get(RESOLVED, 0)
    parts = [f"{resolved} resolved ({how})" if how and resolved else f"{resolved} resolved"]
    known = (RESOLVED, EARLY, OPEN, OVERDUE)
    if early := statuses.get(EARLY, 0):
        parts.append(f"{early} answered before the deadline")
    parts += [f"{number} {status}" for status, number in statuses.items() if status not in known]
    overdue = statuses.get(OVERDUE, 0)
    if waiting := statuses.get(OPEN, 0) + overdue:
        parts.append(f"{waiting} open")
        if overdue:
            parts.append(_overdue(overdue, waiting))
    return ", ".join(parts)


def _overdue(overdue: int, waiting: int) -> str:
    if overdue < waiting:
        return f"{overdue} of them overdue"
    return {1: "overdue", 2: "both overdue"}.get(overdue, f"all {overdue} overdue")


def _questions(article: Article, width: int) -> list[str]:
    shown = _once(item for item in article.primary if item.state.status not in (OPEN, OVERDUE))
    tally, level = article.score.tally, article.score.filters.level
    lines = []
    if shown:
        words = any(_range(item) for item in shown)
        heads = ["question", _said(article), *(["range"] if words else []), "came", "Brier"]
        rows = [
            (
                f"{short_title(item.state.text)}{_TAKEN_BACK if item.taken_back else ''}",
                [
                    _probability(item),
                    *([_range(item)] if words else []),
                    _came_of(item.state),
                    _brier(item),
                ],
            )
            for item in shown
        ]
        lines += [*table(heads, rows, width), ""]
    if tally is None:
        return [*lines, "  No question is scored yet, so there is no mean."]
    readings = "number" if article.given == len(article.primary) else "reading"
    subject = f"this {readings} is" if tally.questions == 1 else f"these {readings}s are"
    lines += good_block(tally, level, subject, "the author's words")
    return [*lines, *left_block(_elsewhere_unsaid(article), width=width)]


_TAKEN_BACK = " (witnessed before its statement was taken back)"


def _once(items: Iterable[Read]) -> list[Read]:
    """Return one item for a question and forecaster, however often it was updated."""
    return list({(i.state.root, i.forecast.entry.forecaster): i for i in items}.values())


def _said(article: Article) -> str:
    return "said" if article.given == len(article.primary) else "read as"


def _probability(item: Read) -> str:
    return percent(item.line.probability if item.line else item.forecast.entry.answer.yes)


def _range(item: Read) -> str:
    if item.line:
        return range_text(item.line)
    answer = item.forecast.entry.answer
    if answer.low is None or answer.high is None:
        return ""
    return f"{percent(answer.low).rstrip('%')}-{percent(answer.high)}"


def _came_of(state: QuestionState) -> str:
    return state.outcome or state.status


def _brier(item: Read) -> str:
    if item.line:
        return line_score(item.line.score)
    return "early" if item.state.is_early else "none"


def _elsewhere_unsaid(article: Article) -> Score:
    """Return the score with nothing left out but what the page says nowhere else."""
    left = article.score.left
    early = left.questions.get(EARLY, 0)
    kept = replace(
        left,
        questions={EARLY: early} if early else {},
        forecasts={k: n for k, n in left.forecasts.items() if k not in (HINDSIGHT, ALTERNATIVE)},
    )
    return replace(article.score, left=kept)


def _bearing(article: Article, width: int) -> list[str]:
    tally = article.score.tally
    lines = ["WHAT THIS CAN BEAR"]
    if tally:
        read = "number" if article.given == len(article.primary) else "reading"
        which = f"the {read}" if tally.questions == 1 else f"every {read}"
        side = "the side the author called likelier"
        said = sides_taken(tally, side=side, right=f"{which} is right")
        lines.append(prose(f"{said}{_one_event(article, tally)}", width, "  "))
        if sure := sure_block(tally, article.score.filters.level, width):
            lines += sure[1:]
        unearned = [] if tally.interval else ["interval (needs 20 such events and 5 misses)"]
        lines.append(
            prose(
                f"Not shown with so few: {', '.join([*unearned, 'test', 'calibration curve'])}.",
                width,
                "  ",
            )
        )
    lines.append("  One article says nothing about how well its author forecasts.")
    return lines


def _one_event(article: Article, tally: Tally) -> str:
    if tally.families == tally.questions:
        return ""
    effect = f"in effect {count(tally.families, 'question')}"
    size = article.largest_family
    if size < 2:
        return f" Some answer the same question, so this is {effect}."
    title = f" ({article.largest_family_title})" if article.largest_family_title else ""
    every = {2: "both"}.get(size, f"all {spelled(size)}")
    turning = every if size == tally.questions else f"{size}"
    return f" They are not separate: {turning} turn on one event{title}, so this is {effect}."


def _others(article: Article, width: int) -> list[str]:
    if not article.others:
        return []
    means = any(item.with_it is not None for item in article.others)
    heads = ["", "read as", "came", "Brier", *(["mean"] if means else [])]
    rows = []
    for item in article.others:
        mean = [] if not means else ["" if item.with_it is None else score_text(item.with_it)]
        scored = line_score(item.line.score) if item.line else ""
        title = item.reading.name or short_title(item.state.text)
        rows.append((title, [_probability(item), _other_came(item), scored, *mean]))
    lines = ["OTHER READINGS OF THE SAME WORDS (never counted)", *table(heads, rows, width)]
    if means:
        lines.append("  mean: the Brier above with this reading in place of its primary one")
    return lines


def _other_came(item: Read) -> str:
    state = item.state
    if state.resolution:
        contested = ", contested" if state.resolution.entry.firmness == "contested" else ""
        return f"{state.outcome}{contested}"
    if state.status == OPEN and state.due:
        return f"due in {days(state.due - state.now)}"
    return state.status


def _platforms(article: Article, width: int) -> list[str]:
    if not article.pairs and not article.too_late:
        return []
    title = "BESIDE THE PLATFORMS, where one asked nearly the same at about the same time"
    lines = [prose(title, width)]
    if article.pairs:
        heads = ["", _said(article), "platform", "its number", "came"]
        rows = [
            (
                f"{short_title(pair.state.text)}{'' if pair.primary else ' *'}",
                [
                    percent(pair.author),
                    (
                        f"{clip(safe(pair.platform), _PLATFORM)} {percent(pair.probability)},"
                        f" {pair.closeness}"
                    ),
                    f"{pair.lag:+d} {'day' if abs(pair.lag) == 1 else 'days'}",
                    _came_of(pair.state),
                ],
            )
            for pair in article.pairs
        ]
        lines += table(heads, rows, width, "><><")
        lines += [
            prose(beneath, width, "  ", "    ")
            for beneath in map(_beneath, article.pairs)
            if beneath
        ]
        lines.append(prose(_verdict(len(article.pairs)), width, "  "))
        if not all(pair.primary for pair in article.pairs):
            lines.append("  * another reading, not in the Brier above")
    if article.too_late:
        lines.append(prose(_not_compared(article), width, "  "))
    return lines


def _beneath(pair: Pair) -> str:
    """Return how the platform's own question differs, and how it came out if otherwise."""
    parts = [f"{pair.closeness}: {pair.difference}"] if pair.difference else []
    theirs = pair.other.outcome or pair.other.status
    if theirs != _came_of(pair.state):
        parts.append(f"its own question: {theirs}.")
    return f"{pair.platform}, {' '.join(parts)}" if parts else ""


def _verdict(pairs: int) -> str:
    if pairs < FEWEST_PAIRS:
        return (
            f"{count(pairs, 'question')}: too few to say who did better"
            f" (at least {FEWEST_PAIRS} are needed)."
        )
    return f"{count(pairs, 'question')}, listed: this page does not say who did better."


def _not_compared(article: Article) -> str:
    lags = article.too_late
    more = " more" if article.pairs else ""
    have = "has its" if len(lags) == 1 else "have their"
    were = f"{len(lags)}{more} {have} nearest number here"
    are = "is" if len(lags) == 1 else "are"
    first, last = lags[0], lags[-1]
    if first < 0 < last:
        return (
            f"{were} {-first} days before to {last} days after the article and {are} not compared."
        )
    after = "after" if first > 0 else "before"
    near, far = sorted((abs(first), abs(last)))
    span = f"{near}" if near == far else f"{near} to {far}"
    return f"{were} {span} days {after} the article and {are} not compared."


def _waiting(article: Article, zone: tzinfo, width: int) -> list[str]:
    items = _once(item for item in article.primary if item.state.status in (OPEN, OVERDUE))
    lines: list[str] = []
    for status, title, word in (
        (OVERDUE, "OPEN, OVERDUE", "overdue"),
        (OPEN, "OPEN, NOT DUE", "in"),
    ):
        rows = []
        for item in items:
            due, end = item.state.due_when, item.state.due
            if item.state.status != status:
                continue
            span = days(abs(item.state.now - end)) if end else ""
            when = when_text(due, zone) if due else "no deadline"
            rows.append((item.state.key, [_probability(item), when, span]))
        if rows:
            lines += [title, *table(["question", _said(article), "due", word], rows, width)]
    return lines


def _foot(article: Article, width: int) -> list[str]:
    score = article.score
    lines = []
    if article.against:
        lines.append(
            prose(
                f"Evidence against an outcome is on file for"
                f" {count(len(article.against), 'question')} (fl show KEY has all of it):",
                width,
            )
        )
        lines += _against(article, width)
    if article.primary:
        lines.append(prose(_clocks(article), width))
    names = ", ".join(f"{lexicon.key} {lexicon.version}" for lexicon in article.lexicons)
    return [*lines, footer(score, f"words {names}" if names else "", width=width)]


def _against(article: Article, width: int) -> list[str]:
    """Return each piece of evidence once, under the questions it speaks against."""
    keys: dict[str, list[str]] = {}
    for case in article.against:
        for evidence in case.evidence:
            said = evidence.says or evidence.title or evidence.url or ""
            keys.setdefault(said, []).append(f"{case.state.key} ({case.state.outcome})")
    lines: list[str] = []
    for said, against in keys.items():
        lines += [f"  {line}" for line in prose(", ".join(against), width - 2).splitlines()]
        lines += [f"    {line}" for line in cell(said, width - 4)]
    return lines


def _clocks(article: Article) -> str:
    """Return how many forecasts were recorded late, made late, and on whose word."""
    total, after = len(article.primary), article.after_outcome
    late = article.score.left.forecasts.get(HINDSIGHT, 0)
    whose = f"{after} of {total} forecasts {'was' if after == 1 else 'were'}"
    if total == after == 1:
        whose = "The forecast was"
    elif not after:
        whose = "No forecast was"
    made = f"{late} {'was' if late == 1 else 'were'} made after it, and never scored"
    grades = ", ".join(f"{number} {grade}" for grade, number in article.score.grades.items())
    return (
        f"{whose} recorded here after the outcome was known, and"
        f" {made if late else 'none was made after it'}.{f' By grade: {grades}.' if grades else ''}"
    )
