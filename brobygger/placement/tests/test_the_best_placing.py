"""The best placing there is: held against every other placing, against another solver's door, and against odd data."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brobygger.placement import proof, rules, solver
from brobygger.placement.rules import Family, Instance, Placing
from brobygger.placement.tests.lists import TODAY, child, every_placing, group, lists, waiting
from tests.waiting import SIZES, invent

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)


@slowly
@given(lists())
def test_no_placing_beats_the_solvers_and_it_breaks_no_rule(instance):
    answer = solver.solve(instance)
    best = max(rules.value(instance, each) for each in every_placing(instance) if not proof.verify(instance, each))

    assert proof.verify(instance, answer.placing) == []
    assert rules.value(instance, answer.placing) == best
    assert answer.proved
    assert tuple(level.value for level in answer.levels) == best


@slowly
@given(lists(children=8, groups=5))
def test_first_come_first_served_breaks_no_rule_and_is_never_better(instance):
    served = proof.first_come(instance)

    assert proof.verify(instance, served) == []
    assert rules.value(instance, solver.solve(instance).placing) >= rules.value(instance, served)


@slowly
@given(lists(children=8, groups=5), st.integers())
def test_the_order_of_the_rows_changes_nothing(instance, seed):
    dice = random.Random(seed)
    mixed = replace(
        instance,
        children=tuple(dice.sample(instance.children, len(instance.children))),
        families=tuple(dice.sample(instance.families, len(instance.families))),
        groups=tuple(dice.sample(instance.groups, len(instance.groups))),
    )

    one, other = solver.solve(instance), solver.solve(mixed)

    assert one.placing == other.placing
    assert proof.first_come(instance) == proof.first_come(mixed)


def test_a_whole_service_in_another_order_gets_the_same_answer():
    """Many placings are equally good here; the same one of them is proposed."""
    instance = invent(SIZES["service"], seed=1)
    turned = replace(instance, children=instance.children[::-1], groups=instance.groups[::-1])

    assert solver.solve(turned).placing == solver.solve(instance).placing


@slowly
@given(lists(children=6))
def test_the_rules_between_two_are_read_alike_by_both_readers(instance):
    """`possible` and `verify` are two readings of the same rules: they forbid the same seats."""
    for each in instance.children:
        for at in instance.groups:
            family = instance.family[each.family]
            said = {reason.code for reason in rules.possible(each, at, family)} - {"full"}
            alone = Placing({each.key: at.key})
            seen = {reason.code for reason in proof.verify(instance, alone)} & set(rules.IN_THE_WAY)
            assert said == seen


def test_a_childs_wait_beyond_the_limit_comes_before_two_who_came_later():
    old = child("old", "f1", weeks=30)
    new = [child("n1", "f2", weeks=2), child("n2", "f2", weeks=2)]
    couple = waiting(old, *new, groups=[group(running=False, smallest=2, seats_free=2), group("g2", seats_free=1)])
    foes = replace(couple, children=(replace(old, conflicts=frozenset({"g2"})), *new))

    assert solver.solve(foes).placing.seats["old"] == "g1"
    many_first = replace(foes, order=("few", "placed"))
    assert "old" not in solver.solve(many_first).placing.seats


def test_siblings_who_wish_to_be_apart_never_share_a_group():
    two = [child("a", "f1"), child("b", "f1")]
    apart = waiting(*two, groups=[group(seats_free=2)], families=[Family("f1", siblings="apart")])

    assert len(solver.solve(apart).placing.seats) == 1
    assert len(solver.solve(replace(apart, groups=(group(), group("g2")))).placing.seats) == 2


def test_a_new_group_opens_with_enough_children_or_not_at_all():
    for count, seats in ((2, 0), (3, 3)):
        children = [child(f"c{number}", f"f{number}") for number in range(count)]
        fresh = waiting(*children, groups=[group(running=False, smallest=3, seats_free=4)])
        assert len(solver.solve(fresh).placing.seats) == seats


def test_only_as_many_new_groups_open_as_there_are_leaders():
    children = [child(f"c{number}", f"f{number}") for number in range(4)]
    fresh = [group(f"g{number}", running=False, smallest=2, seats_free=2) for number in range(2)]
    for leaders, placed in (({}, 0), ({"hillerod": 1}, 2), ({"hillerod": 2}, 4), (None, 4)):
        assert len(solver.solve(waiting(*children, groups=fresh, leaders=leaders)).placing.seats) == placed


def test_a_parents_seat_needs_a_child_of_the_family_in_that_group():
    parents = [Family("f1", parent="wish"), Family("f2", parent="wish")]
    two = [child("a", "f1", months=96), child("b", "f2", months=60)]
    instance = waiting(*two, groups=[group(parent_seats=2)], families=parents)

    assert solver.solve(instance).placing.parents == {"f1": "g1"}
    found = proof.verify(instance, Placing({"a": "g1"}, {"f1": "g1", "f2": "g1"}))
    assert [reason.code for reason in found] == ["parent_without_child"]


def test_a_parents_chair_is_given_once():
    parents = [Family("f1", parent="wish"), Family("f2", parent="wish"), Family("f3", parent="must")]
    three = [child("a", "f1"), child("b", "f2"), child("c", "f3")]
    for chairs, placed in ((1, 3), (2, 3), (0, 2)):
        instance = waiting(*three, groups=[group(seats_free=3, parent_seats=chairs)], families=parents)
        answer = solver.solve(instance)
        assert answer.proved and len(answer.placing.parents) == chairs and len(answer.placing.seats) == placed
        assert chairs == 0 or answer.placing.parents["f3"] == "g1"


def test_an_older_sibling_comes_in_beside_the_younger_one_only():
    older, younger = child("older", months=150), child("younger", months=100)
    at = group(siblings_to=156)

    assert solver.solve(waiting(older, groups=[at])).placing.seats == {}
    assert set(solver.solve(waiting(older, younger, groups=[at])).placing.seats) == {"older", "younger"}
    there = waiting(older, groups=[at], families=[Family("f1", seated=frozenset({("sister", "g1")}))])
    assert set(solver.solve(there).placing.seats) == {"older"}


def test_a_lone_girl_is_avoided_where_it_can_be():
    wanting = [
        child("a", "f1", sex="girl"),
        child("b", "f2", sex="girl"),
        child("c", "f3", sex="boy"),
        child("d", "f4", sex="boy"),
    ]
    both = [group("g1", girls=0, boys=2), group("g2", girls=0, boys=2)]

    seats = solver.solve(waiting(*wanting, groups=both)).placing.seats

    assert seats["a"] == seats["b"] and len(seats) == 4


def test_nobody_nothing_and_everything_impossible_are_answered_in_peace():
    for instance in (
        waiting(),
        waiting(groups=[group()]),
        waiting(child()),
        waiting(child(), groups=[group(seats_free=0)]),
        waiting(child(months=10), groups=[group()]),
        waiting(child(reach={}), groups=[group()]),
        waiting(child(), groups=[group(running=False, smallest=9, seats_free=4)]),
        waiting(child(), groups=[group()], order=()),
    ):
        answer = solver.solve(instance)
        assert answer.proved and proof.verify(instance, answer.placing) == []
        assert len(answer.placing.seats) <= 1
    assert solver.solve(waiting(child(), groups=[group()])).placing.seats == {"liv": "g1"}


def test_a_family_of_fourteen_is_placed_together():
    many = [child(f"c{number:02}", "f1", months=80 + number) for number in range(14)]
    places = [group("g1", seats_free=8), group("g2", seats_free=8), group("far", weekday=3, seats_free=14)]
    instance = waiting(*many, groups=places[:2], families=[Family("f1", siblings="together")])

    answer = solver.solve(instance)

    assert len(answer.placing.seats) == 14 and rules.together(instance, answer.placing) == ["f1"]
    two_days = replace(instance, groups=tuple(places[::2]))
    assert set(solver.solve(two_days).placing.seats.values()) == {"far"}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("twice", {"children": (child(), child())}),
        ("twice", {"groups": (group(), group())}),
        ("twice", {"families": (Family("f1"), Family("f1"))}),
        ("unknown_family", {"children": (child(family="nobody"),)}),
        ("odd_child", {"children": (child(parity="blue"),)}),
        ("odd_child", {"children": (child(months=-1),)}),
        ("odd_child", {"children": (child(reach={"hillerod": -3}),)}),
        ("odd_family", {"families": (Family("f1", siblings="never"),)}),
        ("odd_family", {"families": (Family("f1", parent="maybe"),)}),
        ("odd_group", {"groups": (group(seats_free=-1),)}),
        ("odd_group", {"groups": (group(months_from=90, months_to=80),)}),
        ("odd_group", {"groups": (group(weekday=7),)}),
        ("odd_leaders", {"leaders": {"hillerod": -1}}),
        ("order", {"order": ("placed", "placed")}),
        ("order", {"order": ("luck",)}),
    ],
)
def test_data_that_cannot_be_meant_are_refused_by_name(code, change):
    instance = replace(waiting(child(), groups=[group()]), **change)

    with pytest.raises(proof.OddInstance) as refusal:
        solver.solve(instance)

    assert [reason.code for reason in refusal.value.reasons] == [code]


def test_the_time_that_is_up_still_gives_a_placing_and_says_it_is_not_proved():
    instance = invent(SIZES["service"], seed=3)

    answer = solver.solve(instance, limit=0)

    assert proof.verify(instance, answer.placing) == []
    assert rules.value(instance, answer.placing) >= rules.value(instance, proof.first_come(instance))
    assert all(level.gap >= 0 for level in answer.levels)


def test_a_child_who_came_tomorrow_has_waited_nought_weeks():
    assert Instance(today=TODAY).weeks(child(weeks=-3)) == 0
