"""What stands around a report: its head, whose numbers it is about, and its last line."""

from __future__ import annotations

from datetime import tzinfo

from forecast_ledger.domain.probability import format_probability
from forecast_ledger.ledger.coded import Coded
from forecast_ledger.ledger.gathering import (
    Filters,
)
from forecast_ledger.ledger.scores import Score
from forecast_ledger.reports.rules import spoken
from forecast_ledger.reports.sentences import (
    as_of,
    days_text,
    joined,
    prose,
    sides,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    rule,
    safe,
    when_text,
    width_of,
)

_EARLY = (
    "All of this is early: these questions were answered before deadlines that still lie ahead,"
    " and nothing else that counts is settled. What is answered early leans to one side: this says"
    " little of how the forecasts will look when the deadlines have passed."
)


_CLAIMED = (
    "All of this is claimed: recorded after the outcomes were known, on somebody's word. None of"
    " it was witnessed by this ledger or published in time."
)


def about_line(score: Score) -> str:
    """Return what a report says first where it is about nothing ordinary, else nothing."""
    if score.tally is None:
        return ""
    return {"early": _EARLY, "claimed": _CLAIMED}.get(score.about, "")


def heading(score: Score, title: str, zone: tzinfo, width: int) -> list[str]:
    """Return the head of a report: what it is about, as of when, what was chosen."""
    first = about_line(score)
    narrowed = chosen(score.filters, zone)
    return [
        *([prose(first, width)] if first else []),
        *sides(title, as_of(score.as_of, zone), width),
        *([prose(narrowed, width, "  ")] if narrowed else []),
        rule(width),
        *([prose(read, width)] if (read := _whose_numbers(score, zone)) else []),
    ]


def _whose_numbers(score: Score, zone: tzinfo) -> str:
    """Return whose numbers are scored where a coder gave them, else nothing."""
    coded = score.coded
    if score.tally is None or not coded.coded:
        return ""
    whole = coded.coded == coded.forecasts
    which = "Each probability" if whole else f"{coded.coded:,} of {coded.forecasts:,} probabilities"
    verb = "is" if whole or coded.coded == 1 else "are"
    author = possessive(score.subject) if score.subject else "the forecasters'"
    when = f", written {days_text(coded.on, zone)}" if coded.on else ""
    blind = blindness(coded.outcomes, coded.not_blind)
    return (
        f"{which} {verb} {possessive(joined(coded.coders))} reading of {author} words{when}{blind}"
    )


def possessive(name: str) -> str:
    """Return a name as the owner of what follows."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def blindness(outcomes: int, known: int) -> str:
    """Return whether `known` of these outcomes were known when words were read, as an ending."""
    if not known:
        return ", before any outcome on file was known."
    if known < outcomes:
        which = f"{known} of these {outcomes} outcomes {'was' if known == 1 else 'were'}"
    else:
        which = "the outcome was" if outcomes == 1 else "every outcome was"
    return f", when {which} known: not blind."


def as_read(name: str, coded: Coded) -> str:
    """Return a forecaster's name with that of whoever read the numbers scored as theirs."""
    if not coded.coded:
        return name
    part = "" if coded.coded == coded.forecasts else "in part "
    return f"{name}, {part}as read by {joined(coded.coders)}"


def chosen(filters: Filters, zone: tzinfo) -> str:
    """Return in words which forecasts a report was asked for, or nothing if all."""
    parts = []
    for name, values in (
        ("source", filters.sources),
        ("tag", filters.tags),
        ("family", filters.families),
    ):
        if values:
            parts.append(f"{name} {' or '.join(map(safe, values))}")
    if filters.known_since:
        parts.append(f"known since {when_text(filters.known_since, zone)}")
    if filters.known_until:
        parts.append(f"known until {when_text(filters.known_until, zone)}")
    return ", ".join(parts)


def footer(score: Score, *more: str, width: int = WIDTH) -> str:
    """Return the last line: policy, what else is needed to repeat it, the ledger's leaf."""
    filters = score.filters
    rule = spoken(filters)
    parts = [] if rule.covered else [f"policy {safe(filters.policy)}"]
    if filters.rule != "brier":
        parts.append(f"rule {filters.rule}")
    elif filters.brier_scale != 1:
        parts.append(f"Brier scale 0 to {filters.brier_scale}")
    if filters.log_floor:
        parts.append(f"log floor {format_probability(filters.log_floor)}")
    if filters.claimed:
        parts.append("claimed counted")
    parts += [part for part in more if part]
    parts.append(f"ledger {score.leaf[:8] or 'empty'}")
    lines = [parts[0]]
    for part in parts[1:]:
        if width_of(f"{'' if len(lines) == 1 else '  '}{lines[-1]} | {part}") <= width:
            lines[-1] += f" | {part}"
        else:
            lines[-1] += " |"
            lines.append(part)
    return "\n".join(
        prose(line, width, "  " if place else "", "  ") for place, line in enumerate(lines)
    )
