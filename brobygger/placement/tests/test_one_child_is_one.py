"""Two waits of one child, the longest wait first step by step, why somebody waits on, and the time a page has."""

from dataclasses import replace

import pytest

from brobygger.placement import program, proof, rules, solver
from brobygger.placement.rules import Family, Placing
from brobygger.placement.templatetags import answers, reasons
from brobygger.placement.tests.lists import child, group, waiting
from tests.waiting import SIZES, invent


def codes(instance, placing, key="liv"):
    return [each.code for each in answers.why_here(instance, placing, key)]


def why(instance, key="liv"):
    """Solve a list, and say in code and words why somebody waits on."""
    placing = solver.solve(instance).placing
    assert key not in placing.seats
    reason = answers.why_here(instance, placing, key)[1]
    return reason.code, reasons.here(reason, instance.child[key])


# ---- One child is one child ----


def twice(*groups, **more):
    """Two waits of one child, for two kinds of group."""
    one = child("w1", "f1", who="liv", conflicts=frozenset({"g2"}))
    other = child("w2", "f1", who="liv", conflicts=frozenset({"g1"}), **more)
    return waiting(one, other, groups=groups, families=[Family("f1", "together")])


def test_two_waits_of_one_child_are_no_family():
    instance = twice(group("g1"), group("g2", weekday=2))
    placing = solver.solve(instance).placing
    worth = rules.worth(instance, placing)

    assert len(placing.seats) == 2
    assert (worth["placed"], worth["siblings"], rules.together(instance, placing)) == (1, 0, [])
    assert rules.half_placed(instance, Placing({"w1": "g1"})) == []
    assert not {"sibling_same_trip", "sibling_elsewhere"} & set(codes(instance, placing, "w1"))


@pytest.mark.parametrize(
    ("more", "seats"),
    [
        ({}, 1),
        ({"start": "16:00"}, 2),
        ({"start": "15:30"}, 1),
        ({"weekday": 2}, 2),
        ({"weekday": 2, "also": frozenset({1})}, 1),
        ({"parity": "odd"}, 2),
        ({"end": "", "start": "12:30"}, 1),
    ],
)
def test_one_child_sits_nowhere_else_at_the_same_hour(more, seats):
    instance = twice(group("g1", end="16:00", parity="even"), group("g2", **{"end": "17:00", "parity": "even"} | more))
    answer = solver.solve(instance)

    assert answer.proved and len(answer.placing.seats) == seats
    assert len(proof.first_come(instance).seats) == seats
    found = [each.code for each in proof.verify(instance, Placing({"w1": "g1", "w2": "g2"}))]
    assert found == ([] if seats == 2 else ["same_hours"])


def test_another_childs_first_seat_comes_before_a_childs_second():
    instance = replace(
        twice(group("g1", seats_free=1), group("g2", seats_free=1, weekday=2)),
        order=("placed", "weeks"),
    )
    other = child("eja", "f2", weeks=1, conflicts=frozenset({"g1"}))
    both = replace(instance, children=(*instance.children, other), families=(*instance.families, Family("f2")))

    assert solver.solve(both).placing.seats == {"w1": "g1", "eja": "g2"}


def test_siblings_of_whom_one_waits_twice_are_together_where_all_are():
    one = [
        child("a1", "f1", who="a", conflicts=frozenset({"g2"})),
        child("a2", "f1", who="a", conflicts=frozenset({"g1"})),
    ]
    instance = waiting(*one, child("b", "f1"), groups=[group("g1"), group("g2", weekday=3)],
                       families=[Family("f1", "together")])  # fmt: skip
    placing = solver.solve(instance).placing

    assert placing.seats == {"a1": "g1", "a2": "g2", "b": "g1"}
    assert rules.worth(instance, placing)["siblings"] == 1
    assert "sibling_same_trip" in codes(instance, placing, "b")


# ---- The longest wait first ----


def test_who_has_waited_longest_is_not_given_up_for_more_weeks_of_others():
    """One leader for one of two groups: 25 weeks and 1, or 16 and 16."""
    new = {"running": False, "smallest": 2}
    first, second = frozenset({"g1"}), frozenset({"g2"})
    children = [
        child("longest", "a", weeks=25, conflicts=second),
        child("new", "b", weeks=1, conflicts=second),
        child("p", "c", weeks=16, conflicts=first),
        child("q", "d", weeks=16, conflicts=first),
    ]
    instance = waiting(*children, groups=[group("g1", **new), group("g2", **new)], leaders={"hillerod": 1},
                       order=("overdue", "weeks", "placed"))  # fmt: skip
    answer = solver.solve(instance)

    assert set(answer.placing.seats) == {"longest", "new"} and answer.proved
    assert [level.wish for level in answer.levels] == [
        "overdue",
        *(f"weeks_{band}" for band in rules.BANDS),
        "weeks",
        "placed",
    ]


def test_the_steps_of_the_longest_wait_are_said_as_one_wish():
    found = [{"wish": wish, "value": 1, "bound": 1} for wish in ("overdue", "weeks_20", "weeks_15", "weeks")]
    said = reasons.levels(found, 12)

    assert len(said) == 2 and "12 uger" in said[0][0] and "20, 15, 10, 5" in said[1][0]
    assert {proved for _wish, proved in said} == {reasons.met(0)}
    found[2]["bound"] = 3
    assert reasons.levels(found, 12)[1][1] == reasons.met(2) != reasons.met(0)


# ---- Why somebody waits on ----


def test_a_group_that_is_full_suits_all_the_same():
    assert why(waiting(child(), groups=[group(seats_free=0), group("g2", newcomers=0)])) == (
        "all_full", "De 2 grupper, der passer, er fulde.",
    )  # fmt: skip
    assert why(waiting(child(), groups=[group(months_to=80)]))[0] == "nowhere"


@pytest.mark.parametrize(
    ("at", "leaders", "said"),
    [
        ({"smallest": 4}, None, "Den starter med 4, og kun 1 kan komme."),
        ({"smallest": 1}, {}, "Den mangler 1, der leder den."),
    ],
)
def test_a_group_that_cannot_open_is_not_called_full(at, leaders, said):
    code, words = why(waiting(child(), groups=[group(running=False, seats_free=8, **at)], leaders=leaders))

    assert code == "cannot_open" and words == f"Den gruppe, der passer, kan ikke begynde endnu. {said}"


def test_of_several_groups_none_is_called_the_one_that_suits():
    fresh = group("g2", running=False, smallest=4, seats_free=8)
    assert why(waiting(child(), groups=[group(seats_free=0), fresh])) == (
        "cannot_open", "2 grupper passer, men hver af dem er fuld eller kan ikke begynde endnu.",
    )  # fmt: skip


def test_a_group_that_gave_way_to_another_says_so():
    fresh = [group(key, running=False, smallest=1) for key in ("g1", "g2")]
    two = [child("liv", "f1", weeks=1, conflicts=frozenset({"g2"})), child("eja", "f2", conflicts=frozenset({"g1"}))]
    assert why(waiting(*two, groups=fresh, leaders={"hillerod": 1}))[0] == "cannot_open"


def test_others_who_got_the_seats_are_not_a_full_group():
    seen = why(waiting(child(weeks=1), child("eja", "f2"), groups=[group(seats_free=1), group("g2", seats_free=0)]))
    assert seen == (
        "outbid",
        "2 grupper passer. 1 af dem har en ledig plads. De, der får plads der, har ventet længere eller lige så længe.",
    )


def test_a_rule_among_children_is_not_called_a_full_group():
    foes = [child("liv", "f1", weeks=1, conflicts=frozenset({"eja"})), child("eja", "f2")]
    assert why(waiting(*foes, groups=[group()]))[0] == "held_up"


def test_it_is_said_how_many_groups_suit_and_how_many_of_them_have_a_seat():
    instance = waiting(child(), groups=[group(), group("g2", seats_free=0)])
    placing = solver.solve(instance).placing
    said = [reasons.here(each, instance.child["liv"]) for each in answers.why_here(instance, placing, "liv")]

    assert "2 grupper passer. 1 af dem har en ledig plads." in said
    alone = replace(instance, groups=instance.groups[:1])
    assert "Kun denne gruppe passer." in [
        reasons.here(each, child()) for each in answers.why_here(alone, placing, "liv")
    ]


# ---- The time a page has ----


def test_when_the_time_of_the_page_is_up_nothing_is_called_proved(monkeypatch):
    instance = invent(SIZES["service"], seed=3)
    served = proof.first_come(instance)
    still = next(each for each in program.pairs(instance) if each not in served.seats)
    monkeypatch.setattr(answers, "WITHIN", 0.0)

    compared = answers.what_if(instance, replace(instance, groups=instance.groups[1:]))

    for side in (compared.before, compared.after):
        assert not side.answer.proved and all(level.gap >= 0 for level in side.answer.levels)
    assert proof.verify(instance, compared.before.answer.placing) == []
    for key in program.pairs(instance)[still]:
        asked = answers.why_not(instance, served, still, key)
        assert asked.kind in ("rule", "unknown") or not asked.proved


def test_who_could_come_is_counted_for_new_groups_alone(monkeypatch):
    """A page asks for every child and every group; among hundreds the counting would be most of its time."""
    instance = waiting(child(), groups=[group(), group("g2", running=False, smallest=2)])
    could = program.near(instance)
    assert could == {"g2": 1}
    monkeypatch.setattr(program, "near", lambda instance: pytest.fail("counted again"))

    assert program.in_the_way(instance, "liv", "g1") == []
    assert [each.code for each in program.in_the_way(instance, "liv", "g2", could)] == ["too_small"]
