"""What a family's telephone shows, and when."""

from datetime import timedelta
from typing import Any

import pytest

from brobygger.ground import clock
from brobygger.outbox import services
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import Family, told
from brobygger.outbox.tests.wires import Gateway, Post
from brobygger.privacy import queries as privacy
from brobygger.threads import services as threads
from tests.letters import Visitor, keeper


def test_a_family_with_a_number_is_told_of_an_answer(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    told(ea)

    (asked,) = gateway.asked
    assert asked["body"] == {"to": "+4520304050", "text": "Der er nyt til dig.", "from": "Besked"}
    assert asked["headers"]["Authorization"] == "Bearer a token"
    assert asked["headers"]["Idempotency-Key"] == str(Notice.objects.get().pk)
    assert Notice.objects.get().state == "sent"


def test_the_trail_says_that_it_was_sent_and_not_where(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    told(ea)

    lines = [(one.by, one.reason) for one in privacy.entries(about=ea.thread, action="outbox.sent")]
    assert lines == [("keeper", "answer:sms")]
    assert not any("20304050" in f"{one.by} {one.about} {one.reason}" for one in privacy.entries())


def test_two_answers_before_anything_is_sent_are_one_message(ea: Family, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea)
    at("2026-11-23T22:10")
    told(ea)
    told(ea)
    assert gateway.asked == []
    at("2026-11-24T08:00")
    keeper()
    assert gateway.texts == ["Der er nyt til dig."]


def test_a_family_without_a_number_gets_nothing(ea: Family, gateway: Gateway) -> None:
    told(ea)
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_family_that_wants_to_be_rung_gets_nothing(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea, "call")
    told(ea)
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_house_without_wires_writes_nothing(ea: Family, gives: Any) -> None:
    gives(ea, "call")
    services.notify(thread=ea.thread, kind="answer", by="alma")
    assert not Notice.objects.exists()


def test_a_number_taken_back_stops_the_message(ea: Family, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea)
    at("2026-11-23T22:10")
    told(ea)
    Visitor().act(Visitor().come_back(ea.key), "unreach")
    at("2026-11-24T09:00")
    keeper()
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_thread_burned_before_sending_sends_nothing(ea: Family, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea)
    at("2026-11-23T22:10")
    told(ea)
    thread = ea.thread
    threads.mark_ending(thread=thread, how="burned", by="family")
    at("2026-11-24T09:00")
    assert services.send_due() == 1
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_thread_burned_while_it_is_on_the_wire_is_no_trouble(
    ea: Family, gives: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gives(ea)
    thread = ea.thread
    services.notify(thread=thread, kind="answer", by="alma")
    send = services._send

    def burned_meanwhile(parcel: Any, *, by: str) -> None:
        thread.delete()
        send(parcel, by=by)

    monkeypatch.setattr(services, "_send", burned_meanwhile)
    assert services.send_due() == 1
    assert not Notice.objects.exists()
    assert not privacy.entries(action="outbox.sent").exists()


@pytest.mark.parametrize(
    ("when", "written", "sent"),
    [
        ("any", "2026-11-23T22:10", "2026-11-24T08:00"),
        ("any", "2026-11-24T02:10", "2026-11-24T08:00"),
        ("morning", "2026-11-23T13:00", "2026-11-24T08:00"),
        ("afternoon", "2026-11-23T09:00", "2026-11-23T12:00"),
        ("evening", "2026-11-23T09:00", "2026-11-23T16:00"),
    ],
)
def test_nothing_is_sent_outside_the_hours_a_family_chose(
    ea: Family, gives: Any, gateway: Gateway, at: Any, when: str, written: str, sent: str
) -> None:
    gives(ea, when=when)
    at(written)
    services.notify(thread=ea.thread, kind="answer", by="alma")
    keeper()
    assert gateway.asked == []
    at(sent)
    keeper()
    assert len(gateway.asked) == 1


def test_what_the_family_told_us_to_call_ourselves_stands_in_front(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea, sender="Tandlægen")
    told(ea)
    assert gateway.texts == ["Tandlægen: Der er nyt til dig."]


def test_a_name_an_old_telephone_cannot_show_is_left_out(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea, sender="Kaffe ☕")
    told(ea)
    assert gateway.texts == ["Der er nyt til dig."]


def test_who_chose_mail_gets_a_mail(ea: Family, gives: Any, mail: Post) -> None:
    gives(ea, "mail", sender="Tandlægen")
    told(ea)
    (envelope,) = mail.mails
    text = envelope.content.decode()
    assert envelope.rcpt_tos == ["ea@post.example"]
    assert envelope.mail_from == "besked@brev.example"
    assert f"Message-ID: <{Notice.objects.get().pk}@brev.example>" in text
    assert "Subject: En besked" in text
    assert "Der er nyt til dig." in text
    assert "ditrum" not in text.casefold().replace(" ", "")


def test_an_english_family_is_written_to_in_english(morning: Any, gives: Any, gateway: Gateway) -> None:
    family = Family.writes(language="en")
    gives(family)
    told(family)
    assert gateway.texts == ["There is something new for you."]


def test_one_round_sends_a_few_so_that_letters_do_not_wait(
    ea: Family, gives: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    gives(ea)
    for _each in range(3):
        params = {"starts_at": "2026-11-25T09:00:00+00:00"}
        services.notify(thread=ea.thread, kind="called_off", by="alma", params=params)
    assert [services.send_due() for _round in range(3)] == [2, 1, 0]
    assert len(gateway.phones) == 3


def test_a_slow_gateway_ends_the_round_after_the_first(
    ea: Family, another: Family, gives: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "ROUND", 0.05)
    gateway.hang = 0.2
    for family in (ea, another):
        gives(family)
    for family in (ea, another):
        services.notify(thread=family.thread, kind="answer", by="alma")
    assert [services.send_due() for _round in range(3)] == [1, 1, 0]


# ---- What ends ----


def test_what_was_sent_is_gone_within_two_days(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    told(ea)
    assert services.sweep(clock.now() + timedelta(hours=23)) == 0
    assert services.sweep(clock.now() + timedelta(hours=25)) == 1
    assert not Notice.objects.exists()


def test_a_mail_to_a_colleague_says_nothing_of_anybody(alma: Any, furnished: Any, mail: Post, at: Any) -> None:
    at("2026-11-23T22:10")
    services.notify_staff(user=alma, kind="test", by="operator")
    keeper()
    (envelope,) = mail.mails
    assert envelope.rcpt_tos == ["alma@huset.example"]
    assert "Det her er en prøve" in envelope.content.decode()
