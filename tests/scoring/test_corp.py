from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_diagnostics import scoring as diagnostics
from sklearn.metrics import brier_score_loss

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.corp import Decomposition, decompose
from forecast_ledger.scoring.murphy import murphy
from forecast_ledger.scoring.table import Table
from tests.scoring.datasets import (
    D8_AGAINST,
    D10_CONSTANT,
    D10_DISTINCT,
    D12_ALL_YES,
    D15,
    D20_EXTREME,
    D30_CALIBRATED,
    D100_OVERCONFIDENT,
    EVERY,
    Asked,
    Data,
    asked,
    singles,
)
from tests.scoring.strategies import any_parts, parts, whole_percents

losses = st.sampled_from(["brier", "log"])


@pytest.mark.parametrize(
    "data, loss, expected",
    [
        # model-diagnostics 1.5.0 decompose(SquaredError()), R reliabilitydiag 0.2.1.9000 summary()
        (
            D15,
            "brier",
            (0.2303333333333333, 0.04620634920634914, 0.06476190476190469, 0.24888888888888885),
        ),
        (D10_DISTINCT, "brier", (0.26774, 0.0760733333333333, 0.05833333333333332, 0.25)),
        (D10_CONSTANT, "brier", (0.21, 0.0, 0.0, 0.21)),
        (D30_CALIBRATED, "brier", (0.19, 0.0, 0.06, 0.25)),
        (D100_OVERCONFIDENT, "brier", (0.2285, 0.023328431372549002, 0.04122843137254903, 0.2464)),
        # R reliabilitydiag 0.2.1.9000 summary(score = "log")
        (D15, "log", (0.680057255555235, 0.14625911356419, 0.157125167322773, 0.690923309313818)),
        (
            D20_EXTREME,
            "log",
            (0.668099587275761, 0.286191086298874, 0.311238679583058, 0.693147180559945),
        ),
    ],
)
def test_other_programs_decompose_alike(
    data: Data, loss: str, expected: tuple[float, float, float, float]
) -> None:
    assert values(decompose(data.table, loss)) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    "data, blocks",
    [
        # R reliabilitydiag 0.2.1.9000: first and last percent, cases, CEP_pav
        (D15, [(5, 5, 1, 0), (10, 40, 6, 1 / 3), (50, 90, 7, 5 / 7), (95, 95, 1, 1)]),
        (D10_DISTINCT, [(3, 3, 1, 0), (12, 34, 3, 1 / 3), (45, 52, 2, 0.5), (66, 97, 4, 0.75)]),
        (D10_CONSTANT, [(30, 30, 10, 0.3)]),
        (D30_CALIBRATED, [(20, 20, 10, 0.2), (50, 50, 10, 0.5), (80, 80, 10, 0.8)]),
        (
            D100_OVERCONFIDENT,
            [
                (10, 10, 17, 4 / 17),
                (20, 40, 30, 14 / 30),
                (50, 50, 12, 7 / 12),
                (60, 60, 5, 0.6),
                (70, 70, 8, 0.625),
                (80, 80, 12, 0.75),
                (90, 90, 16, 0.875),
            ],
        ),
        (D8_AGAINST, [(10, 90, 8, 0.5)]),
    ],
)
def test_the_curve_has_the_blocks_of_other_programs(
    data: Data, blocks: list[tuple[int, int, int, float]]
) -> None:
    percent = PARTS // 100
    found = decompose(data.table).blocks
    assert [(block.first // percent, block.last // percent, block.weight) for block in found] == [
        block[:3] for block in blocks
    ]
    assert [block.share for block in found] == pytest.approx([block[3] for block in blocks])


@pytest.mark.parametrize("data", EVERY)
def test_the_score_is_the_brier_score_of_scikit_learn(data: Data) -> None:
    peer = brier_score_loss(data.yes, data.p, labels=[0, 1])
    assert decompose(data.table).score == pytest.approx(peer, rel=1e-12)


@given(drawn=asked())
def test_model_diagnostics_agrees_on_weighted_tables(drawn: Asked) -> None:
    table = Table.of(drawn.cases)
    frame = diagnostics.decompose(
        np.concatenate([np.ones(table.parts.size), np.zeros(table.parts.size)]),
        np.tile(table.p, 2),
        weights=np.concatenate([table.yes, table.no]) + 1e-300,
        scoring_function=diagnostics.SquaredError(),
    )
    peer = frame.row(0, named=True)
    found = decompose(table)
    assert (found.mcb, found.dsc, found.unc, found.score) == pytest.approx(
        (peer["miscalibration"], peer["discrimination"], peer["uncertainty"], peer["score"]),
        abs=1e-12,
    )


@given(drawn=singles(st.integers(1, 99).map(lambda percent: percent * PARTS // 100)))
def test_model_diagnostics_agrees_on_the_logarithmic_score(drawn: Asked) -> None:
    table = Table.of(drawn.cases)
    if 0 < table.base_rate < 1:
        frame = diagnostics.decompose(
            drawn.outcomes, drawn.series.parts / PARTS, scoring_function=diagnostics.LogLoss()
        )
        peer = frame.row(0, named=True)
        found = decompose(table, "log")
        assert (found.mcb, found.dsc, found.unc, found.score) == pytest.approx(
            (peer["miscalibration"], peer["discrimination"], peer["uncertainty"], peer["score"]),
            abs=1e-12,
        )


@given(drawn=asked(), loss=losses)
def test_the_parts_add_up_and_none_is_negative(drawn: Asked, loss: str) -> None:
    found = decompose(Table.of(drawn.cases), loss)
    assert found.mcb >= 0
    assert found.dsc >= 0
    if math.isfinite(found.score):
        whole = found.mcb - found.dsc + found.unc
        assert whole == pytest.approx(found.score, rel=1e-14, abs=1e-15)
    else:
        assert found.mcb == found.score


@given(drawn=asked(), loss=losses, data=st.data())
def test_order_changes_no_digit(drawn: Asked, loss: str, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.questions))))
    other = decompose(Table.of(drawn.shuffled(order).cases), loss)
    assert decompose(Table.of(drawn.cases), loss) == other


@given(drawn=singles(parts), loss=losses)
def test_yes_and_no_are_alike(drawn: Asked, loss: str) -> None:
    found = decompose(Table.of(drawn.cases), loss)
    mirror = decompose(Table.of(drawn.mirrored.cases), loss)
    assert values(mirror) == pytest.approx(values(found), rel=1e-15, abs=0)
    ends = [(PARTS - b.last, PARTS - b.first, b.weight) for b in reversed(found.blocks)]
    assert [(b.first, b.last, b.weight) for b in mirror.blocks] == ends


def values(found: Decomposition) -> tuple[float, float, float, float]:
    return found.score, found.mcb, found.dsc, found.unc


def test_what_is_special_about_one_outcome_and_one_probability() -> None:
    only = decompose(D12_ALL_YES.table)
    assert (only.unc, only.dsc, only.mcb) == (0, 0, only.score)
    constant = decompose(Data((40,) * 10, (1,) * 3 + (0,) * 7).table)
    assert constant.mcb == pytest.approx(0.01)
    assert constant.dsc == 0
    assert decompose(D8_AGAINST.table).dsc == 0


def test_an_impossible_yes_is_infinite_and_said() -> None:
    found = decompose(Data((0, 30, 70), (1, 0, 1)).table, "log")
    assert found.score == found.mcb == math.inf
    assert math.isfinite(found.dsc)
    assert math.isfinite(found.unc)
    assert decompose(Data((0, 100), (0, 1)).table, "log").score == 0


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(UsageError, match="brier, log"):
        decompose(D15.table, "spherical")


RIGHT_CLOSED = (0, *range(PARTS // 10 + 1, PARTS, PARTS // 10))
"""Bins (0, 0.1], (0.1, 0.2], ..., 0 in the first, as R's hist and cut make them."""


@pytest.mark.parametrize(
    "data, edges, expected",
    [
        # R SpecsVerification 0.5-2 BrierDecomp; the last two by Stephenson et al. (2008)
        (D15, RIGHT_CLOSED, (0.088, 0.104444444444444, 0.248888888888889, 1.0 / 9000, 1.0 / 450)),
        (D15, None, (0.097, 0.115555555555556, 0.248888888888889, 0, 0)),
        (D100_OVERCONFIDENT, RIGHT_CLOSED, (0.0357223707664884, 0.0536223707664884, 0.2464, 0, 0)),
        (D100_OVERCONFIDENT, None, (0.0357223707664884, 0.0536223707664884, 0.2464, 0, 0)),
        (D30_CALIBRATED, RIGHT_CLOSED, (0, 0.06, 0.25, 0, 0)),
        (D30_CALIBRATED, None, (0, 0.06, 0.25, 0, 0)),
    ],
)
def test_specsverification_decomposes_alike(
    data: Data, edges: tuple[int, ...] | None, expected: tuple[float, ...]
) -> None:
    found = murphy(data.table, edges)
    assert (
        found.reliability,
        found.resolution,
        found.uncertainty,
        found.within_variance,
        found.within_covariance,
    ) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(drawn=asked(any_parts), edges=st.sampled_from([None, RIGHT_CLOSED, (0,), (0, PARTS // 3)]))
def test_murphys_terms_add_up(drawn: Asked, edges: tuple[int, ...] | None) -> None:
    table = Table.of(drawn.cases)
    found = murphy(table, edges)
    whole = found.reliability - found.resolution + found.uncertainty
    whole += found.within_variance - found.within_covariance
    assert whole == pytest.approx(decompose(table).score, abs=1e-12)


@given(drawn=singles(whole_percents))
def test_mcb_is_no_more_than_murphys_reliability(drawn: Asked) -> None:
    """Murphy's is the distance from the raw shares, CORP's from their best rising curve."""
    table = Table.of(drawn.cases)
    assert decompose(table).mcb <= murphy(table).reliability + 1e-12
