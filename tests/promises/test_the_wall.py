"""A family lives without a name, then says who it is: nothing on the one side leads to the other.

Every row of the three databases is read, and every random number in it is a knot: two knots are tied when they stand in
one row. Whoever holds the course and pulls at every string must not reach anything that was the thread's, but for what
the family itself keeps, and what goes on living: they are listed in `FOLLOWS`, and nothing else may be.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connections, models

from brobygger.appointments import queries as appointments
from brobygger.casework import notes, record
from brobygger.casework.models import Course
from brobygger.consents.tests import families as referred
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy.models import AuditEntry
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads
from brobygger.threads.models import ContactCard, Message, OpenedLetter, Thread
from tests.letters import Page, Visitor, keeper, working_hours

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.promise(
        "W1",
        da="Når du siger, hvem du er, fører intet i vores databaser fra dit forløb tilbage til det, du skrev uden "
        "navn. Kun svarene bag din nøgle, dine aftaler og dine samtykker går med dig.",
        en="When you say who you are, nothing in our databases leads from your course back to what you wrote without a "
        "name. Only the answers behind your key, your appointments and your consents follow you.",
    ),
]
#: What follows the family, by table: every column, or the ones named. All else that was the thread's stays behind.
FOLLOWS: dict[str, set[str] | None] = {
    # The box the family keeps: its number, its lock, the answers in it that only their key opens.
    "door_box": None,
    "door_answer": None,
    # Which letters were opened into that box; forgotten after two days.
    "threads_openedletter": None,
    # A time that stands is the same time: the family's own page and calendar name it by its number.
    "appointments_appointment": {"id", "number"},
    "appointments_proposal": {"id"},
    "appointments_visitaddress": None,
    # A yes is taken back under the number the family's page has; a referrer is told on it.
    "consents_consent": {"id"},
    "consents_disclosure": {"id", "consent_id"},
    "consents_referral": {"id", "referrer_id"},
    # The wire may know it already, and sends nothing twice under one number.
    "outbox_notice": {"id"},
}
#: About those who work here, and about the house; no string of a family's.
NOT_FAMILIES = re.compile(r"(access|account|mfa|socialaccount|django|auth|catalogue|content|wagtail\w*|taggit)_")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f])")
#: A row: its table, and its columns by name.
Row = tuple[str, dict[str, Any]]


def knots(column: str, value: Any) -> set[str]:
    """What in a value could lead to another row: ids, keys, hashes, salts, sealed bytes, the number of a box."""
    if isinstance(value, UUID):
        return {value.hex}
    if isinstance(value, bytes | memoryview | bytearray):
        raw = bytes(value)
        pieces = {raw[at : at + 16].hex() for at in range(0, len(raw), 16)} if len(raw) in (16, 32, 48, 64) else set()
        return {raw.hex()} | pieces if len(raw) >= 8 else set()
    if not isinstance(value, str):
        return set()
    found = {each.replace("-", "") for each in _UUID.findall(value.lower())}
    return found | ({f"number {value}"} if column == "number" and len(value) == 4 else set())


def rows() -> Iterator[Row]:
    """Every row about families in the three databases."""
    for alias in ("default", "keys", "door"):
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in sorted(connection.introspection.table_names(cursor)):
                if NOT_FAMILIES.match(table):
                    continue
                cursor.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    yield table, dict(zip(names, row, strict=True))


def staff() -> set[str]:
    """The people who work here: they stand in rows on both sides, and lead nowhere."""
    from brobygger.access.models import User

    return {knot for pk in User.objects.values_list("pk", flat=True) for knot in knots("id", pk)}


def reach(start: Iterable[str]) -> set[str]:
    """Everything one reaches from some knots by pulling at every string."""
    strings: dict[str, set[str]] = defaultdict(set)
    ours = staff()
    for _table, row in rows():
        tied = {knot for column, value in row.items() for knot in knots(column, value)} - ours
        for knot in tied:
            strings[knot] |= tied
    found: set[str] = set()
    left = set(start)
    while left:
        knot = left.pop()
        found.add(knot)
        left |= strings[knot] - found
    return found


def following(belongs: set[str]) -> set[str]:
    """Of what belongs to a thread, what follows its family."""
    allowed = set()
    for table, row in rows():
        named = FOLLOWS.get(table, set())
        columns = row if named is None else {name: row[name] for name in named}
        allowed |= {knot for column, value in columns.items() for knot in knots(column, value)} & belongs
    # The key of an address that follows is where it was.
    keys = [row for table, row in rows() if table == "privacy_datakey" and knots("id", row["id"]) & allowed]
    return allowed | {knot for row in keys for knot in knots("wrapped", row["wrapped"])}


def hexes(one: Any) -> set[str]:
    """A row's own id."""
    return knots("id", one.pk)


class Life:
    """A family that lived without a name for an hour, and what belonged to it then."""

    def __init__(self, key: str, old: Thread) -> None:
        """Remember the key, and gather everything one reaches from the thread."""
        self.key, self.old = key, old
        #: The referrer's own conversation is another's, on this side and on that.
        back = Thread.objects.exclude(pk=old.pk).filter(counted=True).first()
        beside = reach(hexes(back)) - hexes(old) if back else set()
        others = {knot for knot in beside if back and knot not in self._of(old)}
        self.belongs = reach(hexes(old))
        self.allowed = following(self.belongs) | others
        self.left = self.belongs - self.allowed
        self.card = ContactCard.objects.get(thread=old)
        self.messages = list(Message.objects.filter(thread=old).order_by("number"))
        self.enquiry = Enquiry.objects.get(thread=old)

    @staticmethod
    def _of(old: Thread) -> set[str]:
        tied: set[str] = set()
        for _table, row in rows():
            here = {knot for column, value in row.items() for knot in knots(column, value)}
            tied |= here if here & hexes(old) else set()
        return tied

    @property
    def course(self) -> Course:
        """The course they are in now."""
        return Course.objects.get()

    @property
    def found(self) -> set[str]:
        """What was the thread's and is reached from the course."""
        return reach(hexes(self.course)) & self.left


@pytest.fixture
def house(furnished: Any, at: Any, alma: Any, finn: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A house with a therapist at work; the die of the night's round shows one."""
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    monkeypatch.setattr(secrets, "randbelow", lambda sides: 1)
    at("2026-11-24T09:00")
    working_hours(alma)
    return alma


def act(ea: Visitor, key: str, action: str, **data: Any) -> Page:
    """Do one thing behind a key, and have it done."""
    page = ea.act(ea.come_back(key), action, **data)
    assert page.status == 200, page.words[:600]
    keeper()
    return page


def offer(one: Thread, by: Any, where: str) -> None:
    """Have somebody take a thread, read it and answer it with times."""
    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=one), by=by)
    threads.look(thread=one, by=by)
    free = appointments.free(by, where=where)[:3]
    intake.answer(enquiry=enquiry, text="Kom og drik en kop kaffe.", where=where, times=free, by=by)
    keeper()


def lived(house: Any, at: Callable[[str], datetime]) -> Life:
    """A family writes, is answered with times, chooses one at home, gives its address and a number, writes again."""
    ea = Visitor()
    key = ea.write("Min mand drikker.", theme="drikker-nu", age_band="").key
    keeper()
    one = Thread.objects.get(number=key[:4])
    at("2026-11-24T09:40")
    offer(one, house, "home")
    at("2026-11-24T10:00")
    act(ea, key, "choose", proposal=ea.come_back(key).all("proposal")[0])
    act(ea, key, "address", address="Skovbrynet 7, 2. tv.")
    act(ea, key, "reach", phone="20 30 40 50", when="any")
    at("2026-11-24T10:10")
    act(ea, key, "text", text="Han må ikke vide det.")
    at("2026-11-24T10:29")
    threads.look(thread=one, by=house)
    return Life(key, one)


def sent_on(house: Any, at: Callable[[str], datetime]) -> Life:
    """A family is sent on by a health visitor, is rung, and uses its own key."""
    from brobygger.consents import services as consents

    sent = referred.refer(share="ladder", text="Jeg vil gerne ringes op.")
    at("2026-11-24T09:40")
    one = sent.thread
    offer(one, house, "phone")
    consents.move(referral=sent.referral, to="trying", by=house)
    at("2026-11-24T10:00")
    key = Visitor().first_use(sent.family.shown).key
    keeper()
    at("2026-11-24T10:29")
    return Life(key, one)


LIVES = {"wrote": lived, "was sent on": sent_on}


def cross(life: Life, at: Callable[[str], datetime], **more: Any) -> None:
    """Say who one is, and let the nights go by until the shell is gone."""
    at("2026-11-24T10:30")
    ea = Visitor()
    assert ea.say_who(ea.ask_who(ea.come_back(life.key)), **more).status == 200
    keeper()


def nights(at: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few of the hourly rounds go by, until the die lets the shell go."""
    threads.sweep(at("2026-11-24T11:00"))
    monkeypatch.setattr(secrets, "randbelow", lambda sides: 0)
    threads.sweep(at("2026-11-26T03:00"))


@pytest.mark.parametrize("carry", [{}, {"carry": "on"}], ids=["left behind", "taken along"])
@pytest.mark.parametrize("how", LIVES)
def test_nothing_leads_from_a_course_to_the_thread_before_it(
    how: str, carry: dict[str, str], house: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = LIVES[how](house, at)
    assert hexes(life.old) <= life.left and len(life.left) > 10, "there is something to lead to"

    cross(life, at, **carry)

    assert life.found == set(), "at once, while the shell still stands"
    nights(at, monkeypatch)
    assert life.found == set(), "and when it is gone"
    assert not Thread.objects.filter(pk=life.old.pk).exists()
    for table, row in rows():
        if table != "privacy_auditentry":
            # Nobody but the trail names it, and a destroyed key's number says nothing of whose it was.
            assert not hexes(life.old) & {k for column, value in row.items() for k in knots(column, value)}, table


@pytest.mark.parametrize("how", LIVES)
def test_what_is_said_under_the_new_keys_names_nothing_of_the_old(how: str, house: Any, at: Any) -> None:
    """Not only the rows: what they hold, opened, too."""
    life = LIVES[how](house, at)
    cross(life, at, carry="on")
    course, alma = life.course, house
    opened = record.look(course=course, by=alma)
    assert course.thread
    said: list[Any] = [each.body for each in threads.look(thread=course.thread, by="keeper")]
    said += [thread_queries.facts([course.thread]), opened.parts, [each.parts for each in opened.people]]
    said += [notes.look_at_notes(member=each.member, by=alma) for each in opened.people]

    text = repr(said).lower()

    assert not {each.replace("-", "") for each in _UUID.findall(text)} & life.left
    assert "drikker-nu" not in text, "what is counted of the thread stays with the count"


@pytest.mark.parametrize("how", LIVES)
def test_the_trail_does_not_tell_which_thread_became_a_course(
    how: str, house: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = LIVES[how](house, at)
    cross(life, at)
    nights(at, monkeypatch)
    first = AuditEntry.objects.get(action="casework.course_opened")
    minute = timedelta(minutes=1)

    old = AuditEntry.objects.filter(about=f"thread:{life.old.pk}")
    near = old.filter(at__gte=first.at - minute, at__lte=first.at + minute).exclude(action__endswith="looked")
    assert list(near) == []
    last = old.latest("pk")
    assert last.action == "threads.shredded" and last.at - first.at > timedelta(hours=1)
    ours = reach(hexes(life.course))
    for line in AuditEntry.objects.all():
        ids = knots("about", line.about) | knots("reason", line.reason)
        assert not (hexes(life.old) <= ids and ids & ours), line


def test_the_keys_of_what_was_left_are_gone_at_once(house: Any, at: Any) -> None:
    from brobygger.privacy.models import DataKey

    life = lived(house, at)
    keys = [life.old.key, life.card.key]
    assert DataKey.objects.filter(pk__in=keys).count() == 2

    cross(life, at)

    assert not DataKey.objects.filter(pk__in=keys).exists()


# ---- The walk itself sees a fault ----


def _a_row_with_both(life: Life) -> None:
    OpenedLetter.objects.create(id=life.old.pk, box=life.course.thread.box, opened_on=life.course.opened_on)  # type: ignore[union-attr]


def _a_line_with_both(life: Life) -> None:
    AuditEntry.objects.create(by="keeper", action="x", about=f"thread:{life.old.pk}", reason=f"course:{life.course.pk}")


def _the_old_key(life: Life) -> None:
    Thread.objects.filter(course=life.course).update(key=life.old.key)


def _the_old_card(life: Life) -> None:
    ContactCard.objects.update(key=life.card.key)


def _a_message_as_it_was(life: Life) -> None:
    fresh = {"number": 900, "kind": "news", "thread_id": life.course.thread_id}
    Message.objects.create(id=life.messages[0].pk, body=b"x" * 20, **fresh)


def _the_row_of_the_worklist(life: Life) -> None:
    Enquiry.objects.update(id=life.enquiry.pk)


def _sealed_as_it_was(life: Life) -> None:
    Thread.objects.filter(course=life.course).update(facts=bytes(life.old.facts))


FAULTS = (
    _a_row_with_both, _a_line_with_both, _the_old_key, _the_old_card, _a_message_as_it_was, _the_row_of_the_worklist,
    _sealed_as_it_was,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_string_is_found(fault: Callable[[Life], None], house: Any, at: Any) -> None:
    life = lived(house, at)
    cross(life, at)
    assert life.found == set()

    fault(life)

    assert life.found != set()


# ---- The plan of the tables ----


def relations(model: type[models.Model]) -> set[type[models.Model]]:
    """The models one reaches from a model in one step, forwards or backwards; never by way of who works here."""
    near: set[Any] = {field.related_model for field in model._meta.get_fields() if field.is_relation}
    return {each for each in near if each and each._meta.app_label != "access"}


def related(start: type[models.Model]) -> set[type[models.Model]]:
    """Every model one reaches."""
    found, left = set(), {start}
    while left:
        here = left.pop()
        found.add(here)
        left |= relations(here) - found
    return found


def test_no_way_through_the_tables_leads_from_a_course_to_a_count() -> None:
    counts = {apps.get_model("intake", name) for name in ("Tally", "Signpost")}
    counts.add(apps.get_model("consents", "TalkCount"))

    assert not related(Course) & counts
    assert Thread in related(Course)
    assert counts & related(apps.get_model("intake", "CallLine")), "the walk does find a count where one is tied"
