"""The evening of a group: who is expected, who came, what was used, one sentence; and who ought to be rung."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed
from brobygger.casework import queries as casework
from brobygger.casework import record
from brobygger.casework.queries import Person
from brobygger.casework.templatetags.courses import who
from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import queries, rules
from .models import Attendance, Group, Meeting, Seat, Sentence

KEEPER = "keeper"
#: How many years the sentence about an evening is kept.
YEARS = 2


class NotYet(Exception):
    """The day of the meeting has not come."""


class CalledOff(Exception):
    """The meeting was called off, so there is no evening to tell of."""


class SomethingNew(Exception):
    """Somebody else told of this evening in the meantime; nothing was written, and a person chooses."""

    def __init__(self, there: rules.Said, met: rules.Met) -> None:
        """Remember what stands there now, and what must be chosen."""
        super().__init__("told of in the meantime")
        self.there, self.met = there, met


@dataclass(frozen=True)
class Guest:
    """Somebody an evening is for, by what they are called, with what the evening must know of them."""

    seat: Seat
    person: Person
    name: str
    #: What tells two of the same name apart: an age, or a number.
    age: int | None = None
    nth: int = 0
    #: The grown-up who comes along with a baby.
    beside: str = ""
    #: What stands there: a mark, or nothing.
    mark: str = ""
    #: Word came before the evening was held that they would not.
    said_no: bool = False
    #: Their first evening.
    new: bool = False
    #: How many times in a row they did not come without a word, when it is time to call; who stands in is not asked to.
    missed: int = 0
    #: Whoever reads has the course, and may write in it.
    own: bool = False

    @property
    def paused(self) -> bool:
        """Tell whether their seat is on pause."""
        return self.seat.state == Seat.State.PAUSED

    @property
    def ident(self) -> UUID:
        """Tell who it is."""
        return self.person.member.pk

    @property
    def care(self) -> dict[str, Any]:
        """Read what an evening must know: allergies, who brings, what to remember."""
        return self.person.known("care")

    @property
    def told(self) -> bool:
        """Tell whether there is anything an evening must know of them."""
        return self.new or bool(self.care) or bool(self.person.known("contact"))


@dataclass(frozen=True)
class Evening:
    """One evening, opened to who runs it."""

    meeting: Meeting
    group: Group
    guests: list[Guest]
    paused: list[Guest]
    said: rules.Said
    own: list[Guest] = field(default_factory=list)

    @property
    def everybody(self) -> list[Guest]:
        """List those expected, and those on pause."""
        return [*self.guests, *self.paused]

    @property
    def missing(self) -> list[Guest]:
        """List those somebody should ring."""
        return [each for each in self.everybody if each.missed]


@dataclass(frozen=True)
class Folder:
    """What is printed for an evening: a door list by name, and a food list without any."""

    meeting: Meeting
    group: Group
    names: list[Guest]
    coming: int
    cannot: list[tuple[str, int]]


# ---- Looking ----


def _run(meeting: Meeting, by: Any, *, arranges: bool = False, opened: bool = False) -> Meeting:
    """Fetch the meeting as it stands now, for who runs it. Raises `NotAllowed`."""
    found = queries.get_meeting(by, meeting.pk, opened=opened)
    if found is None or not (found[0].sight.run or (arranges and found[0].sight.arrange)):
        raise NotAllowed("run_groups")
    return found[1]


def look_at_meeting(*, meeting: Meeting, by: Any, opened: bool = False) -> Evening:
    """Open the evening to who runs it, on its day and after; each course is told that somebody looked.

    `opened`: they had its page while they ran it (`queries.get_meeting`). Raises `NotYet`, `CalledOff`, `NotAllowed`.
    """
    meeting = _run(meeting, by, opened=opened)
    _is_on(meeting)
    seats, marked = queries.seats_of(meeting), queries.marks_of(meeting)
    guests = _guests(meeting, seats, marked, by)
    said = rules.Said({row.member_id: row.mark for row in marked}, frozenset(meeting.elements), _sentence(meeting))
    expected, paused = ([each for each in guests if each.paused is away] for away in (False, True))
    return Evening(meeting, meeting.group, expected, paused, said, [each for each in guests if each.own])


def _is_on(meeting: Meeting) -> None:
    if meeting.state == Meeting.State.CANCELLED:
        raise CalledOff
    if clock.local(meeting.starts_at).date() > clock.today():
        raise NotYet


def _guests(meeting: Meeting, seats: list[Seat], marked: list[Attendance], by: Any) -> list[Guest]:
    """Open the people of some seats, and say what there is to say of each."""
    # Of who has left, an evening that is over tells who it was; what is known of them today is no matter of it.
    over = clock.local(meeting.starts_at).date() != clock.today()
    gone = [each for seat in seats if over and seat.state == Seat.State.LEFT for each in _who(seat)]
    people = record.look_at_guests(members=[each for seat in seats for each in _who(seat)], named=gone, by=by)
    sitting = [seat for seat in seats if seat.member_id in people]
    called = rules.apart([_called(people[seat.member_id]) for seat in sitting])
    leads = queries.get_group(by, meeting.group_id)
    missed = queries.missed_in(sitting) if leads and leads.sight.run else {}
    marks = {row.member_id: row for row in marked}
    own = casework.whole(by)
    begin = queries.beginners(meeting.group, sitting).get(meeting.pk, ())
    found = []
    for seat, (name, age, nth) in zip(sitting, called, strict=True):
        person, mark = people[seat.member_id], marks.get(seat.member_id)
        beside = people.get(seat.beside_id) if seat.beside_id else None
        guest = Guest(
            seat, person, name, age, nth,
            beside=_called(beside)[0] if beside else "",
            mark=mark.mark if mark else "",
            said_no=mark is not None and mark.mark == rules.SAID_NO and _before(mark, meeting),
            new=seat.pk in begin,
            missed=missed.get(seat.pk, 0),
            own=person.member.course_id in own,
        )  # fmt: skip
        found.append(guest)
    return sorted(found, key=lambda each: (rules.in_order(each.name), each.age or 0, each.nth))


def _who(seat: Seat) -> list[UUID]:
    return [seat.member_id, *([seat.beside_id] if seat.beside_id else [])]


def _called(person: Person) -> tuple[str, int | None]:
    """Say what somebody is called; one nobody has named is called what they are."""
    return str(who(person)["name"]), person.age


def _before(mark: Attendance, meeting: Meeting) -> bool:
    """Tell whether word came before the evening's page was sent."""
    return meeting.held_at is None or mark.marked_at < meeting.held_at


def look_at_folder(*, meeting: Meeting, by: Any) -> Folder:
    """Open what is printed for an evening, to who runs it or arranges groups. Raises `CalledOff`, `NotAllowed`."""
    meeting = _run(meeting, by, arranges=True)
    if meeting.state == Meeting.State.CANCELLED:
        raise CalledOff
    seats = [each for each in queries.seats_of(meeting) if each.state != Seat.State.PAUSED]
    guests = _guests(meeting, seats, queries.marks_of(meeting), by)
    coming = [each for each in guests if each.mark != rules.SAID_NO]
    cannot = Counter(str(each.care["allergies"]).strip() for each in coming if each.care.get("allergies"))
    mouths = len(coming) + sum(bool(each.beside) for each in coming)
    return Folder(meeting, meeting.group, coming, mouths, sorted(cannot.items(), key=lambda row: row[0].casefold()))


# ---- Telling of it ----


def hold_meeting(
    *,
    meeting: Meeting,
    marks: dict[UUID, str],
    elements: list[str],
    sentence: str,
    by: Any,
    once: UUID,
    seen: rules.Said | None = None,
    opened: bool = False,
) -> Meeting:
    """Write down an evening: who came, what was used, one sentence; told again, it is set right.

    `once` is the page it was told on, and `seen` what stood there when that page was opened: what somebody else wrote
    since is not written over. `opened`: as `look_at_meeting`. Raises `SomethingNew`, `NotYet`, `CalledOff`,
    `NotAllowed`.
    """
    meeting = _run(meeting, by, opened=opened)
    mine = rules.Said(marks, frozenset(elements), sentence.strip())
    try:
        return _hold(meeting, mine, seen or rules.Said(), once, by)
    except IntegrityError:
        # A family said no in the same moment. That stands there now.
        return _hold(meeting, mine, seen or rules.Said(), once, by)


def _hold(meeting: Meeting, mine: rules.Said, seen: rules.Said, once: UUID, by: Any) -> Meeting:
    with transaction.atomic():
        # The courses first and then the group, as whoever says no, moves or leaves does: else two wait for each other.
        living = _held(queries.seated_among(meeting, mine.marks))
        Group.objects.select_for_update().get(pk=meeting.group_id)
        row = Meeting.objects.select_for_update().get(pk=meeting.pk)
        _is_on(row)
        sitting = queries.seated_among(row, mine.marks)
        mine = replace(mine, marks={each: mark for each, mark in mine.marks.items() if sitting.get(each) in living})
        if Meeting.objects.filter(once=once).exclude(pk=row.pk).exists():
            raise NotAllowed("run_groups")
        before = {each.member_id: each for each in Attendance.objects.filter(meeting=row)}
        own = _own(row, once, before)
        there = rules.Said(
            {each.member_id: each.mark for each in before.values()}, frozenset(row.elements), _sentence(row)
        )
        base = rules.Said({**seen.marks, **own}, seen.elements, seen.sentence)
        met = rules.meet(mine=mine, seen=base, there=there)
        if not met.agreed:
            raise SomethingNew(there, met)
        if row.state != Meeting.State.HELD or met.said != there:
            _set_right(row, before, met.said, own, by)
            _write(row, met.said, once, by)
    return row


def _held(sitting: dict[UUID, UUID]) -> set[UUID]:
    """Let none of the courses of some people end before this is written, and name those that are open."""
    living = set()
    for course in sorted(set(sitting.values())):
        # What has ended is written in no more.
        with suppress(record.CourseIsClosed):
            record.held_open(course)
            living.add(course)
    return living


def _own(row: Meeting, once: UUID, before: dict[UUID, Attendance]) -> dict[UUID, str]:
    """Say what a page wrote itself when it was sent before and the answer was lost; of others it wrote nothing."""
    if row.once != once:
        return {}
    return {member: each.mark for member, each in before.items() if each.marked_at == (row.corrected_at or row.held_at)}


def _set_right(row: Meeting, before: dict[UUID, Attendance], said: rules.Said, own: dict[UUID, str], by: Any) -> None:
    """Write the marks that are new, change those that are other than they were, and keep a line of each change."""
    told, now = row.state == Meeting.State.HELD, clock.now()
    row.held_at, row.corrected_at = row.held_at or now, now if told else None
    for member, mark in said.marks.items():
        known = before.get(member)
        if known is None:
            Attendance.objects.create(meeting=row, member_id=member, mark=mark, marked_at=now)
        elif known.mark != mark or member in own:
            Attendance.objects.filter(pk=known.pk).update(mark=mark, marked_at=now)
    for member, known in before.items():
        if member not in said.marks:
            known.delete()
        if said.marks.get(member) != known.mark and told:
            audit.record(by=by, action="groups.mark_corrected", about=f"member:{member}")
    came = [member for member, mark in said.marks.items() if mark == rules.HERE and member not in before]
    for course in sorted(queries.courses_among(came)):
        record.entered(course)


def _write(row: Meeting, said: rules.Said, once: UUID, by: Any) -> None:
    action = "groups.evening_corrected" if row.state == Meeting.State.HELD else "groups.evening_held"
    row.state, row.once, row.elements = Meeting.State.HELD, once, sorted(said.elements)
    if said.sentence != _sentence(row):
        _seal(row, said.sentence)
    row.save(update_fields=["state", "held_at", "corrected_at", "once", "elements"])
    audit.record(by=by, action=action, about=row)


def rang(*, seat: Seat, by: Any) -> None:
    """Put away the suggestion to call: somebody has. For who runs the group, and who has the course.

    Raises `NotAllowed`.
    """
    row = queries.get_seat_to_ring(by, seat.pk)
    if row is None:
        raise NotAllowed("run_groups")
    with transaction.atomic():
        Seat.objects.filter(pk=row.pk).update(rang_on=clock.today())
        audit.record(by=by, action="groups.rang", about=row.member)


# ---- The sentence ----


def _place(row: Sentence) -> str:
    return keyring.place("sentence", row.pk, "sealed")


def _sentence(meeting: Meeting) -> str:
    """Open the sentence about an evening; empty when there is none, or its key is gone."""
    row = Sentence.objects.filter(meeting=meeting).first()
    (opened,) = keyring.open_many([(row.key, bytes(row.sealed), _place(row))]) if row else (None,)
    return str((opened or {}).get("text") or "")


def _seal(meeting: Meeting, text: str) -> None:
    """Keep the sentence under a key of its own; one that is taken back is not kept under any."""
    before = Sentence.objects.filter(meeting=meeting).first()
    Sentence.objects.filter(meeting=meeting).delete()
    if text:
        # The key there is; where that was destroyed, another.
        row = Sentence(id=uuid4(), meeting=meeting, key=keyring.new_data_key(about=meeting.pk, kind="evening"))
        row.sealed = keyring.seal(row.key, {"text": text}, context=_place(row))
        row.save(force_insert=True)
    elif before:
        transaction.on_commit(lambda: keyring.shred(before.key))


def sweep(now: datetime) -> int:
    """Destroy the sentences about evenings of more than two years ago; tell how many."""
    before = clock.local(now) - relativedelta(years=YEARS)
    rows = list(Sentence.objects.filter(meeting__starts_at__lt=before).select_related("meeting"))
    for row in rows:
        with transaction.atomic():
            row.delete()
            audit.record(by=KEEPER, action="groups.sentence_destroyed", about=row.meeting)
            # Last, and before the row is gone for good: a stop leaves a row that opens no more, and the night takes it.
            keyring.shred(row.key)
    return len(rows)
