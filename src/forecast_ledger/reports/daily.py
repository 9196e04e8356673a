"""What the daily commands say back: everything that was understood, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from forecast_ledger.domain.days import describe
from forecast_ledger.domain.entries import (
    CLARIFY,
    VOID,
    Forecast,
    Question,
    Resolution,
    Revision,
    Source,
    Statement,
    Wording,
)
from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.state import OVERDUE, QuestionState
from forecast_ledger.reports.terminal import (
    clip,
    count,
    days,
    end_text,
    heading,
    percent,
    safe,
    when_text,
    width_of,
    wrap,
)

if TYPE_CHECKING:  # scores and pages are shown here, but recording need not load them
    from forecast_ledger.ledger.recording import Forecasted
    from forecast_ledger.ledger.resolving import Resolved
    from forecast_ledger.ledger.scores import Line
    from forecast_ledger.ledger.slips import Undone
    from forecast_ledger.ledger.views import Page

_DAY = timedelta(days=1)


# -- forecasts -------------------------------------------------------------------------------


def render_added(
    result: Forecasted,
    *,
    deadline: str,
    rounded: str | None,
    source: Source | None,
    zone: tzinfo,
    width: int,
) -> str:
    """Return what was understood of a question and its first forecast."""
    state, wording = result.state, result.state.wording
    lines = [heading(state.key, state.text, width)]
    lines += [wrap(line, width, "  ", "    ") for line in _forecast_lines(result, source, zone)]
    if rounded:
        lines.append(f"  {safe(rounded)} was rounded to {_exact(result.forecast)}")
    lines.append(_field("deadline", deadline, width))
    if wording is not None:
        lines += _window(wording, zone, width)
    lines += _labels(state, width)
    lines.append("  a slip? fl undo within 10 minutes")
    return "\n".join(lines)


def render_forecast(
    result: Forecasted,
    *,
    typed: str,
    me: str | None,
    rounded: str | None,
    source: Source | None,
    zone: tzinfo,
    width: int,
) -> str:
    """Return what a new forecast changed."""
    state = result.state
    by = "" if result.forecaster == me else f" by {_whose(result)}"
    if result.previous is not None:
        stood = result.forecast.entry.made.start - result.previous.entry.made.start
        was = _exact(result.previous)
        change = (
            f"{was} -> {_exact(result.forecast)}{by}, {_since(result, source, zone)}"
            f" ({_ordinal(result.count)} forecast, {was} stood {days(stood)})"
        )
    else:
        nth = _ordinal(result.count)
        change = f"{_exact(result.forecast)}{by}, {_since(result, source, zone)} ({nth} forecast)"
    if not result.new:
        change = f"{_exact(result.forecast)}{by} is recorded already; nothing was added"
    lines = [heading(state.key, change, width)]
    lines += _echo(state, typed, width)
    if rounded:
        lines.append(f"  {safe(rounded)} was rounded to {_exact(result.forecast)}")
    notes = [_words_text(result), _own_range(result), *_warnings(result, source, zone)]
    lines += [wrap(note, width, "  ", "    ") for note in notes if note]
    return "\n".join(lines)


def render_withdrawn(result: Forecasted, *, me: str | None, width: int) -> str:
    """Return what withdrawing a forecast means."""
    who = "you" if result.forecaster == me else safe(result.forecaster)
    verb = "answer" if result.forecaster == me else "answers"
    no_longer = f"from now on {who} no longer {verb} it"
    return "\n".join(
        (
            heading(result.state.key, f"{_exact(result.forecast)} withdrawn: {no_longer}", width),
            wrap("the time it stood until now still counts", width, "  "),
        )
    )


def render_undone(result: Undone, *, width: int) -> str:
    """Return what was taken back, and what stands again."""
    keys: dict[str, str] = {d: s.key for s in result.questions for d in (*s.entries, s.question)}
    named = list(dict.fromkeys(_act(row, keys) for row in _telling(result.undone)))
    age = days(result.now - result.undone[0].recorded_at)
    stands = [
        f"{_exact(row)} stands again{f' on {state.key}' if len(result.standing) > 1 else ''}."
        for state, row in result.standing
    ]
    one = len(named) == 1
    kept = "Both stay in the record; the slip is not scored." if stands else (
        "It stays in the record and is never scored." if one
        else "They stay in the record and are never scored."
    )  # fmt: skip
    first = f"withdrawn as a slip: {' and '.join(named)}, written {age} ago."
    return "\n".join((wrap(first, width), wrap(" ".join((*stands, kept)), width)))


def _telling(undone: Sequence[Recorded[Any]]) -> list[Recorded[Any]]:
    """Return the acts that name the others: a question brings labels, a forecast its reading."""
    acts = [row for row in undone if row.entry.TYPE in ("question", "forecast")]
    if questions := [row for row in acts if isinstance(row.entry, Question)]:
        return questions
    return acts or list(undone)


def _act(row: Recorded[Any], keys: Mapping[str, str]) -> str:
    entry = row.entry
    if isinstance(entry, Question):
        return f"the question {entry.key} and what was said of it"
    on = keys.get(getattr(entry, "question", "") or getattr(entry, "target", ""), "")
    on = f" on {on}" if on else ""
    if isinstance(entry, Forecast):
        return f"{_exact(row)}{on}"
    if isinstance(entry, Resolution):
        return f"the outcome {entry.outcome}{on}"
    if isinstance(entry, Revision):
        return f"the wording{on}"
    if isinstance(entry, Statement):
        return "a statement"
    name = getattr(entry, "label", None) or getattr(entry, "key", None)
    return f"the {entry.TYPE}{f' {safe(name)}' if name else ''}{on}"


def _forecast_lines(result: Forecasted, source: Source | None, zone: tzinfo) -> list[str]:
    said = f"yes {_exact(result.forecast)}"
    if span := _range_text(result):
        said += f" ({span})"
    found = [f"{said} by {_whose(result)}, {_since(result, source, zone)}"]
    found += [note for note in (_words_text(result), *_warnings(result, source, zone)) if note]
    return found


def _whose(result: Forecasted) -> str:
    coder = result.forecast.entry.coder
    read = f", as read by {safe(coder)}" if coder and coder != result.forecaster else ""
    return f"{safe(result.forecaster)}{read}"


def _since(result: Forecasted, source: Source | None, zone: tzinfo) -> str:
    made = result.forecast.entry.made
    if source is not None and made == source.published:
        return f"published {when_text(made, zone)} in {source.key}"
    return "from now" if made == When.at(result.now) else f"from {when_text(made, zone)}"


def _words_text(result: Forecasted) -> str:
    if result.meaning is None:
        return ""
    meaning = safe(str(result.meaning))
    differs = result.forecast.entry.answer.yes != result.meaning.mid
    return f"words {meaning}" + (f"; {_exact(result.forecast)} said instead" if differs else "")


def _own_range(result: Forecasted) -> str:
    """Return the range, where the line about the words does not show it already."""
    answer, meaning = result.forecast.entry.answer, result.meaning
    if meaning is not None and (answer.low, answer.high) == (meaning.low, meaning.high):
        return ""
    return _range_text(result)


def _range_text(result: Forecasted) -> str:
    answer = result.forecast.entry.answer
    if answer.low is None or answer.high is None:
        return ""
    return f"{format_probability(answer.low)} to {format_probability(answer.high)}"


def _grace() -> timedelta:
    from forecast_ledger.domain.standing import GRACE  # noqa: PLC0415 - adding needs no more of it

    return GRACE


def _warnings(result: Forecasted, source: Source | None, zone: tzinfo) -> list[str]:
    """Return what will not count as it was said, and from when what does counts."""
    made, state = result.forecast.entry.made, result.state
    if result.primary is not None:
        return [f"another reading; {result.primary} is the primary one, this is never scored"]
    found = _of_its_source(result, source)
    if state.known is not None and is_hindsight(made, state.known):
        known = when_text(state.known, zone)
        return [*found, f"made when the outcome was known ({known}): kept, never scored"]
    if state.closes is not None and made.start >= state.closes:
        end = end_text(state.closes, zone)
        return [*found, f"made after the deadline ({end}): kept, never scored"]
    if state.opens is not None and state.opens > made.start:
        found.append(f"counts from {when_text(When.at(state.opens), zone)} on, when it opens")
    if source is None and result.now - made.start > _grace():
        if state.known is not None:
            found.append("recorded after the outcome was known: claimed, and scored apart")
        elif state.closes is not None and state.closes <= result.now:
            found.append("recorded after its deadline: claimed, and scored apart")
        else:
            found.append(
                f"dated back by {days(result.now - made.start)}: it counts from now on;"
                " the time before is claimed, and scored apart"
            )
    return found


def _of_its_source(result: Forecasted, source: Source | None) -> list[str]:
    """Return what to look at again in a forecast that was published."""
    if source is None:
        return []
    forecast, whose, found = result.forecast.entry, safe(result.forecaster), []
    if source.author is not None and source.author != result.forecaster:
        found.append(
            f"{source.key} is by {safe(source.author)}, and this is recorded as {whose}'s. Is"
            " the claim theirs?"
        )
    if forecast.words is None and forecast.coder is None:
        found.append(
            f"{_exact(result.forecast)} is recorded as {whose}'s own number; if you read it out"
            " of words, undo it and say --words or --coder"
        )
    return found


def _exact(row: Recorded[Any]) -> str:
    return format_probability(row.entry.answer.yes)


def _ordinal(number: int) -> str:
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


# -- wordings, tags, families, notes, sources ------------------------------------------------


def render_revised(
    before: QuestionState,
    after: QuestionState,
    *,
    effect: str,
    still_said: str | None = None,
    zone: tzinfo,
    width: int,
) -> str:
    """Return what changed in a question's wording, and what becomes of its forecasts.

    `still_said` is a date in the text that the new deadline contradicts.
    """
    if effect == CLARIFY:
        first = "clarified; the forecasts made so far carry over"
    else:
        first = "asks something else now; the forecasts made so far end unscored"
    lines = [heading(after.key, first, width)]
    old, new = before.wording, after.wording
    if new is not None:
        lines += _changes(old, new, zone, width)
    if still_said is not None:
        warning = f'the text still says "{safe(still_said)}": say --text as well'
        lines.append(wrap(warning, width, "  ", "    "))
    if effect != CLARIFY:
        lines.append(f"  answer it anew: fl forecast {after.key} ...")
    return "\n".join(lines)


def _changes(old: Wording | None, new: Wording, zone: tzinfo, width: int) -> Iterable[str]:
    if old is None or old.text != new.text:
        yield _field("text", safe(new.text), width)
    if new.criteria and (old is None or old.criteria != new.criteria):
        yield _field("criteria", safe(new.criteria), width)
    for name, side in (("closes", "end"), ("opens", "start"), ("due", "end")):
        now: When | None = getattr(new, name)
        was: When | None = getattr(old, name) if old else None
        if now != was:
            label = {"closes": "deadline"}.get(name, name)
            texts = (describe(w, zone, side=side) if w else "none" for w in (was, now))  # type: ignore[arg-type]
            yield _field(label, " -> ".join(texts), width)


def render_noted(state: QuestionState, author: str, evidence: int, *, width: int) -> str:
    """Return that a note was put on a question."""
    shown = f", with {count(evidence, 'piece')} of evidence" if evidence else ""
    first = f"note by {safe(author)}{shown}"
    return "\n".join((heading(state.key, first, width), *_echo(state, "", width)))


def render_labelled(state: QuestionState, width: int) -> str:
    """Return the tags a question has now."""
    tags = ", ".join(state.tags)
    kind = "tag" if len(state.tags) == 1 else "tags"
    return heading(state.key, f"{kind} {tags}" if tags else "no tags", width)


def render_family(key: str, states: Sequence[QuestionState], width: int) -> str:
    """Return the questions of a family."""
    lines = [f"family {key}: {count(len(states), 'question')} that turn on one event"]
    lines += [f"  {heading(s.key, s.text, width - 2)}".replace("\n", "\n  ") for s in states]
    return "\n".join(lines)


def render_source(source: Source, *, zone: tzinfo, width: int) -> str:
    """Return how a source was understood."""
    by = ", ".join(safe(name) for name in (source.author, source.publisher) if name)
    inferred = f" (inferred: {safe(source.published_note)})" if source.published_note else ""
    lines = [heading(source.key, f'"{source.title}"', width)]
    published = f"published {when_text(source.published, zone)}{inferred}"
    lines.append(wrap(f"{by}, {published}" if by else published, width, "  ", "    "))
    if source.sha256:
        lines.append(f"  text SHA-256 {source.sha256}")
    use = f'quote it: fl add "..." 35% --source {source.key} --quote "..." --place "..."'
    lines.append(wrap(use, width, "  ", "    "))
    return "\n".join(lines)


# -- outcomes --------------------------------------------------------------------------------


def render_resolved(
    result: Resolved,
    page: Page,
    before: Mapping[str, float],
    *,
    typed: str,
    me: str | None,
    zone: tzinfo,
    width: int,
) -> str:
    """Return an outcome as understood, what it does to the scores, and the way back."""
    state = result.state
    if not result.new:
        return heading(state.key, f"{state.outcome} is recorded already; nothing was added", width)
    lines = [heading(state.key, _outcome_text(result, zone), width)]
    lines += _echo(state, typed, width)
    own = [line for line in page.lines if line.forecaster == me] or list(page.lines[:3])
    texts = [_brier_text(x, before.get(x.forecaster), me, page.state, zone) for x in own]
    if me in result.claimed:
        texts.append(
            "your forecasts were recorded after the outcome was known: claimed, and scored apart"
            f" (fl score --claimed){_held_back(state, zone)}"
        )
    closing = _closing(result, typed)
    if result.corrected is not None and len(own) == 1:
        texts[-1] = f"{texts[-1]} {closing}"
        closing = ""
    texts += [*_disqualified(result, zone), closing]
    lines += [wrap(text, width, "  ", "    ") for text in texts if text]
    return "\n".join(lines)


def _outcome_text(result: Resolved, zone: tzinfo) -> str:
    resolution = result.resolution.entry
    outcome = resolution.outcome
    change = f"{result.corrected.entry.outcome} -> {outcome}" if result.corrected else outcome
    if result.at_deadline:
        moment = end_text(resolution.known.start, zone)
        known = f"known when its deadline passed ({moment})"
    elif resolution.known.start == result.resolution.recorded_at:
        known = "known from now on"
    else:
        known = f"known {when_text(resolution.known, zone)}"
    if resolution.firmness != "direct":
        known += f", {resolution.firmness}"
    if result.corrected is None:
        return f"{change}, {known}"
    why = f'; "{resolution.why}"' if resolution.why else ""
    return f"{change}, {known} (correction {result.corrections}{why})"


def _closing(result: Resolved, key: str) -> str:
    if result.corrected is not None:
        every = "Both" if result.corrections == 1 else f"All {result.corrections + 1}"
        return f"{every} resolutions stay readable: fl show {key}"
    if result.resolution.entry.outcome in VOID:
        return f'never scored. a mistake? fl reopen {key} --why "..."'
    return f'wrong question? fl reopen {key} --why "..."'


def _brier_text(
    line: Line, before: float | None, me: str | None, state: QuestionState, zone: tzinfo
) -> str:
    whose = "your" if line.forecaster == me else f"{safe(line.forecaster)}'s"
    if before is not None:
        return f"{whose} Brier on it {before:.2f} -> {line.score:.2f}."
    said = percent(line.probability)
    if line.forecasts > 1:
        said += f" on average of {line.forecasts} forecasts"
    covered, window = _covered(line)
    text = f"{whose} Brier on it {line.score:.2f} ({said} said; time-weighted over {covered}"
    text += f" of {window})" if window else ")"
    return text + _held_back(state, zone)


def _held_back(state: QuestionState, zone: tzinfo) -> str:
    if not state.is_early or state.closes is None:
        return ""
    return f", held back until its deadline passes ({end_text(state.closes, zone)})"


def _covered(line: Line) -> tuple[str, str]:
    """Return how long forecasts stood, and of how long a window, in its unit."""
    stood = timedelta(seconds=line.seconds)
    if not line.coverage:
        return days(stood), ""
    window = timedelta(seconds=line.seconds / line.coverage)
    if stood < _DAY < window:
        return days(stood), days(window)
    for unit, name in (
        (_DAY, "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if window >= 2 * unit:
            return str(round(stood / unit)), count(round(window / unit), name)
    return days(stood), days(window)


def _disqualified(result: Resolved, zone: tzinfo) -> list[str]:
    rows = result.disqualified
    if not rows:
        return []
    shown = ", ".join(
        f"{_exact(row)} by {safe(name)}, made {when_text(row.entry.made, zone)}"
        for name, row in rows[:3]
    )
    more = f", and {len(rows) - 3} more" if len(rows) > 3 else ""
    was = "was" if len(rows) == 1 else "were"
    made = f"{count(len(rows), 'forecast')} {was} made when it was known"
    return [f"{made}, and never scored: {shown}{more}", *_later_that_day(result)]


def _later_that_day(result: Resolved) -> list[str]:
    """Return the way out where a bare day disqualifies a forecast made on it."""
    known, outcome = result.resolution.entry.known, result.resolution.entry.outcome
    on_it = [
        row
        for _, row in result.disqualified
        if row.entry.made.day is None and known.start <= row.entry.made.start < known.end
    ]
    if known.day is None or not on_it or outcome in VOID:
        return []
    again = f'fl resolve {result.state.key} {outcome} --on "{known.day} HH:MM" --why "..."'
    return [f"if it became known later that day, say the time: {again}"]


def render_reopened(
    state: QuestionState, kept: int, *, typed: str, zone: tzinfo, width: int
) -> str:
    """Return that a question is open again."""
    overdue = ""
    if state.status == OVERDUE and state.due is not None:
        overdue = f", overdue since the {end_text(state.due, zone)}"
    kept_text = f"{count(kept, 'withdrawn resolution')} kept"
    first = heading(state.key, f"open again{overdue}; {kept_text}", width)
    return "\n".join((first, *_echo(state, typed, width)))


# -- parts -----------------------------------------------------------------------------------


def _field(name: str, text: str, width: int) -> str:
    return wrap(text, width, f"  {name}  ", " " * (len(name) + 4))


def _echo(state: QuestionState, typed: str, width: int) -> list[str]:
    """Return the question itself, where less than its whole key was typed."""
    if typed.strip().lower() == state.key:
        return []
    return [f"  {clip(safe(state.text), width - 2)}"]


def _window(wording: Wording, zone: tzinfo, width: int) -> Iterable[str]:
    if wording.opens is not None:
        yield _field("opens", describe(wording.opens, zone, side="start"), width)
    if wording.due is not None:
        yield _field("due", describe(wording.due, zone, side="end"), width)
    if wording.criteria is not None:
        yield _field("criteria", safe(wording.criteria), width)


def _labels(state: QuestionState, width: int) -> list[str]:
    found = []
    if state.tags:
        found.append(f"{'tag' if len(state.tags) == 1 else 'tags'} {', '.join(state.tags)}")
    if state.families:
        found.append(f"family {', '.join(state.families)}")
    if state.wording is not None and state.wording.criteria is None:
        found.append(f'no criteria yet: fl revise {state.key} --criteria "..."')
    line = f"  {'      '.join(found)}"
    if width_of(line) <= width:
        return [line] if found else []
    return [f"  {text}" for text in found]
