"""The invented year: the same dice for every rule, honest intervals, and nobody lost on the way."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from scipy import stats

from brobygger.placement import proof, simulation
from brobygger.placement.simulation import RULES, Rule, Service

SMALL = Service(groups=4, places=2, families=1.5, warm=8, weeks=16)


def test_the_same_seed_plays_the_same_year_and_another_seed_another():
    for rule in (RULES[1], RULES[2]):
        assert simulation.year(SMALL, rule, 4) == simulation.year(SMALL, rule, 4)
    assert len({simulation.year(SMALL, RULES[0], seed) for seed in range(4)}) > 1


def test_every_rule_meets_the_same_children():
    one, other = simulation._House(SMALL, 3), simulation._House(SMALL, 3)

    assert one.comers == other.comers and one.groups == other.groups and one.inside == other.inside


def test_every_week_keeps_the_rules_and_loses_no_child(monkeypatch):
    house, before = simulation._House(SMALL, 1), []
    seat = simulation._House._seat

    def watched(self, instance, placing, week):
        assert proof.verify(instance, placing) == []
        before.append((len(self.waiting), len(placing.seats)))
        seat(self, instance, placing, week)
        assert len(self.waiting) == before[-1][0] - before[-1][1]

    monkeypatch.setattr(simulation._House, "_seat", watched)
    for week in range(16):
        house.week(week, RULES[2])
        for key, seated in house.inside.items():
            assert len(seated) <= SMALL.seats
            # Between two meetings no more than the round allows.
            assert sum(since > week - 2 for *_who, since in seated) <= SMALL.newcomers, key
    assert len(before) > 10 and sum(placed for _waiting, placed in before) == len(house.waits)


def test_the_interval_is_the_textbooks():
    values = [3.0, 4.5, 5.0, 7.5, 2.0]

    found = simulation.span(values)

    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.mean, found.high) == pytest.approx((low, 4.4, high))
    assert simulation.span([2.0]) == simulation.Span(2.0, 2.0, 2.0)


def test_differences_are_counted_seed_by_seed():
    """Paired: a rule beside itself differs by nothing at all, however much the years differ."""
    same = [RULES[1], replace(RULES[1], key="again"), Rule("rarely", False, 8)]
    heard: list[str] = []

    first, again, rarely = simulation.simulate(SMALL, seeds=range(3), played=same, tell=heard.append)

    assert first.against["mean_wait"] == again.against["mean_wait"] == simulation.Span(0, 0, 0)
    assert first.counts == again.counts and first.counts["mean_wait"].low < first.counts["mean_wait"].high
    assert rarely.against["mean_wait"].mean > 0
    assert len(heard) == 9


def test_a_service_nobody_comes_to_plays_a_quiet_year():
    quiet = simulation.year(replace(SMALL, families=0.0), RULES[2], 0)

    assert (quiet.placed, quiet.waiting, quiet.mean_wait) == (0, 0, 0.0)
    assert quiet.empty > 0


@pytest.mark.parametrize("rule", simulation.RULES[:3], ids=lambda rule: rule.key)
def test_everybody_who_came_got_a_place_gave_up_or_waits_still(rule) -> None:
    service = simulation.Service(groups=3, families=3, patience=8.0, warm=0, weeks=30)
    came = sum(len(each) for each in simulation._House(service, 7).comers.values())

    played = simulation.year(service, rule, 7)

    assert played.gave_up > 0 and played.waiting > 0
    assert played.placed + played.gave_up + played.waiting == came


@pytest.mark.django_db
def test_no_child_waits_less_than_nought_weeks(monkeypatch) -> None:
    """The formula's interval goes below nought where the years differ much; a wait does not."""
    wide = {name: simulation.Span(1.0, -2.5, 4.5) for name in simulation.COUNTED}
    monkeypatch.setattr(simulation, "simulate", lambda *args, **more: [simulation.Played(RULES[0], wide, wide)])
    heard = StringIO()

    call_command("simulate", seeds=2, stdout=heard)

    assert "1.0 weeks (0.0 to 4.5)" in heard.getvalue()
