"""Families who came and went since last year began, what they answered on the way, and last year's report.

Everything is done by the deeds of the rooms, each on its own day: the house's clock stands on that day meanwhile.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from heapq import heapify, heappop, heappush
from typing import Any
from uuid import uuid4

from django.conf import settings

from brobygger.access import queries as people
from brobygger.casework import naming, record
from brobygger.casework import services as casework
from brobygger.casework.models import Course
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.outcomes import asking, instruments, letters, queries, rules, services
from brobygger.outcomes.models import Round
from brobygger.privacy import seal
from brobygger.reports import rules as periods
from brobygger.reports import services as reports

from .invented_groups import CHILDREN, PARENTS

#: So many days between two families who begin, last year and this, and how the courses end.
EVERY, NOW = 6, 18
ENDINGS = ("completed",) * 7 + ("family_stopped",) * 2 + ("no_contact", "moved", "other_help")
WORKERS = ("alma", "bo", "signe", "mikkel", "jonna", "peter", "aisha", "nadia")
#: Of how many in a hundred an answer is there, at each moment; a few more say no thanks.
ANSWERED = {"start": 92, "during": 70, "end": 90, "after": 50}
SAY_NO = 5
#: How many in a hundred answer when a course ends before anybody had planned it.
LEFT = 30
#: How many in a hundred say yes to being asked once more, half a year after.
AGREE = 70
WAYS = ("tablet", "tablet", "paper", "interview")


@contextmanager
def on(day: date) -> Iterator[None]:
    """Let the house's clock stand on an early afternoon of another day."""
    before, settings.CLOCK = settings.CLOCK, f"{day.isoformat()}T13:00:00"
    try:
        yield
    finally:
        settings.CLOCK = before


def fill() -> str:
    """Let families come, answer and go, day by day, and give the key of a young person who may see their own curve."""
    dice, today = random.Random(2028), clock.today()
    key = seal.new_return_key()
    begun = date(today.year - 1, 1, 1) - timedelta(days=45)
    lives = [_family(number, day, dice) for number, day in enumerate(_days(begun, today - timedelta(days=20)))]
    lives += [_young(key, today - timedelta(days=190), dice), _low(today - timedelta(days=95), dice)]
    lives.append(_today(today - timedelta(days=4)))
    _play(lives, today)
    return key.shown


def _days(day: date, last: date) -> Iterator[date]:
    while day <= last:
        yield day if day.weekday() < 5 else day + timedelta(days=2)
        # Who begins in the autumn ends next year: of those there are enough.
        early = (day.year, day.month) < (clock.today().year - 1, 9)
        day += timedelta(days=EVERY if early else NOW)


def _play(lives: list[Iterator[date]], today: date) -> None:
    """Let every family's next day come in its turn, up to yesterday."""
    queue = [(next(life), number, life) for number, life in enumerate(lives)]
    heapify(queue)
    while queue and queue[0][0] < today:
        day, number, life = heappop(queue)
        with on(day):
            following = next(life, None)
        if following is not None:
            heappush(queue, (max(following, day), number, life))


# ---- Families: each says on which day something happens next ----


def _family(number: int, begins: date, dice: random.Random) -> Iterator[date]:
    """Live through one course: begun, asked on the way, ended as planned or not, asked half a year after."""
    young = dice.random() < (0.9 if "who5" in _child_measures() else 0.2)
    months = dice.randint(108, 200) if young else dice.randint(40, 100)
    worker, level = people.person(WORKERS[number % len(WORKERS)]), Levels(dice)
    ends, why = begins + timedelta(days=dice.randint(70, 260)), dice.choice(ENDINGS)
    yield begins
    course = _begin(number, months, worker, dice)
    yield begins + timedelta(days=dice.randint(0, 12))
    answer(course, "start", level, worker, dice, looker=worker)
    half_way = rules.later(begins, 3)
    if half_way < ends - timedelta(days=14):
        yield half_way
        asking.plan(course)
        level.grow(1 / 2)
        answer(course, "during", level, worker, dice, looker=worker)
    yield ends
    if why == "completed":
        elements = [element.key for element in catalogue.elements()]
        used = {"keys": sorted(dice.sample(elements, k=min(3, len(elements))))}
        record.write_part(course=course, kind="elements", body=used, seen=0, by=worker)
    casework.end_course(course=course, reason=why, words="", seen=0, by=worker)
    yield ends + timedelta(days=dice.randint(0, 10))
    level.grow(1 / 2)
    answer(course, "end", level, worker, dice, looker=worker, chance=None if why == "completed" else LEFT)
    for row in queries.of_course(course.pk):
        if row.moment == "after" and dice.randrange(100) < AGREE:
            services.agree(round=row, by=worker)
    yield ends + timedelta(days=182)
    # Nobody has the course any more: for an answer that is low the leader gives it to somebody again.
    until = clock.today() + timedelta(days=7)
    casework.assign(course=course, to=worker, valid_to=until, by=people.person("clara"))
    answer(course, "after", level, services.FAMILY, dice, looker=worker)


def _child_measures() -> set[str]:
    return {str(each["key"]) for each in queries.settings()["measures"] if each["people"] == "children"}


def _begin(number: int, months: int, worker: Any, dice: random.Random) -> Course:
    """Begin a course with a grown-up and a child so many months old, and write down what is known."""
    parent = dice.choice(PARENTS)
    family = [
        {"role": dice.choice(("mother", "mother", "father")), "called": parent, "name": f"{parent} Tænksom",
         "phone": f"+45201{number:05}"},
        {"role": "child", "called": dice.choice(CHILDREN), "birth": _born(months)},
    ]  # fmt: skip
    agreed = {"how": dice.choice(("phone", "present")), "text": "", "words": ""}
    course = casework.open_course(people=family, agreed=agreed, worker=worker, by=worker, once=uuid4())
    hard = [row.key for row in catalogue.problems()]
    parts: dict[str, dict[str, Any]] = {
        "living": {"with": dice.choice(("both", "mother", "mother", "shared", "father")), "words": ""},
        "problems": {"keys": sorted(dice.sample(hard, k=min(len(hard), dice.randint(1, 3)))), "words": ""},
    }
    for kind, body in parts.items():
        record.write_part(course=course, kind=kind, body=body, seen=0, by=worker)
    substances = [row.key for row in catalogue.substances()]
    if substances and dice.random() < 0.8:
        uses = {"uses": [{"substance": substances[min(dice.choice((0, 0, 0, 1)), len(substances) - 1)], "when": "now"}]}
        grown_up = course.members.get(position=0)
        record.write_part(course=course, member=grown_up, kind="use", body=uses, seen=0, by=worker)
    return course


def _born(months: int) -> str:
    """Name the month somebody so many months old today was born in."""
    today = clock.today()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return f"{year:04}-{month + 1:02}"


def _young(key: seal.ReturnKey, begins: date, dice: random.Random) -> Iterator[date]:
    """Let a young person come in, get a key, say who they are, and answer with it: the curve is theirs to see."""
    worker, level = people.person("alma"), Levels(dice, at=36)
    yield begins
    reach = {"channel": "", "phone": "", "when": "any", "message": False, "sender": "", "alias": "Nor"}
    call = Call(channel="walk_in", door="young", what="key", reach=reach)
    enquiry, _new = intake.open_call(number=uuid4(), key=key, call=call, by=worker)
    enquiry = intake.take(enquiry=enquiry, by=worker)
    intake.answer(enquiry=enquiry, text="Godt, du kom til os. Vi ses.", by=worker)
    words = catalogue.wording("name-child", "da")
    family = [{"role": "child", "called": "Nor", "birth": _born(16 * 12 + 3), "name": "Nor Opdigt"}]
    text, digest = (words.text, words.digest) if words else ("", "")
    course = naming.begin_here(
        thread=enquiry.thread, people=family, agreed_how="present", words=text, digest=digest, by=worker
    )
    for moment, score in (("start", 36), ("during", 48), ("during", 64)):
        level.score = score
        answer(course, moment, level, services.FAMILY, dice, chance=100, mode="key", looker=worker)
        if course.thread is not None:
            letters.tell(course.thread, "sheet_kept", by=letters.KEEPER)
        yield rules.later(clock.today(), 3)
        asking.plan(course)


def _low(begins: date, dice: random.Random) -> Iterator[date]:
    """Let a boy say lately that it goes badly: somebody is to look at it."""
    worker, level = people.person("alma"), Levels(dice, at=56)
    yield begins
    course = _begin(900, 12 * 12 + 4, worker, dice)
    answer(course, "start", level, worker, dice, looker=worker, chance=100)
    yield rules.later(begins, 3)
    level.score = 24
    asking.plan(course)
    answer(course, "during", level, worker, dice, chance=100, looker=None)


def _today(begins: date) -> Iterator[date]:
    """Let a girl have begun some days ago who has not been asked yet: her questions are for the tablet today."""
    dice = random.Random(7)
    yield begins
    _begin(901, 11 * 12 + 2, people.person("alma"), dice)


# ---- Answers ----


class Levels:
    """How the people of one family feel, on 0 to 100: mostly better with time, by no means all."""

    def __init__(self, dice: random.Random, at: int | None = None) -> None:
        """Begin somewhere below the middle, most often."""
        self.dice = dice
        self.score = float(dice.gauss(45, 16) if at is None else at)
        self.growth = dice.gauss(13, 17)

    def grow(self, share: float) -> None:
        """Let some of the time go by."""
        self.score += self.growth * share

    def answers(self, asked: instruments.Instrument) -> dict[str, int]:
        """Answer questions as somebody does who feels so, and not quite the same each time."""
        return {
            item.ident: sorted(item.values)[round(self._near() * (len(item.values) - 1))]
            for item in asked.items
        }  # fmt: skip

    def _near(self) -> float:
        return min(1.0, max(0.0, (self.score + self.dice.gauss(0, 9)) / 100))


def answer(
    course: Course, moment: str, level: Levels, by: Any, dice: random.Random, *,
    chance: int | None = None, mode: str = "", looker: Any,
) -> None:  # fmt: skip
    """Let those who are asked now answer, most of them; some say no, and some cannot be reached."""
    most, today = ANSWERED[moment] if chance is None else chance, clock.today()
    rows = sorted(queries.of_course(course.pk), key=lambda row: (row.member.position, row.due_on))
    for row in rows:
        if row.moment != moment or row.state != "due" or row.unagreed or not row.opens_on <= today <= row.closes_on:
            continue
        luck = dice.randrange(100)
        if luck >= most:
            if not isinstance(by, str):
                why = "declined" if luck < most + SAY_NO else "left" if moment == "end" else "not_reached"
                services.skip(round=row, why=why, by=by)
            continue
        way = mode or ("sms" if isinstance(by, str) else dice.choice(WAYS))
        said = {each.key: level.answers(each) for each in queries.unanswered(row, way)}
        services.keep_all(round=row, answers=said, mode=way, by=by, once=uuid4())
        if looker is not None and Round.objects.filter(pk=row.pk, low_on__isnull=False).exists():
            services.see(round=row, by=looker)


# ---- Reports ----


def report() -> None:
    """Let last year's report be counted and go out, then the sheet of a partner whose coordinator has an agreement."""
    leader, partner = people.person("clara"), catalogue.partners()[0].key
    asking.sweep(clock.now())
    last, until = periods.year(clock.today().year - 1), clock.today() + timedelta(days=365)
    reports.agree(user=people.person("dan"), partner=partner, until=until, by=leader)
    for template in ("year", "partner"):
        row = reports.ask(period=last, template=template, partner=partner if template == "partner" else "", by=leader)
        # As the worker does, so that what may not go out stays and says why.
        reports.keep_up()
        row.refresh_from_db()
        if row.figures is not None:
            reports.ask_release(report=row, by=leader)
            reports.keep_up()
