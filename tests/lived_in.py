"""A house where something of everything has happened, and real things to put into addresses that ask for one."""

from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest

from brobygger.access import services as access
from brobygger.access.tests.passkeys import passkey_of
from brobygger.appointments import queries as times
from brobygger.appointments import services as booking
from brobygger.appointments.models import Appointment
from brobygger.calendars import services as calendars
from brobygger.casework.tests import families
from brobygger.catalogue import queries as catalogue
from brobygger.consents import weighing
from brobygger.consents.models import Consent, Lookalike
from brobygger.consents.rules import WEIGHED
from brobygger.consents.tests.families import refer
from brobygger.door import family
from brobygger.ground import clock
from brobygger.groups import seats
from brobygger.groups import services as groups
from brobygger.groups.models import Seat
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.outbox.models import Notice
from brobygger.outcomes import letters as asking
from brobygger.outcomes import services as outcomes
from brobygger.outcomes.models import Round
from brobygger.outcomes.templatetags import slips
from brobygger.placement import services as placement
from brobygger.reports import services as reports
from brobygger.reports.rules import year
from brobygger.rights import endings, handing
from brobygger.rights.tests import people as rights
from tests.house.addresses import Things
from tests.letters import Visitor, keeper, working_hours


@pytest.fixture
def lived_in(furnished: Any, alma: Any, clara: Any, dan: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> Things:
    """Let a visit be agreed with its address and a number, another letter wait, and a calendar be fed."""
    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-23T08:10")
    working_hours(alma)
    ea = Visitor()
    key = ea.write(wish="call", phone="20304050", when="any").key
    keeper()
    enquiry = intake.take(enquiry=Enquiry.objects.get(), by=alma)
    free = times.free(alma, where="home")
    intake.answer(enquiry=enquiry, text="Godt, du skrev.", by=alma, where="home", times=free[:3])
    keeper()
    page = ea.come_back(key)
    ea.act(page, "choose", proposal=page.all("proposal")[0])
    keeper()
    ea.act(ea.come_back(key), "address", address="Bakken 7")
    ea.write("En anden familie")
    keeper()
    token = access.set_calendar_token(user=alma, by=alma)
    booking.set_hours(worker=alma, hours=[], by=alma)
    waiting = Enquiry.objects.exclude(pk=enquiry.pk).get()
    # The same number twice: two referrals that may be of one family.
    refer()
    sent = refer().referral
    said = dict.fromkeys(WEIGHED, "Noget, der er set.")
    course, held = families.begin(alma), families.begin(alma)
    asked = rights.asked(families.person(course), alma)
    note = rights.note(families.person(course), "Mette kom selv.", alma)
    gone_on = families.begin(alma)
    to, law = ("0161", catalogue.kle()[0].number), "Barnets lov § 15: kommunen følger op"
    going = handing.Going(*to, (families.person(gone_on).pk,), ("person",), law=law)
    handing.hand_over(course=gone_on, going=going, seen=0, by=alma, once=uuid4())
    seat = _seated(alma, families.person(course, 2))
    return {
        "group": {"hers": str(seat.group_id)},
        "meeting": {"tonight": str(seat.group.meetings.get(number=1).pk)},
        "seat": {"taken": str(seat.pk)},
        **_proposed(alma, clara, families.person(held, 2)),
        "thread": {
            "taken": str(enquiry.thread_id),
            "waiting": str(waiting.thread_id),
            "referred": str(sent.thread_id),
        },
        "consent": {"given": str(Consent.objects.filter(thread=sent.thread).first().pk)},
        "pair": {"alike": str(Lookalike.objects.get().pk)},
        "duty": {"weighed": str(weighing.weigh(about=enquiry.thread_id, said=said, second=clara, by=alma).pk)},
        "pk": {"hers": str(passkey_of(alma).pk)},
        "notice": {"failed": str(_not_through(enquiry))},
        "appointment": {"visit": str(Appointment.objects.get().pk)},
        "token": {"feed": token},
        "secret": {"house": calendars.make_feed(user=alma, shows="house", by=alma)[1]},
        **_asked(course, alma),
        **_reported(clara, dan),
        "key": {"offer": "samtaler"},
        "path": {"file": "nothing"},
        "course": {"hers": str(course.pk), "gone_on": str(gone_on.pk)},
        "member": {"mother": str(families.person(course).pk), "child": str(families.person(course, 2).pk)},
        "kind": {"of-all": "living", "of-one": "care"},
        "request_id": {
            "asked": str(asked.pk),
            "ready": str(rights.ready(rights.asked(families.person(course, 1), alma), alma).pk),
            "wrong": str(rights.asked(families.person(course), alma, kind="correction").pk),
            "unwanted": str(rights.asked(families.person(course), alma, kind="erasure").pk),
        },
        "item": {"note": str(note)},
        "hold": {"standing": str(endings.hold(course=held, reason="complaint", words="Der er klaget.", by=clara).pk)},
        "how": {"no": "refuse"},
    }


def _asked(course: Any, therapist: Any) -> Things:
    """Let a child's round wait, handed over on a tablet too, and the father have answered his."""
    asking.publish(by="keeper")
    waits = Round.objects.get(member=families.person(course, 2), moment="start")
    his = Round.objects.get(member=families.person(course, 1), moment="start")
    said = {"instrument": "mastery", "answers": {"everyday": 2}, "mode": "paper"}
    return {
        "round": {"waits": str(waits.pk)},
        "sheet": {"his": str(outcomes.keep_answer(round=his, **said, by=therapist).pk)},
        "codes": {"of-a-link": slips.codes(waits)},
        "ticket": {"handed-over": asking.hand_over(round=waits, by=therapist)},
    }


def _reported(leader: Any, coordinator: Any) -> Things:
    """Let last year be counted, and a partner's sheet of it have gone out, beside an agreement that runs."""
    agreed = reports.agree(user=coordinator, partner="glostrup", until=date(2027, 7, 1), by=leader)
    counted = reports.make(period=year(2025), template="year", by=leader)
    sheet = reports.make(period=year(2025), template="partner", partner="glostrup", by=leader)
    reports.release(report=sheet, by=leader)
    return {
        "report": {"counted": str(counted.pk), "sheet": str(sheet.pk)},
        "agreement": {"runs": str(agreed.pk)},
        **{"table": {"of-courses": "S1.courses"}, "row": {"first": "0"}, "column": {"first": "0"}},
        "form": {"csv": "csv"},
    }


def _not_through(enquiry: Enquiry) -> Any:
    """Leave a word to a family that the gateway refused."""
    refused = {"channel": "sms", "state": "failed", "problem": "refused"}
    return Notice.objects.create(thread=enquiry.thread, kind="answer", due_at=clock.now(), **refused).pk


def _seated(leader: Any, child: Any) -> Seat:
    """Let a group meet tonight, with a child in it."""
    said = {
        "offer": "gruppe", "name": "Mandagsgruppen", "kind": "child", "place": "glostrup", "room": 1, "state": "open",
        "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO", "starts_on": clock.today(), "begins": time(19),
        "ends": time(20, 30), "seats": 8, "months_from": 72, "months_to": 144, "leaders": [leader],
    }  # fmt: skip
    group = groups.make_group(said=said, by="machine", once=uuid4())
    taken = {"state": "taken", "chair": 1, "taken_on": clock.today(), "starts_with": group.meetings.get(number=1)}
    return Seat.objects.create(group=group, member=child, **taken)


def _proposed(therapist: Any, leader: Any, child: Any) -> Things:
    """Let a child wait, a seat be proposed for it, and a leader ask what if there were one more."""
    waits = seats.wait(member=child, offer="gruppe", wishes={}, by=therapist, once=uuid4())
    asked = {"what": "leader", "place": "glostrup", "count": 1}
    return {
        "waiting": {"child": str(waits.pk)},
        "plan": {"proposal": str(placement.propose(offer="gruppe", by=leader).pk)},
        "compared": {"what_if": str(placement.what_if(changes=asked, by=leader).pk)},
    }
