"""Calibration: the same digits wherever and however a ledger was written, for yes as for no."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Answer, Entry, Forecaster, Question, Resolution
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.calibration import Calibration, Drawing, _at_end
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.reports.calibration import render_calibration
from forecast_ledger.scoring.bins import Bins
from forecast_ledger.scoring.policy import DAY, policy_named
from forecast_ledger.scoring.rules import BRIER
from forecast_ledger.scoring.sample import said_of, sampled
from tests.conftest import FixedClock
from tests.simulated import END, PERCENT, Asked, entries_of, history, record, write

DRAWING = Drawing(ece=True, first=70 * PERCENT, last=90 * PERCENT)
OF_ONE_LEDGER = ("leaf", "seq")


def varied(number: int) -> list[Asked]:
    """Return a history with updates, words, families of two and of three, and single questions."""
    asked = []
    for place, one in enumerate(history(number)):
        said: Sequence[int | Answer] = one.said
        if place % 7 == 0:
            said = [Answer(yes=75 * PERCENT, low=60 * PERCENT, high=85 * PERCENT), *one.said]
        family = f"pair-{place // 2}" if place % 10 < 2 else None
        if place % 10 in (5, 6, 8):
            family = f"three-{place // 10}"
        asked.append(replace(one, said=said, family=family))
    return asked


def with_a_correction(rounds: dict[datetime, list[Entry]]) -> dict[datetime, list[Entry]]:
    """Return what is recorded with one outcome corrected an hour later."""
    first = next(entry for entry in rounds[END] if isinstance(entry, Resolution))
    second = Resolution(
        question=first.question,
        outcome="no" if first.outcome == "yes" else "yes",
        known=When.at(END - timedelta(days=100)),
        resolver="Jo Reader",
        note="looked again",
        why="the source was mistaken",
        replaces=(digest_of(first),),
    )
    return {**rounds, END + timedelta(hours=1): [second]}


def shuffled(rounds: dict[datetime, list[Entry]], seed: int) -> dict[datetime, list[Entry]]:
    """Return the same entries in another order, what others name still before them."""
    random = Random(seed)  # noqa: S311 - an order, not a secret
    return {
        moment: sorted(
            random.sample(entries, len(entries)),
            key=lambda entry: not isinstance(entry, Forecaster | Question),
        )
        for moment, entries in rounds.items()
    }


def exact(value: Any) -> Any:
    """Return everything a value holds, its floats with every digit; only their ledger's own not."""
    if is_dataclass(value):
        return {
            field.name: exact(getattr(value, field.name))
            for field in fields(value)
            if field.name not in OF_ONE_LEDGER
        }
    if isinstance(value, np.ndarray):
        return [repr(number) for number in value.tolist()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [exact(item) for item in value]
    return repr(value)


def test_both_databases_and_every_order_give_the_same_digits(
    sqlite_ledger: Ledger,
    postgres_ledger: Ledger,
    empty_file: Path,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    rounds = with_a_correction(entries_of(varied(150)))
    seen = []
    for seed, ledger in enumerate((sqlite_ledger, postgres_ledger)):
        write(ledger, clock, shuffled(rounds, seed))
        seen.append(exact(ledger.calibration(Filters(), DRAWING)))
    for seed in (2, 3):
        path = shutil.copy(empty_file, tmp_path / f"{seed}.db")
        with Ledger(str(path), clock=clock) as ledger:
            write(ledger, clock, shuffled(rounds, seed))
            seen.append(exact(ledger.calibration(Filters(), DRAWING)))
    assert seen[1:] == seen[:1] * 3
    absent = {name for name, value in seen[0].items() if value in ("None", [])}
    # All but what takes 400 events, and a slope leaves no reason why there is none.
    assert absent == {"strict", "no_slope"}
    assert seen[0]["score"]["tally"]["families"] == "105"


def test_a_correction_is_what_counts(sqlite_ledger: Ledger, clock: FixedClock) -> None:
    rounds = entries_of(history(12))
    write(sqlite_ledger, clock, rounds)
    before = sqlite_ledger.calibration(Filters())
    write(
        sqlite_ledger, clock, {clock() + timedelta(hours=1): with_a_correction(rounds).popitem()[1]}
    )
    after = sqlite_ledger.calibration(Filters())
    assert abs(after.yes - before.yes) == 1
    again = sqlite_ledger.calibration(Filters(), as_of=END)
    assert exact(again) == exact(before)


# -- yes and no ------------------------------------------------------------------------------


def off_the_tenths(asked: list[Asked]) -> list[Asked]:
    """Return questions without multiples of 10%, which belong to one row only."""
    moved = []
    for one in asked:
        said = [p + 3 if isinstance(p, int) and p % 10 == 0 else p for p in one.said]
        moved.append(replace(one, said=said))
    return moved


def mirrored(asked: list[Asked]) -> list[Asked]:
    """Return the same questions asked the other way round."""
    return [
        replace(
            one, said=[_other(p) for p in one.said], outcome="no" if one.outcome == "yes" else "yes"
        )
        for one in asked
    ]


def _other(said: int | Answer) -> int | Answer:
    if isinstance(said, int):
        return 100 - said
    assert said.low is not None
    assert said.high is not None
    return Answer(yes=WHOLE - said.yes, low=WHOLE - said.high, high=WHOLE - said.low)


@pytest.fixture
def both(
    sqlite_ledger: Ledger, empty_file: Path, tmp_path: Path, clock: FixedClock, request: Any
) -> tuple[Calibration, Calibration]:
    """A calibration, and that of the same questions asked the other way round."""
    asked = off_the_tenths(varied(request.param))
    record(sqlite_ledger, clock, asked)
    path = shutil.copy(empty_file, tmp_path / "mirror.db")
    with Ledger(str(path), clock=clock) as ledger:
        record(ledger, clock, mirrored(asked))
        return sqlite_ledger.calibration(Filters()), ledger.calibration(Filters())


@pytest.mark.parametrize("both", [60, 520], indirect=True)
def test_asked_the_other_way_round_all_is_the_same_or_mirrored(
    both: tuple[Calibration, Calibration],
) -> None:
    one, other = both
    for name in ("sure", "bold", "cautious", "spiegelhalter", "powers", "decomposition", "auc"):
        assert near(getattr(one, name)) == near(getattr(other, name)), name
    first, second = one.score.tally, other.score.tally
    assert first is not None
    assert second is not None
    assert first.yes == second.questions - second.yes
    assert near(replace(first, yes=0)) == near(replace(second, yes=0))
    assert (one.yes, one.no) == pytest.approx((other.no, other.yes))
    assert one.slope is not None
    assert other.slope is not None
    assert near(replace(one.slope, intercept=0, large=0)) == near(
        replace(other.slope, intercept=0, large=0)
    )
    assert one.slope.intercept == pytest.approx(-other.slope.intercept)
    assert one.bias is not None
    assert other.bias is not None
    assert (one.bias.bias, one.bias.margin) == pytest.approx((-other.bias.bias, other.bias.margin))
    assert one.null is not None
    assert other.null is not None
    for name in ("mcb", "mcb_mean", "mcb_95", "p", "outside", "outside_by_chance", "somewhere"):
        assert getattr(one.null, name) == pytest.approx(getattr(other.null, name)), name
    assert [(p.said, p.happened, p.low, p.high, p.weight) for p in one.curve] == [
        pytest.approx((WHOLE - p.said, 1 - p.happened, 1 - p.high, 1 - p.low, p.weight), abs=1e-9)
        for p in reversed(other.curve)
    ]
    for bins, back in ((one.bins, other.bins), (one.strict, other.strict)):
        assert (bins is None) == (back is None)
        assert rows(bins) == [
            pytest.approx((weight, 1 - mean, 1 - share, 1 - high, 1 - low, outside), abs=1e-9)
            for weight, mean, share, low, high, outside in reversed(rows(back))
        ]


def near(value: Any) -> Any:
    """Return what a value holds, its floats to ten digits; blocks of a curve are left out."""
    if is_dataclass(value):
        return {
            field.name: near(getattr(value, field.name))
            for field in fields(value)
            if field.name != "blocks"
        }
    if isinstance(value, tuple):
        return [near(item) for item in value]
    return pytest.approx(value, abs=1e-10) if isinstance(value, float) else value


def rows(bins: Bins | None) -> list[tuple[float, float, float, float, float, bool]]:
    found = bins.rows if bins else ()
    return [(r.weight, r.mean, r.share, r.low, r.high, r.outside) for r in found]


@pytest.mark.parametrize("both", [520], indirect=True)
def test_so_is_every_line_of_the_report(both: tuple[Calibration, Calibration]) -> None:
    one, other = (render_calibration(found, zone=UTC).split("\n\n") for found in both)
    assert [kind_of(part) for part in one] == [kind_of(part) for part in other]
    assert {kind_of(part) for part in one} >= {*MIRRORS, "HOW GOOD", "WHAT THIS CAN BEAR"}
    for part, back in zip(one, other, strict=True):
        kind = kind_of(part)
        if kind in MIRRORS:
            assert mirrored_part(kind, back) == MIRRORS[kind](part), kind
        elif not kind.startswith("policy"):
            assert part == back


def kind_of(part: str) -> str:
    return re.split(r"   | of ", part.split("\n", maxsplit=1)[0].strip())[0]


def mirrored_part(kind: str, part: str) -> Any:
    found = MIRRORS[kind](part)
    if kind == "Calibration":
        return found[::-1]
    if kind == "SAID AND HAPPENED":
        plot, said = found
        return [line[::-1] for line in reversed(plot)], said
    if kind == "TOO SURE, OR NOT SURE ENOUGH?":
        return re.sub("more|less", lambda way: "less" if way[0] == "more" else "more", found)
    if kind == "said":
        return [
            (weight, *(pytest.approx(100 - x, abs=0.6) for x in (said, came, high, low)))
            for weight, said, came, low, high in reversed(found)
        ]
    return found


def _sides(part: str) -> list[str]:
    """Return how many came yes and how many no."""
    return re.findall(r"(\d+) (?:yes|no)\b", part)[:2]


def _diagram(part: str) -> tuple[list[str], str]:
    """Return the rows of the plot without their labels, and the sentences below."""
    plot = [line[8:].ljust(61) for line in part.split("\n") if line[7:8] == "|"]
    return plot, part.split("100% said")[1]


def _bias(part: str) -> str:
    return " ".join(part.split())


def _rows(part: str) -> list[tuple[float, ...]]:
    """Return weight, said, happened, low and high of every row."""
    row = r"^ +\d+-[ \d]+% +([\d.]+) +<?([\d.]+)% +<?>?([\d.]+)% +<?([\d.]+) to +>?([\d.]+)%"
    return [tuple(map(float, found)) for found in re.findall(row, part, re.MULTILINE)]


def _scores(part: str) -> list[str]:
    return [line.split()[-1] for line in part.split("\n") if line.startswith("  Will")]


MIRRORS: dict[str, Callable[[str], Any]] = {
    "Calibration": _sides,
    "TOO SURE, OR NOT SURE ENOUGH?": _bias,
    "SAID AND HAPPENED": _diagram,
    "said": _rows,
    "THE 10 WORST OF 520 QUESTIONS": _scores,
}
"""The parts of a report that change when yes and no do, and what is to be compared of each."""


def test_the_ends_of_words_count_by_the_share_of_their_time_too() -> None:
    # One question at 95 % (90 to 99), answered after a tenth of its time, one at 60 % (55 to 65).
    said = said_of(
        parts=[95 * PERCENT, 60 * PERCENT],
        low=[90 * PERCENT, 55 * PERCENT],
        high=[99 * PERCENT, 65 * PERCENT],
        start=[0, 0],
        end=[10 * DAY, 100 * DAY],
        answer=[0, 1],
        grade=[0, 0],
        offsets=[0, 1, 2],
        outcomes=[1, 0],
        opens=[None, None],
        closes=[100 * DAY, 100 * DAY],
    )
    sample, _ = sampled(said, policy_named("time-weighted"), BRIER)
    assert sample is not None
    bold, cautious = (_at_end(sample, series, [0, 1]) for series in (sample.bold, sample.cautious))
    assert bold is not None
    assert cautious is not None
    assert bold.confidence == pytest.approx((0.1 * 0.99 + 0.65) / 1.1)
    assert cautious.confidence == pytest.approx((0.1 * 0.90 + 0.55) / 1.1)
    assert bold.hit_rate == cautious.hit_rate == pytest.approx(0.1 / 1.1)
