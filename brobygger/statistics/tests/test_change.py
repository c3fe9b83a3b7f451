"""Change before and after, against numbers printed elsewhere: the source stands beside each number."""

from math import sqrt

import numpy as np
import pytest

from brobygger.statistics import change
from brobygger.statistics.small import Interval, TooFew
from brobygger.statistics.tests.printed import MILES, SLEEP_FIRST, SLEEP_SECOND, as_printed


def with_moments(mean: float, sd: float, n: int, turn: int) -> list[float]:
    """Make n values with exactly this mean and SD, for sources that print only those."""
    raw = np.array([(place * turn) % 11 for place in range(1, n + 1)], float)
    return [float(value) for value in mean + sd * (raw - raw.mean()) / raw.std(ddof=1)]


def test_the_paired_change_is_what_r_prints_of_students_sleep_data() -> None:
    told = change.paired_change(SLEEP_FIRST, SLEEP_SECOND)
    # R, t.test(extra ~ group, sleep, paired = TRUE), printed in many open courses: mean of the differences -1.58 (group
    # 1 less group 2), 95 percent confidence interval -2.4598858 -0.7001142, t = -4.0621, df = 9.
    assert told.n == 10
    assert told.mean == as_printed("1.58")
    assert told.interval.lower == as_printed("0.7001142")
    assert told.interval.upper == as_printed("2.4598858")
    assert told.mean / told.se == as_printed("4.0621")
    # TOSTER (Caldwell), t_TOST on the same data: SE 0.3889587, 90 % limits 0.8669947 and 2.293005.
    assert told.se == as_printed("0.3889587")
    assert change.paired_change(SLEEP_FIRST, SLEEP_SECOND, 0.90).interval == Interval(
        as_printed("0.8669947"), as_printed("2.293005"), 0.90
    )
    # R, sd(diffs) 1.2299955 and cor(g1, g2) 0.7951702, printed in an open tutorial on the same data.
    assert told.sd == as_printed("1.2299955")
    assert told.correlation == as_printed("0.7951702")


def test_means_and_spreads_are_students_own() -> None:
    told = change.paired_change(SLEEP_FIRST, SLEEP_SECOND)
    # Student 1908, Biometrika 6, p. 20 (en.wikisource.org, Biometrika - Volume 6, Issue 1.djvu/20): means +.75, +2.33,
    # +1.58; S.D. 1.70, 1.90, 1.17, by n where ours are by n - 1.
    assert (told.start_mean, told.end_mean, told.mean) == (as_printed("0.75"), as_printed("2.33"), as_printed("1.58"))
    spreads = [part * sqrt(9 / 10) for part in (told.start_sd, told.end_sd, told.sd)]
    assert spreads == [as_printed("1.70"), as_printed("1.90"), as_printed("1.17")]


def test_a_change_without_spread_has_no_correlation_and_one_pair_no_change() -> None:
    assert change.paired_change([4, 4, 4], [8, 4, 12]).correlation is None
    with pytest.raises(TooFew):
        change.paired_change([4], [8])
    with pytest.raises(ValueError, match="one end"):
        change.paired_change([4, 8], [8])


@pytest.mark.parametrize(
    ("df", "factor"),
    # The same function is the constant c2 of control charts. Grant & Leavenworth, Statistical Quality Control, table of
    # factors (n, c2), as typed in several open control-chart programs: 2 0.5642, 3 0.7236, ...
    [
        *((2, "0.5642"), (3, "0.7236"), (4, "0.7979"), (5, "0.8407"), (6, "0.8686"), (7, "0.8882"), (8, "0.9027")),
        *((9, "0.9139"), (10, "0.9227"), (11, "0.9300"), (15, "0.9490"), (20, "0.9619"), (25, "0.9696")),
        *((30, "0.9748"), (50, "0.9849"), (100, "0.9925")),
    ],
)
def test_hedges_factor_is_exact(df: int, factor: str) -> None:
    # The old tables were rounded by hand: one unit in the last place is theirs.
    assert change.hedges_correction(df) == pytest.approx(float(factor), abs=1.01e-4)


def test_hedges_factor_needs_two_degrees_of_freedom() -> None:
    with pytest.raises(TooFew):
        change.hedges_correction(1)


def test_d_z_and_its_interval_are_toster_s() -> None:
    # TOSTER's own tests (R package by Caldwell & Lakens; t_TOST of the sleep differences, smd_ci = "nct"), which cite
    # effectsize::cohens_d: d -1.284558, 90 % limits -1.974615 and -0.5446397; Hedges' g -1.173925.
    told = change.effect_sizes(SLEEP_FIRST, SLEEP_SECOND, level=0.90)
    assert told.d_z == as_printed("1.284558")
    # Solved by search there and here: the last digit may differ by one.
    assert told.d_z_interval.lower == pytest.approx(0.5446397, abs=1e-7)
    assert told.d_z_interval.upper == pytest.approx(1.974615, abs=1e-6)
    assert told.g_z == as_printed("1.173925")


@pytest.mark.parametrize("d_z", [-3.0, 0.0, 0.2, 6.0])
def test_the_interval_of_d_z_holds_for_small_and_large_effects(d_z: float) -> None:
    # Independent of scipy's noncentral t: simulate under each limit and see the observed d in its tail.
    n, tail = 12, 0.025
    told = change.d_z_interval(d_z, n)
    made = np.random.default_rng(1)
    normal, chi = made.standard_normal(400_000), np.sqrt(made.chisquare(n - 1, 400_000) / (n - 1))
    for limit, beyond in ((told.lower, np.greater_equal), (told.upper, np.less_equal)):
        drawn = (normal + limit * sqrt(n)) / chi / sqrt(n)
        assert beyond(drawn, d_z).mean() == pytest.approx(tail, abs=1.5e-3)


def test_d_av_divides_by_the_mean_of_the_two_spreads() -> None:
    # MOTE's own tests (doomlab/MOTE, tests/testthat/test-d_dep_t_avg.R): means 5.57 and 4.43, SDs 1.99 and 2.88, n 7
    # give d 0.4681725.
    # The root mean square of the SDs, which other programs call d_av, would give 0.4606.
    start, end = with_moments(4.43, 2.88, 7, 3), with_moments(5.57, 1.99, 7, 4)
    told = change.effect_sizes(start, end)
    assert told.d_av == as_printed("0.4681725")
    assert told.g_av == pytest.approx(told.d_av * float("0.8686"), abs=3e-5)
    assert told.correction == as_printed("0.8686")


def test_without_spread_there_is_no_effect_size() -> None:
    with pytest.raises(ValueError, match="spread"):
        change.effect_sizes([1, 2, 3], [2, 3, 4])


def test_responders_are_counted_at_the_line_and_beyond() -> None:
    # No printed table counts by 10 and 24 points; these eleven are counted by hand.
    told = change.responders([24, 28, 10, 12, 9.9, 0, -4, -9.9, -10, -24, -40])
    assert [told.up.count, told.within.count, told.down.count] == [4, 4, 3]
    assert [told.far_up.count, told.far_down.count] == [2, 2]
    assert {part.n for part in (told.up, told.within, told.down, told.far_up, told.far_down)} == {11}


def test_responders_carry_wilsons_interval() -> None:
    # R, Signorell's binomCI(4, 19), method "wilson" (as in DescTools), reference page: 0.2105263, 0.0850767663 to
    # 0.4333428.
    told = change.responders([12] * 4 + [0] * 15).up
    assert told.share == as_printed("0.2105263")
    assert told.interval.lower == as_printed("0.0850767663")
    assert told.interval.upper == as_printed("0.4333428")


def test_reliable_change_is_what_suddengains_prints() -> None:
    # R package suddengains (Wiedemann et al.), reference of define_crit1_cutoff(sd = 10.5, reliability = 0.931):
    # 2.758124, 3.900577, 7.645131. The last uses 1.96, ours the quantile 1.959964.
    told = change.reliable_change(10.5, 0.931)
    assert told.sem == as_printed("2.758124")
    assert told.s_diff == as_printed("3.900577")
    assert told.threshold == pytest.approx(7.645131, rel=2e-5)
    # The same authors' analysis script (PDS, sample 1): SD 10.54 and reliability .83 gave the paper's cut-off 6.15.
    assert change.reliable_change(10.54, 0.83).s_diff == as_printed("6.15")


def test_the_danish_constants_agree_with_each_other() -> None:
    # Health Qual Life Outcomes 2018, doi 10.1186/s12955-018-1001-0: ICC 0.81, SEM 8.51, MDC 23.60 (22.27-25.10).
    told = change.from_sem(change.WHO5_SEM)
    assert told.threshold == pytest.approx(change.WHO5_MDC_POINTS, abs=0.02)
    assert (change.WHO5_ICC, change.WHO5_SEM, change.WHO5_MDC_POINTS) == (0.81, 8.51, 23.60)
    assert change.WHO5_MDC.lower < change.WHO5_MDC_POINTS < change.WHO5_MDC.upper
    # The first score step (4 points) beyond it.
    assert change.WHO5_RELIABLE == 4 * np.ceil(change.WHO5_MDC_POINTS / 4) == 24


def test_a_reliability_outside_its_range_is_refused() -> None:
    for sd, reliability in ((0, 0.8), (10, 1.2), (10, -0.1)):
        with pytest.raises(ValueError, match="spread"):
            change.reliable_change(sd, reliability)
    with pytest.raises(ValueError, match="negative"):
        change.from_sem(-1)


def test_cut_off_c_is_what_clinicalsignificance_prints() -> None:
    # R package clinicalsignificance (Claus), article "The Statistical Approach": clinical 35.48 (8.16), functional
    # 7.69 (7.52), cut-off c 21.02; a scale where lower is better.
    assert change.clinical_cutoffs(35.48, 8.16, 7.69, 7.52).c == as_printed("21.02")


def test_cut_offs_a_and_b_lie_two_spreads_from_their_own_group() -> None:
    # Jacobson & Truax 1991: clinical 40, norm 60, both SD 7.5. No printed a and b could be found; the sums are by hand:
    # 40 + 2 * 7.5, 60 - 2 * 7.5, half-way. With unequal SDs the two must not be exchanged.
    assert change.clinical_cutoffs(40, 7.5, 60, 7.5) == change.Cutoffs(55, 45, 50)
    assert change.clinical_cutoffs(40, 5, 60, 10) == change.Cutoffs(50, 40, pytest.approx(140 / 3))
    assert change.clinical_cutoffs(60, 5, 40, 10) == change.Cutoffs(50, 60, pytest.approx(160 / 3))
    with pytest.raises(ValueError, match="differ"):
        change.clinical_cutoffs(40, 5, 40, 10)


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        *(
            (40, 64, "recovered"),
            (50, 76, "recovered"),
            (52, 76, "improved"),
            (20, 48, "improved"),
            (20, 50, "improved"),
        ),
        *(
            (40, 60, "unchanged"),
            (60, 40, "unchanged"),
            (64, 40, "harmed"),
            (76, 50, "harmed"),
            (48, 20, "deteriorated"),
        ),
        *((76, 52, "deteriorated"), (44, 68, "recovered")),
    ],
)
def test_a_change_has_one_name(start: float, end: float, name: str) -> None:
    # The rule is Jacobson & Truax's, the cases by hand.
    assert change.change_class(start, end) == name
    assert name in change.CLASSES


def test_d_rm_is_the_one_printed_for_seven_who_saw_a_film() -> None:
    # MOTE (Buchanan et al.), d.dep.t.rm, dept_data: means 5.57 and 4.43, SD 1.99 and 2.88, r .68, n 7; d_rm = 0.43.
    rng = np.random.default_rng(7)
    raw = np.linalg.qr(np.column_stack([np.ones(7), rng.normal(size=(7, 2))]))[0][:, 1:] * sqrt(6)
    before = 5.57 + 1.99 * raw[:, 0]
    after = 4.43 + 2.88 * (0.68 * raw[:, 0] + sqrt(1 - 0.68**2) * raw[:, 1])
    told = change.paired_change(before.tolist(), after.tolist())
    assert (told.start_sd, told.end_sd) == (as_printed("1.99"), as_printed("2.88"))
    assert told.correlation == as_printed("0.68")
    sizes = change.effect_sizes(before.tolist(), after.tolist())
    assert sizes.d_rm is not None and sizes.g_rm is not None
    assert -sizes.d_rm == as_printed("0.43")
    assert sizes.g_rm == pytest.approx(sizes.d_rm * sizes.correction)
    assert change.effect_sizes([4, 4, 4], [8, 4, 12]).d_rm is None


@pytest.mark.parametrize(
    ("sd", "reach", "pairs"),
    # The house's plan of measuring (outcomes, paired change): half-widths of 5, 7 and 10 points with a spread of 18.
    # The last by trial and error with a t table, in a forum of students of physics: SD 0.537, reach 0.3, so 15.
    [(18, 5, 53), (18, 7, 28), (18, 10, 15), (0.537, 0.3, 15)],
)
def test_how_many_pairs_a_half_width_needs(sd: float, reach: float, pairs: int) -> None:
    assert change.pairs_needed(sd, reach) == pairs
    assert change.half_width(sd, pairs) <= reach < change.half_width(sd, pairs - 1)


def test_a_half_width_needs_two_pairs_and_a_reach() -> None:
    with pytest.raises(TooFew):
        change.half_width(18, 1)
    with pytest.raises(ValueError, match="reach"):
        change.pairs_needed(18, 0)


def test_a_benchmark_is_the_one_sample_interval_moved_by_the_norm() -> None:
    # R, t.test(mtcars$mpg, mu = 23), printed by interpretCI: mean 20.09062, limits 17.91768 and 22.26357, t -2.7307.
    told = change.benchmark(MILES, change.Norm(23, "made up", 2020, "all"), low=(15.2, 30.4))
    assert told.group.mean == as_printed("20.09062")
    assert told.interval.lower + 23 == as_printed("17.91768")
    assert told.interval.upper + 23 == as_printed("22.26357")
    error = change.half_width(told.group.sd or 0, 32) / 2.039513  # the t of 31 degrees, as mean_table prints it
    assert told.difference / error == as_printed("-2.7307")
    assert [(line, share.count, share.n) for line, share in told.shares] == [(15.2, 8, 32), (30.4, 30, 32)]


def test_there_is_no_norm_without_a_source_and_no_benchmark_of_one() -> None:
    with pytest.raises(ValueError, match="source"):
        change.Norm(68, "", 2023, "adults")
    with pytest.raises(TooFew):
        change.benchmark([40], change.Norm(68, "somewhere", 2023, "adults"))
