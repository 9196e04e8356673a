from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.scoring.tiers import MIN_FAMILIES, Missing, shown

FROM_30 = {"confidence", "spiegelhalter", "bias", "curve", "band", "mcb"}


@pytest.mark.parametrize(
    "families, yes, expected",
    [
        (9, 4, set()),
        (10, 5, {"confidence"}),
        (29, 14, {"confidence"}),
        (30, 4, {"confidence", "spiegelhalter"}),
        (30, 5, FROM_30),
        (30, 25, FROM_30),
        (30, 26, {"confidence", "spiegelhalter"}),
        (99, 10, FROM_30 | {"slope"}),
        (100, 9, FROM_30 | {"decomposition", "bins"}),
        (100, 10, FROM_30 | {"slope", "decomposition", "bins", "auc"}),
        (400, 200, set(MIN_FAMILIES)),
    ],
)
def test_what_is_shown_with_so_many_families(families: int, yes: int, expected: set[str]) -> None:
    assert shown(families, yes, families - yes).parts == expected


@given(families=st.integers(1, 1000), data=st.data())
def test_every_part_is_shown_or_something_is_missing(families: int, data: st.DataObject) -> None:
    yes = data.draw(st.integers(0, families))
    found = shown(families, yes, families - yes)
    missing = {entry.part for entry in found.missing}
    assert found.parts | missing == set(MIN_FAMILIES)
    assert not found.parts & missing
    assert all(entry.have < entry.need for entry in found.missing)
    assert found == shown(families, families - yes, yes)
    assert found.parts <= shown(families + 2, yes + 1, families - yes + 1).parts


def test_all_that_is_missing_is_said() -> None:
    assert [entry for entry in shown(40, 37, 3).missing if entry.part == "auc"] == [
        Missing("auc", "families", 100, 40),
        Missing("auc", "rarer", 10, 3),
    ]


def test_weights_a_hair_below_a_whole_number_count_as_it() -> None:
    assert "curve" in shown(30, 5 - 1e-13, 25).parts
