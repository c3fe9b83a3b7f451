"""A course begun by somebody who works here, because the family said so; and what a family may ask afterwards."""

import uuid
from typing import Any

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import naming, record
from brobygger.casework.models import Course
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as audit
from brobygger.threads import opening
from brobygger.threads import queries as threads_queries
from brobygger.threads.models import Thread
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db
PEOPLE = [{"role": "mother", "name": "Mette Holm", "called": "Mette", "birth": "", "phone": ""}]


@pytest.fixture(autouse=True)
def _house(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-24T09:20")


@pytest.fixture
def ea() -> Visitor:
    """Somebody at the door."""
    return Visitor()


@pytest.fixture
def key(ea: Visitor) -> str:
    """The key Ea holds; her letter is opened."""
    written = ea.write("Min mand drikker.").key
    keeper()
    return written


def thread(key: str) -> Thread:
    """The thread that lives behind a key."""
    return Thread.objects.get(number=key[:4], ending="")


def taken(key: str, by: Any) -> Enquiry:
    """Have somebody take the letter behind a key."""
    return intake.take(enquiry=Enquiry.objects.get(thread=thread(key)), by=by)


def say_who(ea: Visitor, key: str) -> None:
    """Say who one is with a key."""
    assert ea.say_who(ea.ask_who(ea.come_back(key))).status == 200
    keeper()


# ---- By somebody who works here ----


def test_a_therapist_begins_a_course_for_a_family_that_said_yes(ea: Visitor, key: str, alma: Any) -> None:
    taken(key, alma)
    once = uuid.uuid4()
    asked = {
        "thread": thread(key),
        "people": PEOPLE,
        "agreed_how": "phone",
        "words": "Ja.",
        "digest": "d",
        "once": once,
    }

    course = naming.begin_here(**asked, by=alma)
    keeper()

    assert naming.begin_here(**asked, by=alma) == course and Course.objects.count() == 1
    assert course.thread == thread(key)
    assert record.look(course=course, by=alma).known("agreement")["how"] == "phone"
    assert "Det er Alma, du taler med" in ea.come_back(key).words
    assert ("alma", "casework.course_opened") in audit.trail(course)


def test_nobody_begins_a_course_from_a_colleagues_thread(key: str, alma: Any, bo: Any, finn: Any) -> None:
    taken(key, alma)
    asked = {"thread": thread(key), "people": PEOPLE, "agreed_how": "phone", "words": "Ja.", "digest": "d"}

    with pytest.raises(intake.NotYours):
        naming.begin_here(**asked, by=bo)
    with pytest.raises(NotAllowed):
        naming.begin_here(**asked, by=finn)
    assert not Course.objects.exists() and thread(key).counted is False


def test_a_course_is_begun_once_from_one_thread(key: str, alma: Any) -> None:
    taken(key, alma)
    asked = {"people": PEOPLE, "agreed_how": "present", "words": "Ja.", "digest": "d"}
    naming.begin_here(thread=thread(key), **asked, by=alma)

    with pytest.raises(naming.NotHere):
        naming.begin_here(thread=thread(key), **asked, by=alma)
    assert Course.objects.count() == 1


# ---- What may be asked afterwards ----


@pytest.mark.parametrize("what", ["access", "correction", "erasure"])
def test_what_somebody_asks_about_their_record_waits_for_people(ea: Visitor, key: str, what: str) -> None:
    say_who(ea, key)

    page: Page = ea.act(ea.come_back(key), "rights", what=what, words="Mit navn er stavet forkert.")
    assert page.status == 200 and "inden en måned" in page.words
    opening.open_letters()

    (asked,) = threads_queries.requests(("rights",))
    assert asked.body["rights"] == {"what": what, "words": "Mit navn er stavet forkert."}
    assert asked.thread == thread(key)


def test_what_is_to_be_put_right_must_be_said(ea: Visitor, key: str) -> None:
    say_who(ea, key)

    page = ea.act(ea.come_back(key), "rights", what="correction")

    assert page.status == 422 and "Skriv, hvad der er forkert" in page.words
    assert not threads_queries.requests(("rights",))
