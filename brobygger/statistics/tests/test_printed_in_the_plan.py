"""The numbers printed in the plan of measuring (outcomes, section 2), and one paper's example: ours must be those."""

from math import sqrt

import numpy as np
import pytest

from brobygger.statistics import change, small
from brobygger.statistics.tests.printed import as_printed


@pytest.mark.parametrize(
    ("cutoff", "mean", "sd", "rises"),
    # Section 2.9, rises of an untreated group by test-retest correlation 0.81, 0.70, 0.60 and 0.50.
    [
        (50, 68, 19.5, ("5.4", "8.6", "11.4", "14.3")),
        (35, 68, 19.5, ("7.8", "12.3", "16.4", "20.5")),
        (50, 60, 20, ("4.3", "6.8", "9.1", "11.4")),
    ],
)
def test_the_rise_to_expect_without_help(cutoff: float, mean: float, sd: float, rises: tuple[str, ...]) -> None:
    told = [small.expected_regression(mean, sd, cutoff, reliability) for reliability in (0.81, 0.70, 0.60, 0.50)]
    assert told == [as_printed(rise) for rise in rises]


@pytest.mark.parametrize(
    ("sd", "reliability", "points"),
    # Section 2.6, the table of thresholds; the last is there as the wrong use of a service's own spread.
    [(20, 0.85, "21.5"), (18, 0.85, "19.3"), (20, 0.88, "19.2"), (16, 0.85, "17.2"), (4.4, 0.85, "4.7")],
)
def test_the_reliable_change_of_other_parameters(sd: float, reliability: float, points: str) -> None:
    assert change.reliable_change(sd, reliability).threshold == as_printed(points)


def test_the_cut_off_half_way_to_a_norm() -> None:
    # Section 2.7: 44 (18) against 68 (19.5). The 53.6 printed there for 62 (20) is not what its own formula gives: that
    # is 52.5, (20 · 44 + 18 · 62) / 38.
    assert change.clinical_cutoffs(44, 18, 68, 19.5).c == as_printed("55.5")
    assert change.clinical_cutoffs(44, 18, 62, 20).c == pytest.approx(1996 / 38)


def test_wilsons_interval_of_few() -> None:
    # Section 2.14: 7 of 12 is 58 % (32-81 %), 0 of 15 is 0-20 %.
    seven, none = small.wilson(7, 12), small.wilson(0, 15)
    assert [100 * part for part in (seven.share, seven.interval.lower, seven.interval.upper)] == [
        as_printed(printed) for printed in ("58", "32", "81")
    ]
    assert (none.interval.lower, 100 * none.interval.upper) == (0, as_printed("20"))


def test_hedges_factor_for_ten_is_not_the_shortcut() -> None:
    # Section 2.4: for n = 10 it is 0.9139, where the shortcut 1 - 3 / (4m - 1) gives 0.9143.
    assert change.hedges_correction(9) == as_printed("0.9139")
    assert change.hedges_correction(9) != pytest.approx(1 - 3 / (4 * 9 - 1), abs=2e-4)


@pytest.mark.parametrize(
    ("rise", "spread", "printed"),
    # Section 2.5: the shares to expect from measurement error alone (SEM 8.51, scores in steps of 4), and with a true
    # mean rise of 10 (SD 10).
    [(0, 0, (20.2, 20.2, 3.3)), (10, 10, (49.6, 10.0, 21.5))],
)
def test_responders_to_expect_from_error_alone(rise: float, spread: float, printed: tuple[float, ...]) -> None:
    made = np.random.default_rng(11)
    true = made.normal(55, 8, 60_000)
    end = true + made.normal(rise, spread, true.size)
    first, last = (4 * np.round((each + made.normal(0, change.WHO5_SEM, true.size)) / 4) for each in (true, end))
    told = change.responders((last - first).tolist())
    shares = [100 * part.share for part in (told.up, told.down, told.far_up)]
    assert shares == pytest.approx(printed, abs=0.8)


def test_two_films_rated_by_the_same_ten() -> None:
    # Lakens 2013, Front Psychol 4:863: films with means 8.7 (0.82) and 7.7 (0.95), n 10, F(1, 9) = 22.50 (so t is its
    # root, 4.74). The ratings that have those moments, whoever gave which: the correlation follows from F.
    n, first, second = 10, (8.7, 0.82), (7.7, 0.95)
    se = 1 / sqrt(22.50)
    both = (first[1] ** 2 + second[1] ** 2 - n * se**2) / (2 * first[1] * second[1])
    raw = np.linalg.qr(np.column_stack([np.ones(n), np.arange(n), np.arange(n) ** 2 % 7]))[0][:, 1:] * sqrt(n - 1)
    films = first[0] + first[1] * raw[:, 0], second[0] + second[1] * (both * raw[:, 0] + sqrt(1 - both**2) * raw[:, 1])
    told = change.paired_change(films[1].tolist(), films[0].tolist())
    assert told.mean / told.se == as_printed("4.74")
    assert told.correlation == as_printed("0.73")
    sizes = change.effect_sizes(films[1].tolist(), films[0].tolist())
    assert sizes.d_z == pytest.approx(4.74 / sqrt(n), abs=0.002)
    assert sizes.d_av == pytest.approx(1 / ((0.82 + 0.95) / 2), abs=1e-9)
