"""Shares, percentiles, regression to the mean and drop-out, against numbers printed elsewhere."""

import numpy as np
import pytest
from scipy import integrate, stats

from brobygger.statistics import small
from brobygger.statistics.small import Course, Spread, TooFew
from brobygger.statistics.tests.printed import LANGUAGE_AFTER, LANGUAGE_BEFORE, MILES, as_printed


@pytest.mark.parametrize(
    ("count", "n", "lower", "upper"),
    # Newcombe 1998, Stat Med 17:857-872, table I, method 3 (score without continuity correction); the same figures on
    # the reference page of Signorell's binomCI.
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_wilson_is_newcombes_table(count: int, n: int, lower: str, upper: str) -> None:
    told = small.wilson(count, n)
    assert told.interval.lower == as_printed(lower)
    assert told.interval.upper == as_printed(upper)
    mirrored = small.wilson(n - count, n).interval
    assert (mirrored.lower, mirrored.upper) == pytest.approx((1 - told.interval.upper, 1 - told.interval.lower))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_wilson_ends_exactly_at_nobody_and_everybody(level: float) -> None:
    for n in range(1, 300):
        assert small.wilson(0, n, level).interval.lower == 0
        assert small.wilson(n, n, level).interval.upper == 1


def test_a_share_of_nobody_or_of_more_than_everybody_is_refused() -> None:
    with pytest.raises(TooFew):
        small.wilson(0, 0)
    for count in (-1, 4):
        with pytest.raises(ValueError, match="nobody and everybody"):
            small.wilson(count, 3)
    with pytest.raises(ValueError, match="level"):
        small.wilson(1, 3, level=95)


def test_the_share_within_a_day_counts_the_limit_in_and_the_unanswered_out() -> None:
    # 15 of 148 again (Newcombe's table I): 14 quick ones, one just in time, one just late, the rest unanswered.
    told = small.share_within([3.5] * 14 + [24.0, 24.01] + [None] * 132)
    assert (told.count, told.n) == (15, 148)
    assert told.interval.lower == as_printed("0.0624")
    assert told.interval.upper == as_printed("0.1605")


@pytest.mark.parametrize(
    ("fraction", "value"),
    # R, quantile(mtcars$mpg, probs = seq(0, 1, .1)) and quantile(mtcars$mpg), printed in several open courses; type 7
    # is R's default.
    [
        *((0, "10.40"), (0.1, "14.34"), (0.2, "15.20"), (0.25, "15.425"), (0.3, "15.98"), (0.4, "17.92")),
        *(
            (0.5, "19.20"),
            (0.6, "21.00"),
            (0.7, "21.47"),
            (0.75, "22.800"),
            (0.8, "24.08"),
            (0.9, "30.09"),
            (1, "33.90"),
        ),
    ],
)
def test_percentiles_are_type_seven(fraction: float, value: str) -> None:
    assert small.percentile(MILES, fraction) == as_printed(value)


def test_percentiles_are_type_seven_and_not_type_five() -> None:
    # Pruim, Foundations and Applications of Statistics, p. 14: quantile((1:10)^2) gives 1.00 10.75 30.50 60.25 100.00
    # (type 5 would give 9.0 and 64.0 for the quartiles).
    squares = [number**2 for number in range(10, 0, -1)]
    quartiles = [small.percentile(squares, quarter / 4) for quarter in range(5)]
    assert quartiles == [as_printed(text) for text in ("1.00", "10.75", "30.50", "60.25", "100.00")]


def test_a_percentile_needs_values_and_a_fraction() -> None:
    with pytest.raises(TooFew):
        small.percentile([], 0.5)
    with pytest.raises(ValueError, match="fraction"):
        small.percentile([1.0], 50)


def test_waits_keep_the_finished_and_the_running_apart() -> None:
    told = small.waits(MILES, [10, 40, 20])
    # The same printed deciles of mtcars$mpg; the three running ones by hand.
    assert (told.n, told.median, told.p90) == (32, as_printed("19.20"), as_printed("30.09"))
    assert (told.still_waiting, told.still_waiting_median) == (3, 20)
    assert small.waits([]) == small.Waits(0, None, None, 0, None)


@pytest.mark.parametrize(
    ("selected", "intensity"),
    # How far the mean of a selected tail lies from the population's, in SDs: the breeders' "intensity of selection",
    # tabled in Falconer & Mackay, Introduction to Quantitative Genetics; here as printed at
    # albert.io/ie/genetics-and-genomics/selection-response-principles. With no correlation all of it falls back.
    [
        *(
            (0.01, "2.67"),
            (0.02, "2.42"),
            (0.05, "2.06"),
            (0.10, "1.76"),
            (0.14, "1.59"),
            (0.20, "1.40"),
            (0.30, "1.16"),
        ),
        *((0.40, "0.97"), (0.50, "0.80"), (0.60, "0.64"), (0.80, "0.35"), (0.90, "0.20")),
    ],
)
def test_the_expected_regression_is_the_breeders_table(selected: float, intensity: str) -> None:
    cutoff = stats.norm.ppf(selected)
    # Tables round halves up where a computer does not: a tenth of the last digit is theirs.
    assert small.expected_regression(0, 1, cutoff, 0) == pytest.approx(float(intensity), abs=0.006)
    assert small.expected_regression(68, 19.5, 68 + 19.5 * cutoff, 0.6) == pytest.approx(
        0.4 * 19.5 * float(intensity), abs=0.4 * 19.5 * 0.006
    )


def test_the_expected_regression_is_the_integral_it_stands_for() -> None:
    # No printed worked example for a score scale was found; the same by numerical integration of the truncated normal.
    mean, sd, cutoff, reliability = 68, 19.5, 50, 0.81
    scores = stats.norm(mean, sd)
    among = integrate.quad(lambda score: score * scores.pdf(score), mean - 12 * sd, cutoff)[0] / scores.cdf(cutoff)
    told = small.expected_regression(mean, sd, cutoff, reliability)
    assert told == pytest.approx((1 - reliability) * (mean - among), rel=1e-7)


def test_nothing_falls_back_when_measurement_is_perfect_and_far_cutoffs_do_not_break() -> None:
    assert small.expected_regression(68, 19.5, 50, 1) == 0
    # Far out, everybody selected lies just below the line.
    assert small.expected_regression(0, 1, -60, 0) == pytest.approx(60, rel=1e-3)
    for sd, reliability in ((0, 0.5), (10, 1.1)):
        with pytest.raises(ValueError, match="spread"):
            small.expected_regression(68, sd, 50, reliability)


def test_the_language_test_is_the_one_others_print() -> None:
    # regtomean (Recchia, Ostermann, Stein), example of plot_t: n 8, means 57.375 and 60.375, SDs 7.0 and 8.8,
    # covariance 54.268. The eight pairs typed in here must be those.
    assert (np.mean(LANGUAGE_BEFORE), np.mean(LANGUAGE_AFTER)) == (57.375, 60.375)
    assert np.std(LANGUAGE_BEFORE, ddof=1) == as_printed("7.0")
    assert np.std(LANGUAGE_AFTER, ddof=1) == as_printed("8.8")
    assert np.cov(LANGUAGE_BEFORE, LANGUAGE_AFTER)[0, 1] == as_printed("54.268")


@pytest.mark.parametrize("mean", [40, 57.375, 75, 90])
def test_mee_chua_is_the_intercept_of_the_shifted_regression(mean: float) -> None:
    # No printed t or p of Mee & Chua could be found in what could be searched. Checked two other ways: scipy's
    # regression line with its intercept error, and the closed form of Ostermann et al. 2008 from means and moments.
    told = small.mee_chua(LANGUAGE_BEFORE, LANGUAGE_AFTER, mean)
    line = stats.linregress(np.array(LANGUAGE_BEFORE) - mean, LANGUAGE_AFTER)
    assert told.slope == pytest.approx(line.slope)
    assert told.effect == pytest.approx(line.intercept - mean)
    assert told.se == pytest.approx(line.intercept_stderr)
    n, (first, second) = 8, np.cov(LANGUAGE_BEFORE, LANGUAGE_AFTER, ddof=0)
    (one, both), two = first, second[1]
    top = np.sqrt(n - 2) * (one * np.mean(LANGUAGE_AFTER) - both * np.mean(LANGUAGE_BEFORE) + (both - one) * mean)
    shift = (np.mean(LANGUAGE_BEFORE) - mean) ** 2
    assert told.t == pytest.approx(top / np.sqrt((one * two - both**2) * (one + shift)))
    assert told.df == 6
    assert told.p_rise == pytest.approx(1 - stats.t.cdf(told.t, 6))
    assert told.p == pytest.approx(2 * min(told.p_rise, 1 - told.p_rise))
    reach = stats.t.ppf(0.975, 6) * told.se
    assert (told.interval.lower, told.interval.upper) == pytest.approx((told.effect - reach, told.effect + reach))


def test_at_the_samples_own_mean_mee_chua_tests_the_plain_change() -> None:
    # Algebra: with the population mean at the start mean nothing regresses; the effect is the mean change, 3 points.
    assert small.mee_chua(LANGUAGE_BEFORE, LANGUAGE_AFTER, 57.375).effect == pytest.approx(3)


def test_the_range_is_one_test_for_each_mean_in_order() -> None:
    told = small.mee_chua_range(LANGUAGE_BEFORE, LANGUAGE_AFTER, [60, 70, 65])
    assert [part.population_mean for part in told] == [60, 70, 65]
    assert told[1] == small.mee_chua(LANGUAGE_BEFORE, LANGUAGE_AFTER, 70)


def test_mee_chua_refuses_what_has_no_line_or_no_error() -> None:
    with pytest.raises(TooFew):
        small.mee_chua([40, 44], [50, 60], 68)
    with pytest.raises(TooFew):
        small.mee_chua([40, 40, 40], [50, 60, 52], 68)
    with pytest.raises(ValueError, match="one line"):
        small.mee_chua([40, 44, 48], [50, 54, 58], 68)
    with pytest.raises(ValueError, match="one end"):
        small.mee_chua([40, 44, 48], [50, 54], 68)


# No printed drop-out table with its raw data was found; this one is counted by hand.
COURSES = [
    Course(40, 60, False, 8, 200, {"sex": "girl"}),
    Course(52, 44, False, 6, 150, {"sex": "boy"}),
    Course(36, None, False, 2, 30, {"sex": "boy"}),
    Course(48, None, True, 3, None, {"sex": "girl"}),
    Course(None, None, True, 1, 10, {}),
    Course(None, 50, False, None, 90, {"sex": "boy"}),
    Course(44, 48, True, 9, 210, {"sex": "girl"}),
]


def test_the_drop_out_table_puts_every_course_in_one_column() -> None:
    told = small.dropout_table(COURSES, ["sex"])
    assert list(told) == ["pairs", "no_end", "in_course", "no_start"]
    assert [part.n for part in told.values()] == [3, 1, 1, 2]
    assert told["pairs"].traits == {"sex": {"girl": 2, "boy": 1}}
    assert told["no_start"].traits == {"sex": {"": 1, "boy": 1}}


def test_the_drop_out_table_describes_those_it_knows() -> None:
    told = small.dropout_table(COURSES)
    # 40, 52, 44: mean 136/3; squares about it 16/3 + 20/3 ... by hand 74.666/2 = 37.333.
    assert told["pairs"].start == Spread(3, pytest.approx(136 / 3), pytest.approx((112 / 3) ** 0.5))
    assert told["no_end"].start == Spread(1, 36, None)
    assert told["in_course"].days is None
    assert told["no_start"].start is None
    assert told["no_start"].sessions == Spread(1, 1, None)
    assert told["no_start"].days == Spread(2, 50, pytest.approx(3200**0.5))
    assert small.dropout_table([])["pairs"] == small.DropOut(0, None, None, None, {})


def test_the_missing_are_given_their_own_change() -> None:
    # By hand: 60 pairs up by 10, 40 without an end answer unchanged, then down by 5: 6 and 4 points in all.
    assert small.mean_if_missing(10, 60, 40, 0) == pytest.approx(6)
    assert small.mean_if_missing(10, 60, 40, -5) == pytest.approx(4)
    assert small.mean_if_missing(10, 60, 40, 10) == pytest.approx(10)
    with pytest.raises(TooFew):
        small.mean_if_missing(10, 0, 0, 0)
