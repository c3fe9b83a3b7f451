"""Why here, why not there, what if: each answer is true, and holds numbers and keys, no words and no marks."""

from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings

from brobygger.placement import proof, rules, solver
from brobygger.placement.rules import Family, Placing
from brobygger.placement.templatetags import answers
from brobygger.placement.tests.lists import child, every_placing, group, lists, waiting

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)


@slowly
@given(lists(children=4))
def test_why_not_says_what_forcing_really_costs(instance):
    """Every child and group: a rule when no placing at all has the seat, else the best of those that have it."""
    best = solver.solve(instance).placing
    lawful = [each for each in every_placing(instance) if not proof.verify(instance, each)]
    for each in instance.children:
        for at in instance.groups:
            answer = answers.why_not(instance, best, each.key, at.key)
            with_it = [rules.value(instance, one) for one in lawful if one.seats.get(each.key) == at.key]
            if best.seats.get(each.key) == at.key:
                assert answer.kind == "here"
            elif not with_it:
                assert answer.kind == "rule" and answer.reasons
            else:
                now = rules.value(instance, best)
                assert answer.kind == ("same" if max(with_it) == now else "cost")
                lost = {change.wish: change.after - change.before for change in answer.changes}
                wishes = zip(instance.wishes, max(with_it), now, strict=True)
                assert lost == {wish: after - before for wish, after, before in wishes if after != before}
                assert any(move.child == each.key and move.after == at.key for move in answer.moves)


def test_a_seat_given_to_another_names_who_loses_it():
    first, second = child("first", "f1", weeks=40), child("second", "f2", weeks=3)
    instance = waiting(first, second, groups=[group(seats_free=1)])
    best = solver.solve(instance).placing

    answer = answers.why_not(instance, best, "second", "g1")

    assert answer.kind == "cost"
    lost = [(each.wish, each.before, each.after) for each in answer.changes]
    steps = [(f"weeks_{band}", 1, 0) for band in rules.BANDS]
    assert lost == [("overdue", 1, 0), *steps, ("weeks", 40, 3)]
    assert [(each.child, each.before, each.after) for each in answer.moves] == [
        ("first", "g1", None),
        ("second", None, "g1"),
    ]


@pytest.mark.parametrize(
    ("code", "one", "at", "family"),
    [
        ("too_young", {"months": 60}, {}, {}),
        ("too_old", {"months": 140}, {}, {}),
        ("unreachable", {"reach": {"slagelse": 5}}, {}, {}),
        ("not_free", {"free": frozenset({(1, "morning")})}, {}, {}),
        ("week", {"parity": "odd"}, {"parity": "even"}, {}),
        ("week", {"parity": "odd"}, {}, {}),
        ("language", {"languages": frozenset({"ar"})}, {"language": "da"}, {}),
        ("talks", {"talks_done": False}, {"needs_talks": True}, {}),
        ("conflict", {"conflicts": frozenset({"g1"})}, {}, {}),
        ("full", {}, {"seats_free": 0}, {}),
        ("full", {}, {"newcomers": 0}, {}),
        ("no_parallel", {}, {}, {"parent": "must"}),
        ("sibling_missing", {"months": 140}, {"siblings_to": 150}, {}),
        ("too_small", {}, {"running": False, "smallest": 2, "leaders": 0}, {}),
        ("leaders", {}, {"running": False}, {}),
    ],
)
def test_the_rule_in_the_way_is_named(code, one, at, family):
    instance = waiting(child(**one), groups=[group(**at)], families=[Family("f1", **family)], leaders={})

    answer = answers.why_not(instance, Placing(), "liv", "g1")

    assert (answer.kind, [reason.code for reason in answer.reasons]) == ("rule", [code])


def test_rules_that_are_in_the_way_only_together_are_named_too():
    """Two children could open the group, but must not sit together."""
    two = [child("a", "f1", conflicts=frozenset({"b"})), child("b", "f2")]
    instance = waiting(*two, groups=[group(running=False, smallest=2)])

    answer = answers.why_not(instance, Placing(), "a", "g1")

    assert {reason.code for reason in answer.reasons} == {"too_small", "conflict_child"}
    assert answers.why_not(replace(instance, children=(child("a"), child("b"))), Placing(), "a", "g1").kind == "better"


def test_asking_about_somebody_who_is_not_there_is_refused():
    with pytest.raises(solver.NoPlacing):
        answers.why_not(waiting(child(), groups=[group()]), Placing(), "nobody", "g1")


def test_why_here_tells_the_wait_the_way_and_the_wishes():
    two = [child("a", "f1", weeks=30, wanted=frozenset({(1, "afternoon")}), held="g1"), child("b", "f1")]
    wish = Family("f1", siblings="together", parent="wish")
    at = group(running=False, smallest=2, seats_free=2, parent_seats=1)
    instance = waiting(*two, child("c", "f2"), groups=[at, group("g2", seats_free=0)], families=[wish])
    placing = solver.solve(instance).placing

    codes = {reason.code: dict(reason.facts) for reason in answers.why_here(instance, placing, "a")}

    assert codes == {
        "waited": {"weeks": 30, "limit": 26, "over": 1},
        "age": {"months": 96, "from": 72, "to": 131},
        "reach": {"place": "hillerod", "minutes": 10, "least": 10},
        "choices": {"groups": 2, "free": 1},
        "sibling_same_trip": {"child": "b"},
        "parent_seat": {"group": "g1"},
        "wished_time": {"weekday": 1, "start": "14:30"},
        "as_before": {"group": "g1"},
        "opens": {"group": "g1", "children": 2, "smallest": 2},
    }
    waits = answers.why_here(instance, placing, "c")
    assert waits[1] == rules.Reason("outbid", {"groups": 2, "free": 1, "longer": 2, "seats": 2})


def test_one_more_leader_is_laid_beside_what_is():
    children = [child(f"c{number}", f"f{number}", weeks=10 + number) for number in range(6)]
    fresh = [group(f"g{number}", running=False, smallest=3, seats_free=3) for number in range(2)]
    instance = waiting(*children, groups=fresh, leaders={"hillerod": 1})

    compared = answers.what_if(instance, replace(instance, leaders={"hillerod": 2}))

    assert (compared.before.placed, compared.after.placed) == (3, 6)
    assert (compared.before.longest, compared.after.longest) == (12, 0)
    assert (compared.before.mean, compared.after.mean) == (11.0, 0.0)
    # Those who had a seat keep it: nobody is moved for nothing.
    assert [move.child for move in compared.moves] == ["c0", "c1", "c2"]


def test_nothing_that_comes_out_is_a_mark_of_a_family():
    """The only facts are waiting time, age, reach, wishes and rules; no field and no code weighs a family."""
    classes = [
        each for module in (rules, proof, solver, answers) for each in vars(module).values() if is_dataclass(each)
    ]
    names = {field.name for each in classes for field in fields(each)} | {*rules.IN_THE_WAY, *proof.BROKEN}

    assert not {name for name in names if any(word in name for word in ("score", "risk", "weight", "priority", "rank"))}
    assert {field.name for field in fields(Family)} == {"key", "siblings", "parent", "seated", "beside", "parent_at"}
