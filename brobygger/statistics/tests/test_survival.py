"""Waiting and staying, against numbers printed elsewhere: the source stands beside each number."""

from math import exp

import numpy as np
import pytest

from brobygger.statistics import survival
from brobygger.statistics.small import TooFew
from brobygger.statistics.survival import Curve
from brobygger.statistics.tests.printed import AML_LOW_RISK, GLIOMA_CONTROL, PLACEBO, SIX_MP, as_printed

#: Marubini & Valsecchi 1995, Analysing Survival Data, table 10.1, treatment A, as listed in the SAS sample LIFTCRSK:
#: weeks to the first kind of event, to the second, and until last seen.
FIRST = [1, 13, 17, 30, 34, 41, 78, 100, 119, 169]
SECOND = [1, 6, 8, 13, 13, 15, 33, 37, 44, 45, 63, 80, 89, 89, 91, 132, 144, 171, 183, 240]
SEEN = [34, 60, 63, 149, 207]
WEEKS = [*FIRST, *SECOND, *SEEN]
ENDINGS = ["first"] * 10 + ["second"] * 20 + [None] * 5


def staying(data: list[tuple[int, bool]], level: float = 0.95) -> Curve:
    return survival.kaplan_meier([weeks for weeks, _ in data], [gone for _, gone in data], level)


def test_kaplan_meier_and_greenwood_are_survfits_for_6_mp() -> None:
    # R 4.5.3, survival 3.8.6, summary(survfit(Surv(time, event) ~ 1)) of the 6-MP group, printed to 15 digits in an
    # open Swift test suite (testKaplanMeierBandMatchesSurvfit); here to ten.
    expected = [
        *((6, 21, "0.8571428571", "0.0763603548"), (7, 17, "0.8067226891", "0.0869352852")),
        *((10, 15, "0.7529411765", "0.0963496530"), (13, 12, "0.6901960784", "0.1068147078")),
        *((16, 11, "0.6274509804", "0.1140538653"), (22, 7, "0.5378151261", "0.1282337517")),
        (23, 6, "0.4481792717", "0.1345914568"),
    ]
    told = staying(SIX_MP)
    assert [(point.day, point.at_risk) for point in told.points] == [(week, at_risk) for week, at_risk, *_ in expected]
    for point, (_, _, share, error) in zip(told.points, expected, strict=True):
        assert point.estimate == as_printed(share)
        assert point.se == as_printed(error)
    assert told.reaches(0.5) == 23
    assert told.n == 21


def test_the_log_log_interval_is_survfits_for_placebo() -> None:
    # R's summary of a survfit of the placebo group, as handed to print, captured in oracle/fastr
    # (TestBuiltin_prmatrix.java, testprmatrix3): n.risk, n.event, survival, std.err, lower and upper 95 % (log-log).
    expected = [
        (1, 21, 2, "0.904761904761905", "0.0640564484890047", "0.670045882235034", "0.975294149038113"),
        (2, 19, 2, "0.80952380952381", "0.0856890867468988", "0.568905059924173", "0.923888828559295"),
        (3, 17, 1, "0.761904761904762", "0.0929428640903365", "0.519391415328429", "0.893257109782487"),
        (4, 16, 2, "0.666666666666667", "0.102868899974728", "0.425350435565247", "0.82504400879734"),
        (5, 14, 2, "0.571428571428571", "0.107989849431208", "0.337976953859493", "0.749240709943216"),
        (8, 12, 4, "0.380952380952381", "0.105971169574131", "0.183066548820394", "0.577788677745831"),
        (11, 8, 2, "0.285714285714286", "0.0985807941917649", "0.116561326436765", "0.481819648009025"),
        (12, 6, 2, "0.19047619047619", "0.0856890867468988", "0.0594817013611753", "0.37743489058515"),
        (15, 4, 1, "0.142857142857143", "0.0763603548321212", "0.0356573551906667", "0.321161574680869"),
        (17, 3, 1, "0.0952380952380952", "0.0640564484890047", "0.016259260212247", "0.261249981968687"),
        (22, 2, 1, "0.0476190476190476", "0.0464714320451682", "0.00332446304253118", "0.197044905698946"),
    ]
    told = survival.kaplan_meier(PLACEBO, [True] * 21)
    for point, (week, at_risk, count, *numbers) in zip(told.points, expected, strict=False):
        assert (point.day, point.at_risk, point.events) == (week, at_risk, count)
        assert point.interval is not None
        found = [point.estimate, point.se, point.interval.lower, point.interval.upper]
        assert found == pytest.approx([float(number) for number in numbers], rel=1e-12)
    # R prints NA where the curve is at 0.
    assert (told.points[-1].day, told.points[-1].estimate, told.points[-1].interval) == (23, 0, None)


def test_the_log_log_interval_holds_with_people_still_there() -> None:
    # lifelines' own tests against R (test_kmf_confidence_intervals_output_against_R, conf.type = 'log-log'), glioma
    # grade III, control: lower .2731 .1946 .1109 .0461, upper .975 .904 .804 .676.
    told = staying(GLIOMA_CONTROL)
    assert [point.day for point in told.points] == [9, 19, 32, 34]
    for point, share, lower, upper in zip(
        told.points,
        ("0.833", "0.667", "0.5", "0.333"),
        ("0.2731", "0.1946", "0.1109", "0.0461"),
        ("0.975", "0.904", "0.804", "0.676"),
        strict=True,
    ):
        assert point.estimate == as_printed(share)
        assert point.interval is not None
        assert point.interval.lower == as_printed(lower)
        assert point.interval.upper == as_printed(upper)


def test_the_number_at_risk_counts_those_seen_last_that_day() -> None:
    # R's survfit of the 6-MP group (same source as above): at risk 21, 17, 15, 12, 11, 7, 6. The other row by hand.
    weeks = [week for week, _ in SIX_MP]
    assert survival.number_at_risk(weeks, [6, 7, 10, 13, 16, 22, 23]) == (21, 17, 15, 12, 11, 7, 6)
    assert survival.number_at_risk(weeks, [0, 35, 36]) == (21, 1, 0)


def relapse() -> Curve:
    names = {0: None, 1: "relapse", 2: "death"}
    days = [days / 365.25 for days, _ in AML_LOW_RISK]
    return survival.cumulative_incidence(days, [names[status] for _, status in AML_LOW_RISK], "relapse")


@pytest.mark.parametrize(
    ("years", "share", "error", "lower", "upper"),
    # R, tidycmprsk::cuminc (cmprsk 2.2-12), relapse among AML low risk, printed in CAMIS (PSIAIMS/CAMIS, "Estimating
    # Cumulative Incidence Functions Using R"); Aalen's variance, log-log limits; SAS gives the same there.
    [
        (1, "0.0741", "0.0360", "0.0234", "0.1646"),
        (1.5, "0.1296", "0.0463", "0.0563", "0.2344"),
        (2, "0.1481", "0.0489", "0.0685", "0.2565"),
        (3, "0.1667", "0.0514", "0.0813", "0.2783"),
    ],
)
def test_cumulative_incidence_is_cmprsks(years: float, share: str, error: str, lower: str, upper: str) -> None:
    told = relapse().at(years)
    assert told.estimate == as_printed(share)
    assert told.se == as_printed(error)
    assert told.interval is not None
    assert (told.interval.lower, told.interval.upper) == (as_printed(lower), as_printed(upper))


def test_before_the_first_relapse_there_is_no_interval() -> None:
    # CAMIS prints 0.0000, 0.0000, NA, NA at half a year.
    told = relapse().at(0.5)
    assert (told.estimate, told.se, told.interval) == (0, 0, None)


@pytest.mark.parametrize(
    ("cause", "week", "share", "lower", "upper"),
    # scikit-survival 0.28.0, cumulative_incidence_competing_risks(conf_type="log-log", var_type="Aalen"), run once on
    # these data; ties between and within causes, and people last seen in between.
    [
        *(("first", 13, 0.057143, 0.009922, 0.169331), ("second", 13, 0.142857, 0.051230, 0.279620)),
        *(("first", 63, 0.172727, 0.068742, 0.316084), ("second", 63, 0.321238, 0.172002, 0.480666)),
        *(("first", 89, 0.206463, 0.088740, 0.357859), ("second", 89, 0.422445, 0.249150, 0.586077)),
        *(("first", 144, 0.273934, 0.132346, 0.436450), ("second", 144, 0.523652, 0.333261, 0.683263)),
        *(("first", 183, 0.314417, 0.157218, 0.485008), ("second", 183, 0.604617, 0.395892, 0.760925)),
    ],
)
def test_cumulative_incidence_is_scikit_survivals(
    cause: str, week: int, share: float, lower: float, upper: float
) -> None:
    told = survival.cumulative_incidence(WEEKS, ENDINGS, cause).at(week)
    assert told.interval is not None
    found = (told.estimate, told.interval.lower, told.interval.upper)
    assert found == pytest.approx((share, lower, upper), abs=6e-7)


def test_half_have_come_to_the_second_ending_by_week_144_and_never_to_the_first() -> None:
    # Read off scikit-survival's curve: 0.523652 from week 144 on, below a half before; the first ends at 0.3144.
    assert survival.cumulative_incidence(WEEKS, ENDINGS, "second").reaches(0.5) == 144
    assert survival.cumulative_incidence(WEEKS, ENDINGS, "first").reaches(0.5) is None


def test_the_endings_and_those_still_waiting_add_up_to_everybody() -> None:
    # Algebra, with the Kaplan-Meier curve of any ending as the other program.
    free = survival.kaplan_meier(WEEKS, [ending is not None for ending in ENDINGS])
    curves = [survival.cumulative_incidence(WEEKS, ENDINGS, cause) for cause in ("first", "second")]
    for week in (1, 13, 34, 63, 100, 183, 240):
        assert sum(curve.at(week).estimate for curve in curves) + free.at(week).estimate == pytest.approx(1)


def test_calling_other_endings_censored_overstates() -> None:
    # The mistake this function is there to prevent: 1 - Kaplan-Meier of one ending alone is larger.
    plain = survival.kaplan_meier(WEEKS, [ending == "first" for ending in ENDINGS])
    assert 1 - plain.at(183).estimate > survival.cumulative_incidence(WEEKS, ENDINGS, "first").at(183).estimate + 0.1


def double_sum(days: list[float], endings: list[str | None], cause: str) -> list[float]:
    """Write Aalen's variance out as Pintilie 2006 prints it (equation 4.5), one double sum for each day."""
    rows, free, share = [], 1.0, 0.0
    for day in sorted({day for day, ending in zip(days, endings, strict=True) if ending}):
        y = sum(other >= day for other in days)
        here = [ending for other, ending in zip(days, endings, strict=True) if other == day and ending]
        d, own = len(here), here.count(cause)
        share += free * own / y
        rows.append((y, d, own, free, share))
        free *= 1 - d / y
    variances = []
    for place, (*_, reached) in enumerate(rows):
        total = 0.0
        for y, d, own, before, then in rows[: place + 1]:
            # With one person left, (y - own) / (y - 1) is taken at its limit; nothing is reached after them.
            total += before**2 * own / y**2 * ((y - own) / (y - 1) if y > 1 else 1)
            if reached > then:
                total += (reached - then) ** 2 * d / ((y - 1) * (y - d))
                total -= 2 * (reached - then) * before * own * (y - own) / (y * (y - d) * (y - 1))
        variances.append(total)
    return variances


@pytest.mark.parametrize("cause", ["first", "second"])
@pytest.mark.parametrize("seen", [5, 0], ids=["some still there", "everybody ended"])
def test_the_variance_is_the_papers_double_sum(cause: str, seen: int) -> None:
    weeks, endings = WEEKS[: 30 + seen], ENDINGS[: 30 + seen]
    told = survival.cumulative_incidence(weeks, endings, cause)
    assert [point.se**2 for point in told.points] == pytest.approx(double_sum(weeks, endings, cause), abs=1e-12)


def test_estimate_error_and_interval_hold_where_the_truth_is_known() -> None:
    # Another way altogether: 1,000 waiting lists of 120, with constant rates of starting, of going elsewhere and of the
    # report date. The truth at day 30 is 2/3 (1 - exp(-0.9)).
    made, day, truth = np.random.default_rng(7), 30.0, 2 / 3 * (1 - exp(-0.9))
    found, variances, covered = [], [], 0
    for _ in range(1000):
        times = np.array([made.exponential(1 / rate, 120) for rate in (0.02, 0.01, 0.008)])
        names = np.array(["started", "elsewhere", None], object)[times.argmin(axis=0)]
        told = survival.cumulative_incidence(times.min(axis=0).tolist(), names.tolist()).at(day)
        assert told.interval is not None
        found.append(told.estimate)
        variances.append(told.se**2)
        covered += told.interval.lower <= truth <= told.interval.upper
    assert np.mean(found) == pytest.approx(truth, abs=0.005)
    assert np.mean(variances) == pytest.approx(np.var(found), rel=0.1)
    assert 935 <= covered <= 965


def test_everybody_starting_is_a_curve_that_ends_at_one() -> None:
    told = survival.cumulative_incidence([3, 5, 5], ["started"] * 3)
    assert [(point.day, point.at_risk) for point in told.points] == [(3, 3), (5, 2)]
    assert [point.estimate for point in told.points] == pytest.approx([1 / 3, 1])
    assert told.points[-1].interval is None
    assert told.reaches(0.5) == 5
    one = survival.cumulative_incidence([3], ["started"])
    assert (one.points[0].estimate, one.points[0].interval) == (1, None)


def test_nobody_having_started_is_a_flat_curve() -> None:
    told = survival.cumulative_incidence([3, 5, 8], [None, None, "elsewhere"])
    assert told.reaches(0.5) is None
    assert told.at(8).estimate == 0
    assert survival.cumulative_incidence([3, 5], [None, None]).at(4).estimate == 0
    assert survival.kaplan_meier([3, 5], [False, False]).at(4).estimate == 1


def test_a_curve_says_nothing_of_days_nobody_was_seen() -> None:
    told = survival.kaplan_meier([3, 5, 8], [True, False, False])
    assert told.at(8).estimate == pytest.approx(2 / 3)
    assert told.at(2.9).estimate == 1
    assert told.at(3).estimate == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="that late"):
        told.at(8.1)


def test_half_means_half_in_spite_of_rounding() -> None:
    # Ten, five of whom go one by one: the product of fractions is a half by algebra, not by the computer.
    told = survival.kaplan_meier(range(1, 11), [day <= 5 for day in range(1, 11)])
    assert told.reaches(0.5) == 5
    assert told.reaches(0.9) == 1


def test_times_that_cannot_be_are_refused() -> None:
    with pytest.raises(TooFew):
        survival.kaplan_meier([], [])
    with pytest.raises(ValueError, match="one ending"):
        survival.cumulative_incidence([1, 2], [None])
    for day in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="number of days"):
            survival.kaplan_meier([1.0, day], [True, True])
