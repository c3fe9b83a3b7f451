"""The demo's groups: their dates for a year back and ahead, who leads and sits in them, who waits, who came."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from brobygger.access import queries as people
from brobygger.casework import naming, record
from brobygger.casework import queries as courses
from brobygger.casework import services as casework
from brobygger.casework.models import Member
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import seats, services
from brobygger.groups.models import Attendance, Group, Meeting, Seat, Waiting
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.privacy import seal
from brobygger.series import rules as series

from .demo_measures import Levels, answer, on
from .invented_groups import BABIES, CARE, CHILDREN, GROUPS, PARENTS, WAITING

SINCE = timedelta(days=364)
#: How many families in each ten rang first, and have a key.
WITH_A_KEY = 2
#: What becomes of a chair at a meeting, on most days.
MARKS = ("here",) * 8 + ("said_no", "absent")


def make() -> None:
    """Make the groups, before anybody has an appointment in their rooms."""
    offers = {offer.key for offer in catalogue.offers()}
    rooms = {place.key: place.rooms for place in catalogue.places()}
    made: dict[str, Group] = {}
    for each in GROUPS:
        place, room = each["at"]
        if each["offer"] in offers and room <= rooms.get(place, 0):
            said = _said(each, made)
            made[each["name"]] = services.make_group(said=said, by=people.person("finn"), once=uuid4())


def _said(each: dict[str, Any], made: dict[str, Group]) -> dict[str, Any]:
    """Say a group as an administrator would, a year ago."""
    begins, ends = (time.fromisoformat(hour) for hour in each["hours"])
    first = _first(each)
    beside, numbers = each.get("beside", ("", []))
    said = {
        **{name: each[name] for name in ("offer", "name", "kind", "seats")},
        **{"place": each["at"][0], "room": each["at"][1], "begins": begins, "ends": ends, "state": "open"},
        **{"starts_on": first, "rule": series.every(each["every"], first) if each["every"] else ""},
        **{"months_from": each["ages"][0], "months_to": each["ages"][1], "siblings_to": each.get("siblings")},
        **{"meetings_wanted": each.get("meetings"), "intake": "fixed" if each.get("meetings") else "rolling"},
        **{"talks_before": each.get("talks", 0), "beside": made.get(beside), "beside_numbers": numbers},
        **{"leaders": [people.person(handle) for handle in each["leaders"]]},
    }
    return (
        said if each["every"] else said | {"dates": [_open_from(first + timedelta(weeks=13 * nth)) for nth in range(8)]}
    )


def _open_from(day: date) -> date:
    """Find the first day from then on, a week apart, on which the house is open."""
    while day in catalogue.days_without_groups(day, day):
        day += timedelta(weeks=1)
    return day


def _first(each: dict[str, Any]) -> date:
    """Find the day a group began: a year ago, or so many weeks from today."""
    day = clock.today() + (timedelta(weeks=each["begins"]) if "begins" in each else -SINCE)
    day += timedelta(days=(each["weekday"] - day.weekday()) % 7)
    if "even" in each and bool(day.isocalendar().week % 2) == each["even"]:
        day += timedelta(weeks=1)
    return day


class Families:
    """Invents families with somebody of a fitting age, each with a course."""

    def __init__(self) -> None:
        """Begin where the other invented families end."""
        self.dice, self.number = random.Random(2027), count(6)
        self.workers = [people.person(handle) for handle in ("alma", "bo", "signe", "mikkel", "jonna", "nadia", "lone")]

    def begin(self, group: Group, day: date) -> tuple[Member, Member | None]:
        """Begin a course for a seat in a group on a day: who sits there, and the grown-up beside a baby."""
        with on(min(day, clock.today() - timedelta(days=1))):
            return self._begin(group)

    def _begin(self, group: Group) -> tuple[Member, Member | None]:
        number = next(self.number)
        parent = self.dice.choice(PARENTS)
        names = BABIES if group.kind == "pair" else CHILDREN
        age = self.dice.randint(group.months_from, group.months_to - 1) if group.kind != "parent" else 110
        role = self.dice.choice(("mother", "mother", "father", "parent"))
        family = [
            {"role": role, "called": parent, "name": f"{parent} Opdigt", "phone": f"+45200{number:05}"},
            {"role": "child", "called": self.dice.choice(names), "birth": _born(age)},
        ]
        worker = self.workers[number % len(self.workers)]
        course = self._by_key(family, worker) if number % 10 < WITH_A_KEY else self._by_phone(family, worker)
        if number % 3 == 0:
            answer(course, "start", Levels(self.dice), worker, self.dice, looker=worker)
        grown_up, child = course.members.order_by("position")[:2]
        if number % 4 == 0:
            care = CARE[number // 4 % len(CARE)]
            record.write_part(course=course, member=child, kind="care", body=care, seen=0, by=worker)
        if group.kind == "parent":
            return grown_up, None
        return child, grown_up if group.kind == "pair" else None

    def _by_phone(self, family: list[dict[str, Any]], worker: Any) -> Any:
        agreed = {"how": "phone", "text": "", "words": ""}
        return casework.open_course(people=family, agreed=agreed, worker=worker, by=worker, once=uuid4())

    def _by_key(self, family: list[dict[str, Any]], worker: Any) -> Any:
        """Let a family have rung and got a key first, so that it hears by text message."""
        phone = family[0]["phone"]
        reach = {"channel": "sms", "phone": phone, "when": "any", "remind": True, "message": False, "sender": ""}
        call = Call(channel="phone", door="parent", what="key", reach=reach | {"alias": family[0]["called"]})
        enquiry, _new = intake.open_call(number=uuid4(), key=seal.new_return_key(), call=call, by=worker)
        enquiry = intake.take(enquiry=enquiry, by=worker)
        intake.answer(enquiry=enquiry, text="Godt, du kom til os. Vi ses.", by=worker)
        words = catalogue.wording("name", "da")
        text, digest = (words.text, words.digest) if words else ("", "")
        return naming.begin_here(
            thread=enquiry.thread, people=family, agreed_how="phone", words=text, digest=digest, by=worker
        )


def _born(months: int) -> str:
    """Name the month somebody so many months old was born in."""
    today = clock.today()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return f"{year:04}-{month + 1:02}"


def fill() -> None:
    """Let people sit in the groups and wait for a seat, and let a year of evenings have been held."""
    families, groups = Families(), {each.name: each for each in Group.objects.select_related("beside")}
    for each in GROUPS:
        if each["name"] in groups:
            _seat(groups[each["name"]], each, families)
    for offer, many in WAITING:
        of = [group for group in groups.values() if group.offer == offer]
        for nth in range(many if of else 0):
            _wait(of[nth % len(of)], families)
    elements = [element.key for element in catalogue.elements()]
    for group in groups.values():
        _evenings(group, elements, families.dice)


def _known(group: Group) -> Iterator[tuple[Member, Member | None]]:
    """Find the children of the demo's own courses who fit a group."""
    named = {"Minigruppe 6–8 år": "Liv", "Børnegruppe 12–15 år": "Noah", "Børnegruppe 9–11 år": "Yara"}
    rows = (
        Member.objects.filter(course__state="open").order_by("course__opened_on", "position")
        if group.name in named
        else []
    )
    called = courses.said_of(rows)
    yield from ((row, None) for row in rows if called.get(row.pk, {}).get("called") == named[group.name])


def _seat(group: Group, each: dict[str, Any], families: Families) -> None:
    """Fill the chairs: taken, on pause, offered; and those who have left."""
    chairs, known = count(1), _known(group)
    states = ["taken"] * (each["full"] - each.get("paused", 0)) + ["paused"] * each.get("paused", 0)
    for state in [*states, *["offered"] * each.get("offered", 0), *["left"] * each.get("left", 0)]:
        began = _began(group, families.dice)
        gone = clock.today() - timedelta(days=families.dice.randint(5, 120))
        first = min(began, gone) if state == "left" else began
        member, beside = next(known, None) or families.begin(
            group, first - timedelta(days=families.dice.randint(5, 20))
        )
        row: dict[str, Any] = {"group": group, "member": member, "beside": beside, "state": state, "offered_on": began}
        row |= {"taken_on": began} if state != "offered" else {}
        if state == "left":
            row |= {"ended_on": gone, "taken_on": first, "offered_on": first, "reason": "own_wish"}
        else:
            row |= {"chair": next(chairs), "starts_with": _starts(group, began)}
        row |= {"paused_until": clock.today() + timedelta(days=28)} if state == "paused" else {}
        row |= (
            {"offered_on": clock.today(), "answer_by": clock.today() + timedelta(days=6)} if state == "offered" else {}
        )
        Seat.objects.create(**row)


def _began(group: Group, dice: random.Random) -> date:
    """Choose since when somebody has their seat: a group that all begin together, from its first day."""
    if group.intake == "fixed":
        return group.starts_on - timedelta(days=7)
    return max(group.starts_on, clock.today() - timedelta(days=dice.randint(10, 330)))


def _starts(group: Group, began: date) -> Meeting | None:
    return group.meetings.filter(planned_on__gte=began).exclude(state="cancelled").order_by("starts_at").first()


def _wait(group: Group, families: Families) -> None:
    """Let somebody wait for a seat of this kind, since some weeks ago."""
    since = clock.today() - timedelta(days=families.dice.randint(3, 150))
    member, _beside = families.begin(group, since - timedelta(days=2))
    days = families.dice.sample(range(5), k=families.dice.randint(0, 2))
    wishes = {"places": [group.place], "days": sorted(days), "parity": families.dice.choice(("", "", "even", "odd"))}
    if families.dice.random() < 0.8:
        wishes["talks"] = True
    row = seats.wait(member=member, offer=group.offer, wishes=wishes, by=_worker(member), once=uuid4())
    Waiting.objects.filter(pk=row.pk).update(since=since)


def _worker(member: Member) -> Any:
    """Find who has a person's course."""
    return member.course.assignments.first().user  # type: ignore[union-attr]


def _evenings(group: Group, elements: list[str], dice: random.Random) -> None:
    """Let every evening that is over have been held and told of."""
    sat = list(Seat.objects.filter(group=group, taken_on__isnull=False))
    marks: list[Attendance] = []
    for meeting in group.meetings.filter(ends_at__lt=clock.now(), state="planned"):
        day = clock.local(meeting.starts_at).date()
        there = [seat for seat in sat if _sits(seat, day)]
        told = meeting.ends_at + timedelta(minutes=10)
        used = sorted(dice.sample(elements, k=min(len(elements), dice.randint(1, 3))))
        Meeting.objects.filter(pk=meeting.pk).update(
            state="held", held_at=told, elements=used, once=UUID(int=dice.getrandbits(128))
        )
        marks += [_mark(meeting, seat, told, dice) for seat in there]
    Attendance.objects.bulk_create(marks)


def _sits(seat: Seat, day: date) -> bool:
    return bool(seat.taken_on and seat.taken_on <= day and (seat.ended_on is None or seat.ended_on > day))


def _mark(meeting: Meeting, seat: Seat, at: datetime, dice: random.Random) -> Attendance:
    return Attendance(meeting=meeting, member=seat.member, mark=dice.choice(MARKS), marked_at=at)
