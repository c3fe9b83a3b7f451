"""The growth model, against numbers printed elsewhere, and against its own likelihood written out in full."""

from collections.abc import Iterator
from math import log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from brobygger.statistics import growth
from brobygger.statistics.growth import Growth, Unconverged
from brobygger.statistics.small import TooFew
from brobygger.statistics.tests.printed import DISTANCE, REACTION, as_printed

Answers = tuple[list[int], list[float], list[float]]
THREE = ((0, 0.0), (1, 3.0), (2, 6.0))


def sleep_study(keep: Any = lambda subject, day: True) -> Answers:
    rows = [(s, float(d), v) for s, row in enumerate(REACTION) for d, v in enumerate(row) if keep(s, d)]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def uneven(subject: int, day: int) -> bool:
    """Keep 61 of the 180 answers: one to six a person, on days of their own."""
    return (subject * 7 + day * day * 3 + subject * day) % 11 < 4


def test_the_line_of_the_sleep_study_is_lme4s() -> None:
    told = growth.fit_growth(*sleep_study(), enough=18)
    # lme4, lmer(Reaction ~ Days + (Days | Subject), sleepstudy), REML, printed by broom (gist njtierney
    # 8d235ec8ab0db7d544f3157062439fdb): 251.40510485, 10.46728596; errors 6.824556 and 1.545789; SDs 24.74044768,
    # 5.92213326, 25.59181589; correlation 0.06555134; REML criterion 1743.628.
    assert told.model == growth.SLOPES
    assert (told.children, told.answers, told.children_with_three) == (18, 180, 18)
    assert told.intercept == as_printed("251.40510485")
    assert told.slope == as_printed("10.46728596")
    assert sqrt(told.covariance[0][0]) == pytest.approx(6.824556, abs=3e-6)
    assert sqrt(told.covariance[1][1]) == pytest.approx(1.545789, abs=1e-6)
    assert told.sd_intercept == pytest.approx(24.74044768, abs=1e-4)
    assert told.sd_slope == pytest.approx(5.92213326, abs=1e-5)
    assert told.sd_residual == pytest.approx(25.59181589, abs=1e-5)
    assert told.correlation == pytest.approx(0.06555134, abs=1e-5)
    assert told.criterion == as_printed("1743.628")
    assert not told.singular


def test_the_line_of_the_jaws_is_nlmes() -> None:
    children = [child for child in range(27) for _ in range(4)]
    ages, distances = [8.0, 10.0, 12.0, 14.0] * 27, [float(value) for row in DISTANCE for value in row]
    told = growth.fit_growth(children, ages, distances, enough=27)
    # nlme, lme(distance ~ age, Orthodont), random = ~ age | Subject, REML, as printed in an open course's notes on
    # Pinheiro & Bates: 16.761111 (0.7752461), 0.660185 (0.0712533); StdDev 2.3270339, 0.2264276, 1.3100399;
    # Corr -0.609; correlation of the fixed effects -0.848; logLik -221.3183.
    assert told.intercept == as_printed("16.761111")
    assert told.slope == as_printed("0.660185")
    assert sqrt(told.covariance[0][0]) == pytest.approx(0.7752461, abs=2e-6)
    assert sqrt(told.covariance[1][1]) == pytest.approx(0.0712533, abs=2e-7)
    both = told.covariance[0][1] / sqrt(told.covariance[0][0] * told.covariance[1][1])
    assert both == as_printed("-0.848")
    assert told.sd_intercept == pytest.approx(2.3270339, abs=1e-5)
    assert told.sd_slope == pytest.approx(0.2264276, abs=1e-6)
    assert told.sd_residual == pytest.approx(1.3100399, abs=1e-6)
    assert told.correlation == as_printed("-0.609")
    assert -told.criterion / 2 == as_printed("-221.3183")


def test_with_too_few_for_slopes_the_intercepts_alone_are_lme4s() -> None:
    told = growth.fit_growth(*sleep_study())
    # lme4 2.0.1, lmer(Reaction ~ Days + (1 | Subject), sleepstudy), REML: 251.40510485 (9.74671627), 10.46728596
    # (0.80422143), residual SD 30.99123390, subject variance 1378.17851352, logLik
    # -893.23254270 (parity report of mixeff 0.1.0, 2026-05-31).
    assert told.model == growth.INTERCEPTS
    assert (told.sd_slope, told.correlation) == (None, None)
    assert told.intercept == as_printed("251.40510485")
    assert sqrt(told.covariance[0][0]) == pytest.approx(9.74671627, abs=2e-6)
    assert sqrt(told.covariance[1][1]) == pytest.approx(0.80422143, abs=1e-7)
    assert told.sd_residual == pytest.approx(30.99123390, abs=3e-6)
    assert told.sd_intercept**2 == pytest.approx(1378.17851352, abs=2e-3)
    assert -told.criterion / 2 == as_printed("-893.23254270")


def test_uneven_answers_give_statsmodels_line() -> None:
    told = growth.fit_growth(*sleep_study(uneven), enough=5)
    # statsmodels 0.15.0, MixedLM, REML, method "lbfgs", run once on these 61 answers: best criterion 584.7122266 (its
    # "nm" and "cg" agree to seven figures; "powell" does not get there). No printed fit of uneven answers was found.
    assert (told.children, told.answers) == (18, 61)
    assert told.criterion == pytest.approx(584.7122266, abs=2e-7)
    assert (told.intercept, told.slope) == (pytest.approx(241.963459, abs=1e-4), pytest.approx(12.441872, abs=2e-5))
    # Its errors (7.0715, 1.9446) come from a Hessian over all parameters and differ in the third figure; ours are held
    # to the likelihood written out in full, below.
    assert told.sd_intercept**2 == pytest.approx(326.361, abs=0.03)
    assert told.sd_slope is not None
    assert told.sd_slope**2 == pytest.approx(44.40697, abs=2e-3)
    assert told.sd_residual**2 == pytest.approx(457.6929, abs=3e-3)


def in_full(answers: Answers, sds: tuple[float, float, float], correlation: float) -> tuple[float, Any, Any]:
    """Write the restricted criterion out with one big covariance matrix: (criterion, line, its covariance)."""
    who, t, y = (np.array(part, float) for part in answers)
    design = np.column_stack([np.ones_like(t), t])
    one, two, error = sds
    own = np.array([[one**2, correlation * one * two], [correlation * one * two, two**2]])
    covariance = (design @ own @ design.T) * (who[:, None] == who[None, :]) + error**2 * np.eye(len(t))
    inverse = np.linalg.inv(covariance)
    of_line = np.linalg.inv(design.T @ inverse @ design)
    line = of_line @ design.T @ inverse @ y
    rest = y - design @ line
    logs = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(of_line)[1]
    return float(logs + rest @ inverse @ rest + (len(t) - 2) * log(2 * pi)), line, of_line


@pytest.mark.parametrize("answers", [sleep_study(), sleep_study(uneven)], ids=["even", "uneven"])
def test_the_fit_is_the_floor_of_the_likelihood_written_out_in_full(answers: Answers) -> None:
    told = growth.fit_growth(*answers, enough=5)
    assert told.sd_slope is not None and told.correlation is not None
    best = (told.sd_intercept, told.sd_slope, told.sd_residual)
    criterion, line, of_line = in_full(answers, best, told.correlation)
    assert told.criterion == pytest.approx(criterion, abs=1e-6)
    assert (told.intercept, told.slope) == pytest.approx(tuple(line), rel=1e-8)
    assert np.array(told.covariance) == pytest.approx(of_line, rel=1e-7)
    for place in range(3):
        for factor in (0.98, 1.02):
            nudged = tuple(part * (factor if at == place else 1) for at, part in enumerate(best))
            assert in_full(answers, nudged, told.correlation)[0] > criterion
    for step in (-0.02, 0.02):
        assert in_full(answers, best, told.correlation + step)[0] > criterion


def test_the_unit_of_time_and_the_zero_of_the_scale_change_nothing_else() -> None:
    who, days, values = sleep_study(uneven)
    told = growth.fit_growth(who, days, values, enough=5)
    other = growth.fit_growth(who, [day / 30 for day in days], [value - 200 for value in values], enough=5)
    assert other.slope == pytest.approx(told.slope * 30, rel=1e-6)
    assert other.intercept == pytest.approx(told.intercept - 200, rel=1e-6)
    assert other.sd_residual == pytest.approx(told.sd_residual, rel=1e-5)


def test_the_change_after_some_months_is_the_slope_and_its_error_so_many_times() -> None:
    told = growth.fit_growth(*sleep_study(), enough=18).change_after(6)
    # From lme4's printed slope and error: 6 · 10.46728596 ± 1.959964 · 6 · 1.545789.
    assert told.change == pytest.approx(62.80371576, abs=1e-6)
    assert told.se == pytest.approx(9.274734, abs=1e-5)
    assert told.interval.lower == pytest.approx(62.80371576 - 1.959964 * 9.274734, abs=1e-4)
    assert told.interval.upper == pytest.approx(62.80371576 + 1.959964 * 9.274734, abs=1e-4)


def alike() -> Iterator[tuple[int, float, float]]:
    """Give forty children whose own least-squares lines all rise alike: there is no spread of slopes to find."""
    for child in range(40):
        for month, off in zip((0.0, 3.0, 6.0, 9.0), (5, -5, -5, 5), strict=True):
            yield child, month, 40 + month + (child * 13) % 29 + (1 if child % 2 else -1) * off


def test_without_spread_of_slopes_the_intercepts_alone_are_fitted() -> None:
    who, months, scores = (list(part) for part in zip(*alike(), strict=True))
    told = growth.fit_growth(who, months, scores)
    assert told.children_with_three == 40
    assert told.model == growth.INTERCEPTS
    assert told.slope == pytest.approx(1)


def test_lines_that_all_cross_in_one_point_are_called_singular() -> None:
    rows = [(child, month, float(4 * ((child * 7 + place * 3) % 9))) for child in range(40) for place, month in THREE]
    who, months, scores = (list(part) for part in zip(*rows, strict=True))
    told = growth.fit_growth(who, months, scores)
    assert told.model == growth.SLOPES
    assert told.singular
    assert told.correlation == pytest.approx(-1)
    # The edge is the floor: in full, any looser correlation does worse.
    assert told.sd_slope is not None
    best = (told.sd_intercept, told.sd_slope, told.sd_residual)
    edge = in_full((who, months, scores), best, -1)[0]
    assert told.criterion == pytest.approx(edge, abs=1e-6)
    assert in_full((who, months, scores), best, -0.97)[0] > edge


def test_thirty_with_three_answers_are_enough_for_slopes_and_twenty_nine_are_not() -> None:
    rng = np.random.default_rng(5)
    own = rng.normal(0, 3, 30)
    rows = [(c, float(m), 40 + own[c] * m + rng.normal(0, 4)) for c in range(30) for m in (0, 3, 8)]
    who, months, scores = (list(part) for part in zip(*rows, strict=True))
    assert growth.fit_growth(who, months, scores).model == growth.SLOPES
    fewer = growth.fit_growth(who[:-1], months[:-1], scores[:-1])
    assert (fewer.model, fewer.children, fewer.children_with_three) == (growth.INTERCEPTS, 30, 29)


def test_a_search_cut_short_gives_no_numbers() -> None:
    with pytest.raises(Unconverged, match="ran out"):
        growth.fit_growth(*sleep_study(), enough=5, budget=20)


def fake(monkeypatch: pytest.MonkeyPatch, ends: list[Any]) -> None:
    """Let the search claim success wherever we say."""

    def minimize(objective: Any, place: Any, **_: Any) -> Any:
        x = np.asarray(ends.pop(0) if ends else place, float)
        return optimize.OptimizeResult(x=x, fun=objective(x), success=True)

    monkeypatch.setattr(growth.optimize, "minimize", minimize)


def test_a_search_that_stops_on_a_slope_and_calls_it_done_gives_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, [(0.5, 0.2, 0.4)] * 4)
    with pytest.raises(Unconverged, match="on a slope"):
        growth.fit_growth(*sleep_study(), enough=5)


def test_two_searches_with_two_ends_give_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, [(0.5, 0.2, 0.4)] * 2 + [(2.0, 0.0, 1.0)] * 2)
    with pytest.raises(Unconverged, match="different places"):
        growth.fit_growth(*sleep_study(), enough=5)


def test_a_search_that_never_settles_gives_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, [(3.0, 0, 3.0), (2.0, 0, 2.5), (1.5, 0, 2.0), (1.0, 0, 1.5)])
    with pytest.raises(Unconverged, match="kept finding"):
        growth.fit_growth(*sleep_study(), enough=5)


@pytest.mark.parametrize(
    "scores",
    [[1.0, 2, 3, 4, 5, 6], [5.0] * 6, [1.0, 2, 1, 2, 1, 2]],
    ids=["every line exact", "one score", "one line"],
)
def test_answers_without_error_give_no_numbers(scores: list[float]) -> None:
    with pytest.raises(Unconverged):
        growth.fit_growth([1, 1, 2, 2, 3, 3], [0, 1] * 3, scores)


def test_what_cannot_carry_a_line_is_refused() -> None:
    with pytest.raises(TooFew, match="two times"):
        growth.fit_growth([1, 1, 2, 2], [3, 3, 3, 3], [40, 44, 48, 60])
    with pytest.raises(TooFew, match="answered twice"):
        growth.fit_growth([1, 2, 3, 4], [0, 1, 2, 3], [40, 44, 48, 60])
    with pytest.raises(TooFew, match="two children"):
        growth.fit_growth([1, 1, 1, 1], [0, 1, 2, 3], [40, 44, 48, 60])
    with pytest.raises(ValueError, match="a child, a time"):
        growth.fit_growth([1, 1], [0, 1, 2], [40, 44])
    with pytest.raises(ValueError, match="numbers"):
        growth.fit_growth([1, 1, 2, 2], [0, 1, 2, 3], [40, float("nan"), 48, 60])


def test_names_of_children_may_be_anything() -> None:
    who, days, values = sleep_study(uneven)
    named: Growth = growth.fit_growth([("child", number) for number in who], days, values, enough=5)
    assert named == growth.fit_growth(who, days, values, enough=5)
