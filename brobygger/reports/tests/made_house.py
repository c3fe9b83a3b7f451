"""A made house of some two hundred courses, with every odd case there is; as plain facts first, then as rows.

The facts are for whoever counts again: they know nothing of the code that counts.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from brobygger.casework import services
from brobygger.casework.models import Course
from brobygger.consents.models import TalkCount
from brobygger.groups.models import Group, Meeting, Seat
from brobygger.groups.tests import rows
from brobygger.intake.models import Tally
from brobygger.outcomes.models import Round
from brobygger.reports.tests import houses

FIRST, LAST, COUNTED = date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 11)
REASONS = ("completed", "completed", "completed", "family_stopped", "no_contact", "moved", "other_help", "other", "")
HOMES = ("both", "mother", "father", "shared", "grandparents", "foster", "other", "")
PROBLEMS = ("psykisk-sygdom", "konflikt", "vold", "oekonomi", "gammelt-ord")
ELEMENTS = ("leg", "tryghed", "netvaerk")
#: Codes of Glostrup, Hvidovre and Gladsaxe: the first two stand behind the house.
PLACES = ("0161", "0167", "0159", "")


@dataclass
class Asked:
    """One round: when, at which moment, what was said; None is nothing, "skipped" a no thanks."""

    on: date
    moment: str
    score: int | None = None
    state: str = "done"
    why_not: str = ""


@dataclass
class Family:
    """One course as it was made up."""

    opened: date
    ended: date | None = None
    reason: str = ""
    birth: str = ""
    sibling: str | None = None
    home: str = ""
    municipality: str = ""
    helped: bool = False
    problems: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()
    erased: bool = False
    #: Ended once, and opened again.
    reopened: bool = False
    child: list[Asked] = field(default_factory=list)
    second: list[Asked] = field(default_factory=list)
    mother: list[Asked] = field(default_factory=list)
    benefit: int | str | None = None
    #: By kind of group: the seat's days, its reason, and the meetings they came to, by number.
    seats: list[dict[str, Any]] = field(default_factory=list)
    #: Since when they waited, for how many days (None is still), and how it ended.
    waited: tuple[date, int | None, str] | None = None


def families(dice: Random) -> list[Family]:
    """Make up the courses."""
    found = [_family(dice) for _each in range(190)]
    odd = [
        Family(date(2025, 11, 20), date(2026, 1, 1), "completed", "2014-03"),
        Family(date(2025, 6, 1), date(2025, 12, 31), "completed", "2014-03"),
        Family(date(2026, 12, 31), None, "", "2012-12"),
        Family(date(2027, 1, 1), None, "", "2012-12"),
        Family(date(2026, 3, 1), date(2027, 1, 5), "family_stopped", "1999-01"),
        Family(date(2026, 3, 1), date(2026, 3, 1), "family_stopped", "2023-13"),
    ]
    return found + odd


def _family(dice: Random) -> Family:
    opened = date(2025, 3, 1) + timedelta(days=dice.randrange(670))
    ended = opened + timedelta(days=dice.randrange(20, 330)) if dice.random() < 0.7 else None
    ended = ended if ended and ended < COUNTED else None
    year = dice.choice((dice.randrange(2003, 2026), dice.randrange(2009, 2021)))
    birth = f"{year}-{dice.randrange(1, 13):02}" if dice.random() < 0.9 else ""
    made = Family(opened, ended, dice.choice(REASONS) if ended else "", birth)
    made.sibling = f"{dice.randrange(2005, 2018)}-05" if dice.random() < 0.2 else None
    made.home, made.municipality = dice.choice(HOMES), dice.choice(PLACES)
    made.helped = dice.random() < 0.3
    made.problems = tuple(sorted(dice.sample(PROBLEMS, dice.randrange(0, 4))))
    made.elements = tuple(sorted(dice.sample(ELEMENTS, dice.randrange(0, 3))))
    if dice.random() < 0.5:
        made.uses = tuple(sorted({(dice.choice(("alkohol", "hash")), dice.choice(("now", "past"))) for _each in "ab"}))
    made.erased = dice.random() < 0.04
    made.reopened = made.ended is None and dice.random() < 0.1
    made.child = _answers(dice, made, 0.92)
    made.second = _answers(dice, made, 0.8) if made.sibling else []
    made.mother = _answers(dice, made, 0.6) if dice.random() < 0.3 else []
    made.benefit = dice.choice((0, 1, 2, 3, 4, "skipped")) if made.ended and dice.random() < 0.6 else None
    return made


def _answers(dice: Random, made: Family, keen: float) -> list[Asked]:
    found = []
    for moment, day in (("start", made.opened), ("during", made.opened + timedelta(days=91)), ("end", made.ended)):
        if day is None or day >= COUNTED:
            continue
        on = day + timedelta(days=dice.choice((-3, 0, 5, 20, 27, 40)) if moment != "during" else 0)
        score = 4 * dice.randrange(3, 24)
        if dice.random() < keen and on < COUNTED:
            found.append(Asked(on, moment, score))
        elif dice.random() < 0.3:
            found.append(Asked(day, moment, None, "skipped", dice.choice(("declined", "not_reached"))))
        else:
            found.append(Asked(day, moment, None, "missed"))
    return found


def groups(dice: Random, made: list[Family]) -> list[tuple[str, list[tuple[date, tuple[str, ...], int]]]]:
    """Make up three groups with the days they met, what was used, and how many led; and let families come."""
    listed = []
    for kind, begins in (("child", date(2025, 9, 3)), ("parent", date(2026, 2, 4)), ("cafe", date(2026, 1, 7))):
        days = [begins + timedelta(days=14 * number) for number in range(26)]
        met = [(day, tuple(sorted(dice.sample(ELEMENTS, 2))), dice.randrange(1, 3)) for day in days if day < COUNTED]
        listed.append((kind, met))
        for family in made:
            if not family.erased and dice.random() < 0.35:
                _sit(dice, family, kind, met)
    for family in made:
        if not family.erased and FIRST <= family.opened <= LAST and dice.random() < 0.5:
            days_waited = dice.randrange(5, 120)
            over = family.opened + timedelta(days=days_waited) < COUNTED and dice.random() < 0.8
            outcome = dice.choice(("seated", "seated", "withdrawn", "other")) if over else ""
            family.waited = (family.opened, days_waited if over else None, outcome)
    return listed


def _sit(dice: Random, family: Family, kind: str, met: list[tuple[date, tuple[str, ...], int]]) -> None:
    offered = max(family.opened, met[0][0] - timedelta(days=20))
    if offered >= COUNTED:
        return
    taken = offered + timedelta(days=3)
    ended = family.ended if family.ended and family.ended > taken else None
    reason = dice.choice(("completed", "own_wish", "moved")) if ended else ""
    there = [at for at, (day, _used, _led) in enumerate(met) if taken <= day <= (ended or COUNTED)]
    came = [at for at in there if dice.random() < 0.6]
    days = {"offered": offered, "taken": taken, "ended": ended}
    family.seats.append({"kind": kind, **days, "reason": reason, "came": came})


# ---- As rows ----


def build(made: list[Family], listed: list[Any], alma: Any) -> None:
    """Write the facts down as the house would."""
    dated = {}
    for kind, met in listed:
        group = rows.group(kind, kind=kind, seats=400, starts_on=met[0][0])
        dated[kind] = group, [_met(group, at, one, alma) for at, one in enumerate(met)]
    for family in made:
        child = _course(family, alma)
        course = child.course
        for which, answers in (("child", family.child), ("second", family.second), ("mother", family.mother)):
            member = {"child": child, "second": course.members.filter(position=2).first()}.get(which)
            member = member or course.members.get(position=0) if which != "second" else member
            for number, each in enumerate(answers):
                _round(member, each, number)
        if family.benefit is not None and family.ended:
            told = {"instruments": [["benefit", "1"]], "state": "done", "number": 90}
            row = houses.asked(child, family.ended, "end", **told)
            houses.answered(row, family.ended, None, "benefit", helped=family.benefit)
        for seat in family.seats:
            _seat(child, seat, *dated[seat["kind"]])
        if family.waited:
            houses.waited(child, *family.waited)
        if family.erased:
            services.erase_course(course=course, why="made", by=alma)
    Round.objects.filter(state="due").delete()


def _met(group: Group, at: int, one: tuple[date, tuple[str, ...], int], alma: Any) -> Meeting:
    day, used, led = one
    told = {"state": "held", "held_at": houses.moment(day, 18), "elements": list(used)}
    meeting = rows.meeting(group, at + 1, on=day, **told)
    if led == 2:
        rows.stands_in(meeting, alma)
    return meeting


def _course(family: Family, alma: Any) -> Any:
    living = {"with": family.home, "municipality": family.municipality}
    known: dict[str, dict[str, Any]] = {"living": {name: value for name, value in living.items() if value}}
    if family.helped:
        known["coordination"] = {"help": [{"who": "Skolen", "consent": "x"}]}
    known |= {"problems": {"keys": list(family.problems)}, "elements": {"keys": list(family.elements)}}
    if family.uses:
        known["use"] = {"uses": [{"substance": substance, "when": when} for substance, when in family.uses]}
    days = {"opened": family.opened, "ended": family.ended or (family.opened if family.reopened else None)}
    siblings = [family.sibling] if family.sibling else []
    reason = family.reason or ("completed" if family.reopened else "")
    child = houses.family(alma, **days, reason=reason, birth=family.birth, siblings=siblings, **known)
    if family.reopened:
        Course.objects.filter(pk=child.course_id).update(state="open", ended_on=None)
        child.refresh_from_db()
    return child


def _round(member: Any, each: Asked, number: int) -> None:
    told = {"number": number, "state": each.state, "why_not": each.why_not, "opens_on": each.on - timedelta(days=60)}
    houses.asked(member, each.on, each.moment, each.score, **told)


def _seat(child: Any, seat: dict[str, Any], group: Group, meetings: list[Meeting]) -> None:
    over = {"state": "left", "chair": None} if seat["ended"] else {}
    told = {f"{name}_on": seat[name] for name in ("offered", "taken", "ended")}
    rows.seat(group, child, reason=seat["reason"], **told, **over)
    houses.came(child, *(meetings[at] for at in seat["came"]))


def letters() -> list[tuple[str, str, str, str, str, str, int]]:
    """Make up who wrote and rang: week, channel, door, age band, promise, profession, how many."""
    return [
        ("2026-W01", "phone", "parent", "3-10", "kept", "", 7),
        ("2026-W01", "door", "child", "", "not", "", 2),
        ("2026-W53", "door", "young", "11-16", "kept", "", 6),
        ("2026-W20", "walk_in", "parent", "0-2", "none", "", 5),
        ("2026-W20", "door", "professional", "", "kept", "teacher", 4),
        ("2025-W52", "phone", "parent", "3-10", "kept", "", 9),
        ("2027-W01", "phone", "parent", "3-10", "kept", "", 3),
    ]


def write_letters() -> None:
    """Write them down, and how first talks after referrals went."""
    for week, channel, door, band, promise, profession, n in letters():
        kind = {"channel": channel, "door": door, "age_band": band, "promise": promise, "profession": profession}
        Tally.objects.create(week=week, theme="", outcome="helped", count=n, **kind)
    for week, how, n in (("2026-W02", "in_time", 6), ("2026-W02", "late", 5), ("2026-W30", "none", 1)):
        TalkCount.objects.create(week=week, how=how, count=n)


__all__ = ["Seat", "build", "families", "groups", "letters", "write_letters"]
