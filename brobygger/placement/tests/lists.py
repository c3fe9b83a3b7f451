"""Small waiting lists for the tests: drawn by hypothesis or written by hand; and every placing there is."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from brobygger.placement import rules
from brobygger.placement.rules import Child, Family, Group, Instance, Placing

TODAY = date(2026, 11, 23)


def child(key="liv", family="f1", weeks=10, months=96, **more) -> Child:
    """A child of eight who can come to Hillerød at any time."""
    given = {"reach": {"hillerod": 10}} | more
    return Child(key, family, TODAY - timedelta(weeks=weeks), months, **given)


def group(key="g1", **more) -> Group:
    """A running group for children of six to ten with two free seats."""
    given = {"name": key, "place": "hillerod", "weekday": 1, "start": "14:30", "months_from": 72, "months_to": 131}
    given |= {"seats_free": 2}
    return Group(key=key, **(given | more))


def waiting(*children: Child, groups=(), families=(), **more) -> Instance:
    """A list with these children; a family nobody described wishes nothing."""
    named = {each.key for each in families}
    plain = tuple(Family(key) for key in sorted({each.family for each in children} - named))
    return Instance(today=TODAY, children=children, families=tuple(families) + plain, groups=tuple(groups), **more)


@st.composite
def lists(draw, children=5, groups=3) -> Instance:
    """Draw a small list in which everything that can stand in the way does so now and then."""
    names = [f"g{number}" for number in range(draw(st.integers(0, groups)))]
    families = [f"f{number}" for number in range(draw(st.integers(1, 3)))]
    keys = [f"c{number}" for number in range(draw(st.integers(0, children)))]
    maybe = st.sampled_from([None, None, 0, 1])
    made_groups = tuple(
        group(
            name,
            place=draw(st.sampled_from("ab")),
            weekday=draw(st.sampled_from([1, 2])),
            parity=draw(st.sampled_from(["even", "odd", "any"])),
            months_to=draw(st.sampled_from([90, 131])),
            siblings_to=draw(st.sampled_from([0, 150])),
            seats_free=draw(st.integers(0, 3)),
            newcomers=draw(st.sampled_from([None, 1, 2])),
            running=draw(st.booleans()),
            smallest=draw(st.integers(0, 3)),
            language=draw(st.sampled_from(["", "", "da"])),
            needs_talks=draw(st.booleans()),
            parent_seats=draw(st.integers(0, 2)),
            girls=draw(maybe),
            boys=draw(maybe),
            mean_months=draw(st.sampled_from([None, 100])),
            end=draw(st.sampled_from(["16:00", "15:00", ""])),
            also=draw(st.sampled_from([frozenset(), frozenset(), frozenset({2}), frozenset({3})])),
            later=draw(st.sampled_from([0, 0, 1])),
            left=draw(st.sampled_from([None, None, 2, 4])),
            fewest=draw(st.sampled_from([0, 3])),
            kind=draw(st.sampled_from(["child", "child", "child", "pair", "parent"])),
        )
        for name in names
    )
    made_families = tuple(
        Family(
            name,
            siblings=draw(st.sampled_from(rules.TOGETHER)),
            parent=draw(st.sampled_from(["no", "wish", "wish", "must"])),
            seated=draw(
                st.frozensets(st.tuples(st.sampled_from(["x", f"{name}-w0"]), st.sampled_from(names)), max_size=2)
            )
            if names and draw(st.booleans())
            else frozenset(),
            beside=draw(st.sampled_from([None, None, frozenset(), frozenset({"g0"})])),
            parent_at=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"g0"}), frozenset({"g1"})])),
        )
        for name in families
    )
    made_children = tuple(draw(_child(key, families, [*names, *keys, "w0", "w1"])) for key in keys)
    made_children = tuple(_whose(draw(st.sampled_from(["", "", "w0", "w1"])), each) for each in made_children)
    if draw(st.booleans()):
        made_children, made_groups = tuple(map(_easy, made_children)), tuple(map(_roomy, made_groups))
    leaders = draw(st.sampled_from([None, {"a": 1, "b": 1}, {"a": 2}]))
    order = draw(st.sampled_from([rules.WISHES, rules.WISHES, tuple(reversed(rules.WISHES)), ("siblings", "placed")]))
    return Instance(TODAY, made_children, made_families, made_groups, leaders, 26, order)


@st.composite
def _child(draw, key, families, others) -> Child:
    return child(
        key,
        draw(st.sampled_from(families)),
        weeks=draw(st.sampled_from([0, 3, 7, 12, 20, 24, 30])),
        months=draw(st.sampled_from([60, 80, 80, 90, 100, 140])),
        reach=draw(st.sampled_from([{"a": 5, "b": 20}, {"a": 5, "b": 5}, {"b": 9}, {}])),
        free=draw(
            st.sampled_from([None, None, frozenset({(1, "afternoon")}), frozenset({(1, "afternoon"), (2, "14:30")})])
        ),
        busy=draw(st.sampled_from([frozenset(), frozenset(), frozenset({((1, 4), "14:00", "15:00", "even")})])),
        parity=draw(st.sampled_from(["any", "any", "even", "odd"])),
        languages=draw(st.sampled_from([frozenset(), frozenset({"da"}), frozenset({"ar"})])),
        conflicts=draw(st.frozensets(st.sampled_from(others), max_size=1)) if draw(st.booleans()) else frozenset(),
        wanted=draw(st.sampled_from([frozenset(), frozenset({(2, "afternoon")})])),
        talks_done=draw(st.sampled_from([True, True, False])),
        others=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"g1"})])),
        parent=draw(st.sampled_from(["", "", "no", "wish", "must"])),
        grown=draw(st.sampled_from([False, False, False, True])),
        sex=draw(st.sampled_from(["girl", "boy", ""])),
        held=draw(st.sampled_from(["", *others])),
    )


def _easy(one: Child) -> Child:
    """Leave a child few rules to stand in its way, so that it is the others who do."""
    plain = {"free": None, "parity": "any", "languages": frozenset(), "busy": frozenset(), "talks_done": True}
    return replace(one, **plain, reach={"a": 5, "b": 5}, months=80 if one.months == 60 else one.months)


def _roomy(one: Group) -> Group:
    """Leave a group a seat, and no end."""
    return replace(one, seats_free=max(1, one.seats_free), left=None, running=True)


def _whose(who: str, one: Child) -> Child:
    """Make a wait one of several of the same child: in one family, of one age."""
    return replace(one, who=f"{one.family}-{who}", months=80) if who else one


def every_placing(instance: Instance) -> Iterator[Placing]:
    """Give every way to put children and parents in groups, also those that break the rules."""
    groups = [None, *(each.key for each in instance.groups)]
    keys = [each.key for each in instance.children]
    for choice in itertools.product(groups, repeat=len(keys)):
        seats = {key: at for key, at in zip(keys, choice, strict=True) if at}
        at_home: dict[str, list[str | None]] = {}
        for each in instance.children:
            if each.key in seats and instance.family[each.family].parent != "no":
                at_home.setdefault(each.family, [None])
                if seats[each.key] not in at_home[each.family]:
                    at_home[each.family].append(seats[each.key])
        for chairs in itertools.product(*at_home.values()):
            yield Placing(seats, {key: at for key, at in zip(at_home, chairs, strict=True) if at})
