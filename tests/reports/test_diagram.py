from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.reports.bins import Bin, bins_table
from forecast_ledger.reports.diagram import COUNTED_UP_TO, Point, reliability_diagram
from forecast_ledger.reports.sentences import out_of

PERCENT = WHOLE // 100
WIDTHS = st.integers(60, 100)


@st.composite
def curves(draw: st.DrawFn, *, most: int = 120) -> list[Point]:
    """Return points as a calibration curve and a band have them: none of them falls."""
    saids = draw(
        st.lists(
            st.one_of(
                st.integers(0, 100).map(lambda percent: percent * PERCENT),
                st.integers(0, WHOLE),
            ),
            min_size=1,
            max_size=most,
            unique=True,
        )
    )
    shares = st.lists(st.integers(0, 1000), min_size=len(saids), max_size=len(saids))
    happened, one, other = (sorted(draw(shares)) for _ in range(3))
    weights = draw(
        st.lists(st.integers(1, 9999), min_size=len(saids), max_size=len(saids), unique=True)
    )
    return [
        Point(said, share / 1000, min(ends) / 1000, max(ends) / 1000, weight / 1000)
        for said, share, ends, weight in zip(
            sorted(saids), happened, zip(one, other, strict=True), weights, strict=True
        )
    ]


def mirrored(point: Point) -> Point:
    return Point(
        WHOLE - point.said, 1 - point.happened, 1 - point.high, 1 - point.low, point.weight
    )


def plot(lines: list[str]) -> list[str]:
    """Return the inside of a diagram, the row of 0% first, padded to the last column."""
    top = next(place for place, line in enumerate(lines) if line.startswith("  100% |"))
    columns = lines[top + 21].rindex("+") - 7
    return [line[8:].ljust(columns) for line in lines[top + 20 : top - 1 : -1]]


def marks(lines: list[str]) -> dict[int, tuple[int, str]]:
    """Return the row and the sign of each column in which a forecast is drawn."""
    return {
        column: (row, sign)
        for row, signs in enumerate(plot(lines))
        for column, sign in enumerate(signs)
        if sign in "oX"
    }


def column_of(point: Point, lines: list[str]) -> int:
    return round(point.said * (len(plot(lines)[0]) - 1) / WHOLE)


SIXTY = [
    Point(5 * PERCENT, 0.12, 0.0, 0.10, 12.6),
    Point(20 * PERCENT, 0.12, 0.05, 0.30, 8.0),
    Point(35 * PERCENT, 0.40, 0.20, 0.50, 0.4),
    Point(60 * PERCENT, 0.55, 0.45, 0.75, 19.0),
    Point(90 * PERCENT, 0.95, 0.75, 1.0, 20.0),
]


def test_a_diagram_at_eighty_columns() -> None:
    assert "\n".join(reliability_diagram(SIXTY)) == (
        """\
SAID AND HAPPENED    : where 9 in 10 calibrated forecasters would be
                     o inside, X outside, - between forecasts
  100% |                                                     ::::::::
       |                                                 ::::-o:::::
       |                                             ::::::--::::::
       |                                          :::::::--::::::
   80% |                                      :::::::::--:::::::
       |                                   :::::::::---::::::::
       |                                ::::::::::--:::::::::
 h     |                             :::::::::::--::::::::
 a 60% |                          ::::::::::::--:::::::
 p     |                       :::::::::::--o-::::::
 p     |                    :::::::::-----:::::::
 e     |                  ::::::-----:::::::::
 n 40% |                :::::o--:::::::::::
 e     |              :::::--:::::::::::
 d     |           ::::::--::::::::::
       |         :::::::-:::::::::
   20% |       :::::::--:::::::
       |     ::::::::-::::::
       |   X--------o::::
       | :::::::::::::
    0% |::::::::
       ++-----+-----+-----+-----+-----+-----+-----+-----+-----+-----+
        0     10    20    30    40    50    60    70    80    90    100% said
          13     0     8    <1     0     0    19     0     0    20   questions"""
    )


@pytest.mark.parametrize("width,columns", [(60, 41), (70, 51), (80, 61), (100, 81), (140, 81)])
def test_the_plot_grows_with_the_width(width: int, columns: int) -> None:
    lines = reliability_diagram(SIXTY, width=width)
    assert len(plot(lines)[0]) == columns
    assert max(map(len, lines)) <= width


@given(curves(), st.integers(40, 130), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_every_line_fits_and_has_no_space_at_its_end(
    points: list[Point], width: int, level: float
) -> None:
    lines = reliability_diagram(points, width=width, level=level)
    assert max(map(len, lines)) <= width
    assert all(line and line == line.rstrip() for line in lines)
    assert all(line.isascii() for line in lines)
    in_unicode = reliability_diagram(points, width=width, level=level, ascii=False)
    assert [len(line) for line in in_unicode] == [len(line) for line in lines]


@given(curves(), WIDTHS)
def test_every_column_with_forecasts_shows_its_heaviest_one(
    points: list[Point], width: int
) -> None:
    lines = reliability_diagram(points, width=width)
    heaviest: dict[int, Point] = {}
    for point in sorted(points, key=lambda point: point.weight):
        heaviest[column_of(point, lines)] = point
    found = marks(lines)
    assert found.keys() == heaviest.keys()
    drawn = plot(lines)
    assert sum(row.count("o") + row.count("X") for row in drawn) == len(heaviest)
    for column, (row, sign) in found.items():
        point = heaviest[column]
        assert abs(row - 20 * point.happened) <= 0.5 + 1e-6
        assert (sign == "X") == (not point.low <= point.happened <= point.high)
        band = {row for row in range(21) if drawn[row][column] == ":"} | {row}
        assert abs(min(band) - 20 * min(point.low, point.happened)) <= 0.5 + 1e-6
        assert abs(max(band) - 20 * max(point.high, point.happened)) <= 0.5 + 1e-6


@given(curves(), WIDTHS)
def test_between_forecasts_the_curve_has_one_sign_a_column_and_never_falls(
    points: list[Point], width: int
) -> None:
    lines = reliability_diagram(points, width=width)
    heights: dict[int, int] = {}
    for row, signs in enumerate(plot(lines)):
        for column, sign in enumerate(signs):
            if sign in "oX-":
                assert column not in heights
                heights[column] = row
    occupied = marks(lines)
    assert sorted(heights) == list(range(min(occupied), max(occupied) + 1))
    along = [heights[column] for column in sorted(heights)]
    assert along == sorted(along)


@given(curves(), WIDTHS)
def test_every_column_has_a_band_and_it_ends_in_the_corners(
    points: list[Point], width: int
) -> None:
    inner = [point for point in points if 0.02 <= point.said / WHOLE <= 0.98]
    if not inner:
        return
    drawn = plot(reliability_diagram(inner, width=width))
    for column in zip(*drawn, strict=True):
        assert set(column) & set(":oX-")
    first, *_, last = zip(*drawn, strict=True)
    assert (first[0], first[1:]) == (":", (" ",) * 20)
    assert (last[20], last[:20]) == (":", (" ",) * 20)


@given(curves(), WIDTHS)
def test_the_other_side_of_every_question_is_the_drawing_upside_down(
    points: list[Point], width: int
) -> None:
    drawn = plot(reliability_diagram(points, width=width))
    turned = plot(reliability_diagram([mirrored(point) for point in points], width=width))
    assert turned == [row[::-1] for row in reversed(drawn)]


def test_between_two_rows_the_last_digit_of_a_float_does_not_decide() -> None:
    point = Point(WHOLE // 4, 0.925, 0.0, 1.0, 1.0)
    assert 1 - point.happened < 0.075
    assert marks(reliability_diagram([point])) == {15: (18, "o")}
    assert marks(reliability_diagram([mirrored(point)])) == {45: (2, "o")}


@given(curves(), st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(
    points: list[Point], shuffler: random.Random
) -> None:
    same_weight = [replace(point, weight=1.0) for point in points]
    shuffled = same_weight.copy()
    shuffler.shuffle(shuffled)
    assert reliability_diagram(shuffled) == reliability_diagram(same_weight)


def test_of_two_thousand_probabilities_every_column_shows_one() -> None:
    points = [
        Point(i * WHOLE // 1999, i / 1999, max(0.0, i / 1999 - 0.1), min(1.0, i / 1999 + 0.1), 1.0)
        for i in range(2000)
    ]
    lines = reliability_diagram(points)
    assert [sign for _, sign in marks(lines).values()] == ["o"] * 61
    assert lines[2].strip() == "of several in one column, the one with most questions"
    assert reliability_diagram(points, unit="event")[2].endswith("the one with most events")
    # A light one outside does not speak for its column, a heavy one does.
    points[1010] = replace(points[1010], happened=0.9)
    assert reliability_diagram(points) == lines
    points[1010] = replace(points[1010], weight=2.0)
    assert marks(reliability_diagram(points))[30] == (18, "X")


def test_of_equally_heavy_forecasts_the_nearest_to_the_middle_is_shown() -> None:
    points = [Point(percent * PERCENT, percent / 100, 0, 1, 1) for percent in (49, 50, 51)]
    high = [replace(point, happened=0.0 if point.said == WHOLE // 2 else 1.0) for point in points]
    assert marks(reliability_diagram(high, width=60)) == {20: (0, "o")}


def test_nothing_to_draw() -> None:
    assert reliability_diagram([]) == []
    assert bins_table([]) == []


@pytest.mark.parametrize("percent", [0, 1, 50, 99, 100])
def test_one_forecast_is_one_sign(percent: int) -> None:
    lines = reliability_diagram([Point(percent * PERCENT, 0.5, 0.2, 0.8, 40.0)])
    assert marks(lines) == {round(percent * 0.6): (10, "o")}
    assert not any("-" in row for row in plot(lines))


def test_certainties_alone_and_a_curve_that_leaves_the_narrowest_band() -> None:
    right = [Point(0, 0.0, 0.0, 0.0, 3.0), Point(WHOLE, 1.0, 1.0, 1.0, 2.0)]
    assert marks(reliability_diagram(right)) == {0: (0, "o"), 60: (20, "o")}
    wrong = [right[0], replace(right[1], happened=0.5)]
    assert marks(reliability_diagram(wrong)) == {0: (0, "o"), 60: (10, "X")}


def test_the_same_probability_twice_is_one_column() -> None:
    twice = [Point(WHOLE // 4, 0.2, 0.1, 0.4, 1.0), Point(WHOLE // 4, 0.3, 0.1, 0.4, 2.0)]
    assert marks(reliability_diagram(twice)) == {15: (6, "o")}


def test_a_curve_on_the_end_of_its_band_is_inside_whatever_its_last_digit() -> None:
    assert not Point(0, 0.1 + 0.2, 0.0, 0.3, 1.0).outside
    assert not Point(0, 0.3, 0.1 + 0.2, 0.5, 1.0).outside
    assert Point(0, 0.3001, 0.0, 0.3, 1.0).outside


@given(curves(most=60), st.integers(50, 100))
def test_the_numbers_below_the_axis_are_the_questions_of_each_tenth(
    points: list[Point], width: int
) -> None:
    total = round(sum(point.weight for point in points))
    last = reliability_diagram(points, width=width)[-1]
    if total > COUNTED_UP_TO:
        assert last.endswith("said")
        return
    *counts, noun = last.split()
    assert noun == "questions"
    assert len(counts) == 10
    assert sum(int(count) for count in counts if count != "<1") == total
    for number, count in enumerate(counts):
        in_tenth = [p for p in points if min(p.said // (10 * PERCENT), 9) == number]
        weight = sum(point.weight for point in in_tenth)
        assert abs((0 if count == "<1" else int(count)) - weight) < 1 + 1e-6
        assert (count == "0") == (not in_tenth)


@pytest.mark.parametrize(
    "width,labels",
    [
        (40, "0   20  40  60  80  100% said"),
        (50, "0  10 20 30 40 50 60 70 80 90 100% said"),
        (60, "0   10  20  30  40  50  60  70  80  90  100% said"),
    ],
)
def test_the_labels_of_the_axis_stand_under_its_ticks(width: int, labels: str) -> None:
    ticks, found = next(
        (line, below)
        for line, below in itertools.pairwise(reliability_diagram(SIXTY, width=width))
        if below.endswith("said")
    )
    assert found == " " * 8 + labels
    tenth = (len(ticks) - 9) // 10
    assert ticks == " " * 7 + "++" + ("-" * (tenth - 1) + "+") * 10
    assert all(found[8 + tenth * n // 10 :].startswith(str(n)) for n in range(0, 101, 20))


def test_many_questions_are_not_counted_below_the_axis() -> None:
    many = [replace(point, weight=20.3) for point in SIXTY]
    assert reliability_diagram(many)[-1].endswith("100% said")
    assert reliability_diagram(SIXTY, width=40)[-1].endswith("100% said")


def test_the_legend_names_the_level_and_stands_above_the_plot_where_it_is_narrow() -> None:
    lines = reliability_diagram(SIXTY, width=60, level=0.95)
    assert lines[:3] == [
        "SAID AND HAPPENED",
        "  : where 95 in 100 calibrated forecasters would be",
        "  o inside, X outside, - between forecasts",
    ]
    assert [out_of(level) for level in (0.5, 0.7, 0.8, 0.57)] == [
        "5 in 10",
        "7 in 10",
        "8 in 10",
        "57 in 100",
    ]


def test_unicode_changes_the_signs_and_nothing_else() -> None:
    drawn = reliability_diagram(SIXTY, ascii=False)
    assert "● inside, X outside, ─ between forecasts" in drawn[1]
    back = str.maketrans("░●─│└┴", ":o-|++")
    assert [line.translate(back) for line in drawn] == reliability_diagram(SIXTY)


BINS = [
    Bin(0, 9, 71.2, 0.031, 0.05, 0.0, 0.072, outside=False),
    Bin(10, 19, 1047.5, 0.13, 0.26, 0.051, 0.20, outside=True),
    Bin(90, 100, 93.0, 0.95, 0.996, 0.91, 0.9961, outside=False),
]


def test_a_table_of_bins_at_eighty_columns() -> None:
    assert bins_table(BINS) == [
        "  said      questions   on average   happened   if calibrated, 9 times in 10",
        "   0- 9%         71.2           3%         5%    0 to    7%",
        "  10-19%      1,047.5          13%        26%    5 to   20%  X",
        "  90-100%        93.0          95%      99.6%   91 to 99.6%",
    ]


def test_a_table_of_bins_at_sixty_columns() -> None:
    whole = [replace(row, weight=round(row.weight)) for row in BINS[:2]]
    assert bins_table(whole, 60, level=0.95) == [
        "                          on            if calibrated,",
        "  said    questions  average  happened  95 times in 100",
        "   0- 9%         71       3%        5%  0 to  7%",
        "  10-19%      1,048      13%       26%  5 to 20%  X",
    ]


def test_what_is_counted_is_named() -> None:
    assert bins_table(BINS[:1], unit="event")[0].split()[1] == "events"
    assert reliability_diagram(SIXTY, unit="event")[-1].endswith("   events")


SHARES = st.floats(0, 1)


@given(
    st.lists(
        st.builds(
            Bin,
            st.integers(0, 90),
            st.integers(1, 100),
            st.floats(0.001, 99_999),
            SHARES,
            SHARES,
            SHARES,
            SHARES,
            outside=st.booleans(),
        ),
        max_size=12,
    ),
    WIDTHS,
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_a_table_of_bins_keeps_its_width(rows: list[Bin], width: int, level: float) -> None:
    lines = bins_table(rows, width, level=level)
    assert all(len(line) <= width and line == line.rstrip() for line in lines)
    assert sum(line.endswith("  X") for line in lines) == sum(row.outside for row in rows)
