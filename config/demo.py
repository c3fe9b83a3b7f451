"""Fills the demo's house with invented people, letters and a year of counts. Refuses to touch anything but a demo."""

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings

from brobygger.access import queries as people
from brobygger.access import services as access
from brobygger.access.roles import Role
from brobygger.appointments import queries as appointments
from brobygger.appointments import rules as times
from brobygger.appointments import services as booking
from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consents_queries
from brobygger.consents import services as consents
from brobygger.door import services as door
from brobygger.door.models import Answer, Box
from brobygger.door.rules import PROFESSIONS
from brobygger.ground import clock
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.intake.models import Tally
from brobygger.privacy import seal
from brobygger.threads.rules import expires_on

from . import demo_courses, demo_groups, demo_measures
from .invented import ANSWERS, CALLS, LETTERS, PEOPLE, REFERRALS
from .management.commands.worker import once

ENQUIRIES_A_YEAR = 300
SECRETS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def fill(*, letters: bool = True) -> dict[str, str]:
    """Fill an empty demo once, and give return keys somebody may try, by whose; none when it was filled before."""
    if not settings.DEMO:
        raise RuntimeError("The demo's people are for a demo alone.")
    if people.person("alma"):
        return {}
    dice = random.Random(2026)
    _hire(dice)
    if not letters:
        return {}
    young = demo_measures.fill()
    demo_groups.make()
    key = _letters(dice)
    _calls()
    _referrals()
    demo_courses.fill()
    demo_groups.fill()
    _a_year(dice)
    _come_back()
    demo_measures.report()
    return {"a-family": key, "a-young-person": young}


def _hire(dice: random.Random) -> None:
    """Let the invented staff begin, each with hours at the house's places."""
    places = [place.key for place in catalogue.places() if place.rooms]
    since = clock.today() - timedelta(days=1000)
    for number, (handle, name, title, role, profession) in enumerate(PEOPLE):
        user = access.hire(
            email=f"{handle}@{catalogue.house().key}.example",
            handle=handle,
            first_name=name,
            title=title,
            roles=[Role(role)],
            password=settings.DEMO_PASSWORD,
            by="machine",
            totp_secret="".join(dice.choice(SECRETS) for _each in range(32)),
            since=since,
            profession=profession,
        )
        if role == "therapist":
            place = places[0] if number < 5 else places[number % len(places)]
            booking.set_hours(worker=user, hours=list(_week(number, place)), by="machine")


def _week(number: int, place: str) -> Iterator[times.Hours]:
    """Give somebody four days a week, one of them late."""
    for weekday in range(5):
        if weekday != number % 5:
            late = weekday == (number + 2) % 5
            yield times.Hours(weekday, time(11 if late else 8), time(19 if late else 15), place)


def _letters(dice: random.Random) -> str:
    """Send the invented letters through the real door and let the house do its work; give the key of the last."""
    key = seal.new_return_key()
    bands = {band.key for band in catalogue.age_bands()}
    for letter in LETTERS:
        key = _send(letter, bands)
        while once():
            pass
        _work(letter, dice)
        while once():
            pass
    return key.shown


def _calls() -> None:
    """Let the administrator have written down what came of the morning's calls."""
    finn = people.person("finn")
    for call in CALLS:
        intake.open_call(number=uuid.uuid4(), key=seal.new_return_key(), call=call, by=finn)


def _send(letter: dict[str, Any], bands: set[str]) -> seal.ReturnKey:
    """Write one letter at the door, some hours ago."""
    key = seal.new_return_key()
    written = _lately(letter["ago"])
    payload = {
        "kind": "first",
        "box": seal.new_box(key).as_payload(),
        "door": letter["door"],
        "wish": letter["wish"],
        "language": "da",
        "written_at": letter.setdefault("written_at", written.isoformat()),
        "answer_by": catalogue.answer_by(written).isoformat(),
        "text": letter["text"],
        "where": letter.get("where"),
        "when": letter.get("when"),
        "age_band": letter.get("age_band") if letter.get("age_band") in bands else None,
        "theme": None,
        "profession": letter.get("profession"),
    }
    if letter.get("phone"):
        payload["reach"] = {
            "channel": letter.get("channel", "call"), "phone": letter["phone"], "when": letter["when"],
            "remind": letter.get("channel") == "sms",
            "message": False, "sender": "", "alias": "M.",
        }  # fmt: skip
    door.receive_letter(letter=uuid.uuid4(), payload=payload, by="machine")
    return key


def _lately(hours: float) -> datetime:
    """Choose a moment so many hours ago whose promise has not gone by yet, so that the demo opens in good order."""
    written = clock.now() - timedelta(hours=hours)
    while catalogue.answer_by(written) <= clock.now() + timedelta(minutes=40):
        written += timedelta(minutes=20)
        if written >= clock.now():
            return clock.now() - timedelta(minutes=5)
    return written


def _work(letter: dict[str, Any], dice: random.Random) -> None:
    """Do with the newest letter what the staff have done with it so far."""
    if letter["until"] == "waits":
        return
    alma = people.person("alma")
    handles = ["alma", "bo", "signe", "mikkel", "jonna"]
    worker = alma if letter["until"] in ("taken", "key") else people.person(dice.choice(handles))
    untaken = [line for line in intake_queries.waiting(worker) if line.enquiry.taken_by_id is None]
    line = next(each for each in untaken if _same(each, letter))
    enquiry = intake.take(enquiry=line.enquiry, by=worker)
    if letter["until"] == "taken":
        return
    where = letter.get("where", "house")
    free = appointments.free(worker, where=where, when=letter.get("when", "any"))
    free = free or appointments.free(worker, where=where)
    chosen = times.spread(free)
    intake.answer(enquiry=enquiry, text=dice.choice(ANSWERS), by=worker, where=where, times=chosen)
    if letter["until"] == "chosen" and chosen:
        offered = appointments.offered(enquiry.thread)
        booking.choose(thread=enquiry.thread, proposal=offered[0].pk, by="family")


def _same(line: Any, letter: dict[str, Any]) -> bool:
    """Tell whether a row is the letter that was just sent: nothing else waits that was written at that moment."""
    return bool(line.facts["written_at"] == letter["written_at"])


def _referrals() -> None:
    """Send families on through the real door, and let Finn ring those who have been rung."""
    finn, words = people.person("finn"), catalogue.wording("referral", "da")
    if words is None:
        return
    for each in REFERRALS:
        written = clock.now() - timedelta(hours=each["ago"]) if each["steps"] else _lately(each["ago"])
        family = seal.new_return_key()
        door.receive_referral(letter=uuid.uuid4(), payload=_referral(each, family, words, written), by="machine")
        while once():
            pass
        thread = next(line.enquiry.thread_id for line in intake_queries.by_number(finn, family.number))
        for step in each["steps"]:
            sent = consents_queries.get_referral(finn, thread)
            if sent is not None:
                consents.move(referral=sent.referral, to=step, by=finn)
        while once():
            pass


def _referral(each: dict[str, Any], family: seal.ReturnKey, words: Any, written: datetime) -> dict[str, Any]:
    """Write one referral as the door does."""
    names = ("first_name", "profession", "share", "age")
    said = {name: each[name] for name in names} | {"place": "", "text_message": False}
    said |= {"expecting": each.get("expecting", False), "interpreter": each.get("interpreter", "")}
    return {
        "kind": "referral", "once": str(uuid.uuid4()), "door": "parent", "wish": "referral", "language": "da",
        "box": seal.new_box(family).as_payload(),
        "referrer": {"box": seal.new_box(seal.new_return_key()).as_payload()},
        "written_at": written.isoformat(), "answer_by": catalogue.answer_by(written).isoformat(),
        "text": each.get("text", ""), "referral": said,
        "consent": {
            "text": words.text, "digest": words.digest, "key": "referral", "how": "present", "days": words.days,
        },
        "reach": {
            "channel": "call", "phone": each["phone"], "when": "any",
            "message": True, "sender": "", "alias": each["first_name"],
        },
    }  # fmt: skip


def _come_back() -> None:
    """Let the families with a key have come back lately: a box nobody opens and nothing is put in ends by itself."""
    until = expires_on(clock.today())
    for kind in (Box, Answer):
        kind.objects.using(door.KEEPER).filter(expires_on__lt=until).update(expires_on=until)


def _a_year(dice: random.Random) -> None:
    """Write the counts since last year began: about as many enquiries as a house of this size has."""
    days = (clock.today() - date(clock.today().year - 1, 1, 1)).days
    doors = ["parent"] * 6 + ["young"] * 2 + ["child"] + ["professional"]
    themes = [theme.key for theme in catalogue.themes()] or [""]
    bands = [band.key for band in catalogue.age_bands()] or [""]
    channels = ["door"] * 6 + ["phone"] * 3 + ["walk_in"]
    outcomes = ["helped"] * 5 + ["course"] * 3 + ["signposted"] * 2 + ["quiet"] * 2 + ["burned"]
    counts: dict[tuple[str, ...], int] = {}
    for _each in range(ENQUIRIES_A_YEAR * days // 365 - len(LETTERS)):
        day: date = clock.today() - timedelta(days=dice.randint(8, days))
        year, week, _weekday = day.isocalendar()
        at = dice.choice(doors)
        kind = (
            f"{year:04}-W{week:02}", dice.choice(channels), at, dice.choice(themes), dice.choice(bands),
            "kept" if dice.random() < 0.96 else "not", dice.choice(outcomes),
            dice.choice(list(PROFESSIONS)) if at == "professional" else "",
        )  # fmt: skip
        counts[kind] = counts.get(kind, 0) + 1
    names = ("week", "channel", "door", "theme", "age_band", "promise", "outcome", "profession")
    rows = (Tally(**dict(zip(names, kind, strict=True)), count=count) for kind, count in counts.items())
    Tally.objects.bulk_create(rows)
