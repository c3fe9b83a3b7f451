"""A parent who was referred and asked for it gets one text message: until when we ring, and how to take it back."""

from datetime import datetime
from typing import Any

import pytest

from brobygger.outbox import rules, services, words
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import Family
from brobygger.outbox.tests.test_words_and_hours import HOUSES, names_of, telling
from brobygger.outbox.tests.wires import Gateway
from tests.letters import Visitor, keeper

SAID = "Du sagde ja til, at vi ringer inden tirsdag den 24. november kl. 14.00. Fortryder du, så ring 24 23 03 00."


def test_it_says_until_when_we_ring_and_how_to_take_it_back(morning: datetime, gateway: Gateway) -> None:
    Visitor().refer(text_message="on")
    keeper()

    assert gateway.texts == [SAID]
    assert Notice.objects.get().state == "sent"


@pytest.mark.parametrize("asked", [{}, {"share": "ladder", "message": "on"}])
def test_nobody_gets_it_who_did_not_ask(asked: dict[str, str], morning: datetime, gateway: Gateway) -> None:
    Visitor().refer(**asked)
    keeper()

    assert gateway.asked == [] and not Notice.objects.exists()


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_yes_taken_back_before_it_is_sent_stops_it(
    taken_back: bool, morning: datetime, gateway: Gateway, at: Any
) -> None:
    at("2026-11-23T22:30")
    sent = Visitor().refer(text_message="on")
    keeper()
    assert gateway.asked == [], "nobody's phone lights up at night"
    ea = Visitor()
    own = ea.first_use(sent.key).key
    keeper()
    at("2026-11-23T22:40")
    page = ea.come_back(own)
    if taken_back:
        ea.act(page, "withdraw", consent=page.all("consent")[0])
        keeper()
    at("2026-11-24T08:30")
    keeper()

    assert len(gateway.asked) == (0 if taken_back else 1)


def referred_twice(at: Any, *, then: str | None) -> Visitor:
    """Refer at night, with a text message asked for, and send the page again with other words before morning."""
    at("2026-11-23T22:30")
    nurse = Visitor()
    token = nurse.get(nurse.at("door:refer")).hidden("token")
    nurse.refer(token, text_message="on")
    keeper()
    nurse.refer(token, text_message=then, text="Hun er mest hjemme om morgenen.")
    keeper()
    return nurse


def test_a_page_that_is_sent_again_is_still_one_message(morning: datetime, gateway: Gateway, at: Any) -> None:
    referred_twice(at, then="on")
    assert Notice.objects.count() == 1

    at("2026-11-24T08:30")
    keeper()

    assert gateway.texts == [SAID]


def test_a_message_nobody_wants_any_more_is_dropped_and_no_other(morning: datetime, gateway: Gateway, at: Any) -> None:
    referred_twice(at, then="on")
    (kept,) = Notice.objects.all()
    at("2026-11-23T22:40")
    other = Visitor().refer(text_message="on", phone="20304051").keys[0]
    keeper()
    theirs = Family(other).thread
    services.notify(thread=kept.thread, kind="answer", by="keeper")

    services.drop_referred(thread=kept.thread, by="keeper")

    left = set(Notice.objects.values_list("thread", "kind"))
    assert left == {(kept.thread_id, "answer"), (theirs.pk, "referred")}


def test_one_that_did_not_get_through_is_dropped_too(morning: datetime, gateway: Gateway, at: Any) -> None:
    gateway.statuses = [400]
    Visitor().refer(text_message="on")
    keeper()
    notice = Notice.objects.get()
    assert notice.state == "failed"

    services.drop_referred(thread=notice.thread, by="keeper")

    assert not Notice.objects.exists(), "nobody can press try again"


@pytest.mark.parametrize("channel", ["call", "sms"])
def test_a_family_that_gave_its_own_number_meanwhile_is_not_written_to(
    channel: str, morning: datetime, gateway: Gateway, gives: Any, at: Any
) -> None:
    at("2026-11-23T22:30")
    lent = Visitor().refer(text_message="on").keys[0]
    keeper()
    own = Visitor().first_use(lent).key
    keeper()
    gives(Family(own), channel, phone="99999911")

    at("2026-11-24T08:30")
    keeper()

    assert gateway.asked == [] and not Notice.objects.filter(kind="referred").exists()


def test_a_house_without_a_telephone_asks_one_to_say_it_when_we_ring() -> None:
    text = words.text("referred", {"starts_at": "2026-11-24T13:00:00+00:00"}, "da")

    assert text.endswith("Fortryder du, så sig det, når vi ringer.")


@pytest.mark.parametrize("language", ["da", "en"])
def test_it_is_one_message_that_tells_nothing_of_the_house(language: str) -> None:
    text = words.text("referred", {"starts_at": "2026-09-30T13:15:00+00:00", "phone": "24 23 03 00"}, language)

    assert rules.fits(text), text
    assert [telling(text, names_of(house)) for house in HOUSES] == [[]] * len(HOUSES)
