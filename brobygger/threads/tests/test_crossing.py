"""From a thread without a name to the one its family goes on in: what comes along, what is left, what a stop leaves."""

import secrets
import uuid
from typing import Any

import pytest
from django.db import transaction

from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import queries as audit
from brobygger.privacy.models import AuditEntry, DataKey
from brobygger.threads import opening, queries, services
from brobygger.threads.models import ContactCard, Hold, Message, Thread
from tests.letters import Visitor, keeper

NAMED = {"called": "Mette", "since": "2026-11-24"}


@pytest.fixture(autouse=True)
def _night(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-24T09:20")


@pytest.fixture
def ea() -> Visitor:
    """Somebody at the door."""
    return Visitor()


@pytest.fixture
def key(ea: Visitor) -> str:
    """The key Ea holds; her letter is opened, and she gave a number."""
    written = ea.write("Min mand drikker.").key
    keeper()
    ea.act(ea.come_back(written), "reach", phone="20 30 40 50", when="any")
    keeper()
    return written


def thread(key: str) -> Thread:
    """The thread that lives behind a key."""
    return Thread.objects.get(number=key[:4], ending="")


def cross(one: Thread, *, waits: bool = True, everything: bool = False) -> services.crossing.Crossed:
    """Lead a family across, as the rooms that come later do it."""
    with transaction.atomic():
        crossed = services.cross(thread=one, named=NAMED, waits=waits, everything=everything, by="keeper")
        services.settle(crossed=crossed, by="keeper")
    return crossed


def sweep(monkeypatch: pytest.MonkeyPatch, drawn: int = 0) -> int:
    """Do the night's round, with the die on a side."""
    monkeypatch.setattr(secrets, "randbelow", lambda sides: drawn)
    return services.sweep(clock.now())


@pytest.mark.django_db
def test_the_new_thread_has_the_box_and_the_old_one_nothing(key: str) -> None:
    old = thread(key)
    services.hold(thread=old, room="consents", by="keeper")

    crossed = cross(old)

    new = thread(key)
    assert (new.pk, new.box, new.number, new.counted) == (crossed.new.pk, old.box, old.number, True)
    shell = Thread.objects.get(pk=old.pk)
    assert shell.ending == "named" and shell.box != old.box and shell.key == old.key
    for row in (Message, ContactCard, Hold):
        assert not row.objects.filter(thread=shell).exists(), row
    facts = queries.facts([new])[new.pk] or {}
    assert facts["door"] == "parent" and facts["named"] == NAMED


@pytest.mark.django_db
def test_a_shell_is_nobodys_concern(key: str) -> None:
    old = thread(key)
    cross(old)

    assert queries.ending() == [] and queries.ending_held("consents") == []
    assert queries.numbers([str(old.pk)]) == {}


@pytest.mark.django_db
def test_a_thread_is_left_once_and_not_after_its_end(key: str) -> None:
    old = thread(key)
    new = cross(old).new

    for gone in (old, new):
        with pytest.raises(services.crossing.NothingToName):
            cross(gone)
    assert Thread.objects.count() == 2


@pytest.mark.django_db
def test_a_letter_that_was_on_its_way_meanwhile_finds_its_family(ea: Visitor, key: str) -> None:
    page = ea.come_back(key)
    ea.act(page, "text", text="Og én ting til.")
    cross(thread(key), waits=False)

    opening.open_letters()

    (asked,) = queries.requests(("text",))
    assert asked.thread == thread(key) and asked.body["text"] == "Og én ting til."


@pytest.mark.django_db
def test_what_nobody_has_done_yet_comes_along_under_the_new_key(ea: Visitor, key: str) -> None:
    page = ea.come_back(key)
    ea.act(page, "cancel")
    ea.act(page, "text", text="Og én ting til.")
    opening.open_letters()
    waiting = {each.ident for each in queries.requests(("text", "cancel"))}

    crossed = cross(thread(key), waits=False)

    asked = queries.requests(("text", "cancel"))
    assert {each.kind for each in asked} == {"text", "cancel"}
    assert {each.thread for each in asked} == {crossed.new}
    assert waiting.isdisjoint(each.ident for each in asked), "no number of the old one's goes along"
    assert [each.text for each in crossed.said] == ["Min mand drikker.", "Og én ting til."]


@pytest.mark.django_db
def test_everything_said_comes_along_when_it_is_asked_for(key: str, alma: Any) -> None:
    services.answer(thread=thread(key), text="Kom og drik kaffe.", times=[], read_by=[], by=alma)

    crossed = cross(thread(key), waits=False, everything=True)

    said = [each.text for each in services.look(thread=crossed.new, by="keeper")]
    assert said == ["Min mand drikker.", "Kom og drik kaffe."]


@pytest.mark.django_db
def test_no_line_of_the_trail_is_about_what_was_left(key: str) -> None:
    old, newest = thread(key), AuditEntry.objects.latest("pk").pk

    cross(old)

    lines = AuditEntry.objects.filter(pk__gt=newest)
    assert {line.about for line in lines} == {f"thread:{thread(key).pk}"}
    assert not lines.filter(about__contains=str(old.pk)).exists()


@pytest.mark.django_db
def test_the_name_itself_leaves_no_line_about_what_will_be_left(ea: Visitor, key: str) -> None:
    old = thread(key)
    before = len(audit.trail(old))
    ea.say_who(ea.ask_who(ea.come_back(key)))

    opening.open_letters()

    assert len(audit.trail(old)) == before
    assert [each.thread for each in queries.requests(("name",))] == [old]


# ---- Keys, and what a stop leaves ----


@pytest.mark.django_db(transaction=True)
def test_the_old_keys_are_gone_as_soon_as_the_family_is_across(key: str) -> None:
    old, card = thread(key), ContactCard.objects.get()

    cross(old)

    assert not DataKey.objects.filter(pk__in=[old.key, card.key]).exists()
    assert DataKey.objects.filter(pk__in=[thread(key).key, ContactCard.objects.get().key]).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_crossing_that_fails_destroys_nothing(key: str) -> None:
    old, card = thread(key), ContactCard.objects.get()

    with pytest.raises(RuntimeError), transaction.atomic():
        services.cross(thread=old, named=NAMED, waits=True, everything=False, by="keeper")
        raise RuntimeError("planted")

    assert thread(key) == old and ContactCard.objects.get() == card
    assert DataKey.objects.filter(pk__in=[old.key, card.key]).count() == 2
    assert [each.text for each in services.look(thread=old, by="keeper") if each.text] == ["Min mand drikker."]


@pytest.mark.django_db(transaction=True)
def test_keys_a_stop_left_behind_are_destroyed_by_the_nights_round(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, card = thread(key), ContactCard.objects.get()
    with monkeypatch.context() as stopped:
        stopped.setattr(keyring, "shred", lambda *keys: None)
        cross(old)
    assert DataKey.objects.filter(pk__in=[old.key, card.key]).count() == 2, "planted: the machine stopped here"

    sweep(monkeypatch, drawn=1)

    assert not DataKey.objects.filter(pk__in=[old.key, card.key]).exists()
    assert Thread.objects.filter(pk=old.pk).exists(), "the shell waits for another round"


@pytest.mark.django_db
def test_a_shell_goes_at_a_round_nobody_knows_and_leaves_one_line(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = thread(key)
    cross(old)

    assert sweep(monkeypatch, drawn=1) == 0
    assert sweep(monkeypatch) == 1

    assert not Thread.objects.filter(pk=old.pk).exists()
    assert audit.trail(old)[-1] == ("keeper", "threads.shredded")
    assert thread(key).counted, "the family's own is as it was"


@pytest.mark.django_db
def test_a_box_is_named_after_nothing_that_stands_in_the_trail(alma: Any) -> None:
    """The trail may name the page a call was typed on: nobody can work out from it whose box was made there."""
    once = uuid.uuid4()
    facts = {"door": "parent", "channel": "phone", "language": "da", "wish": "write"}
    facts |= {"written_at": clock.now().isoformat(), "answer_by": clock.now().isoformat()}
    from dataclasses import asdict

    from brobygger.privacy import seal

    made = asdict(seal.new_box(seal.new_return_key()))
    one, _new = services.open_called(once=once, made=made, facts=facts, text="", reach=None, by=alma)

    assert one.box not in {uuid.uuid5(once, "box"), once}
    again, new = services.open_called(once=once, made=made, facts=facts, text="", reach=None, by=alma)
    assert again == one and not new
