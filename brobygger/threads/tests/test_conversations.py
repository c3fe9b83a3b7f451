"""A conversation from its first letter to its end, and what may begin after it: each deed beside its refusal."""

import uuid
from typing import Any

import pytest

from brobygger.door import queries as door
from brobygger.door.models import Answer, Box
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import queries as audit
from brobygger.threads import opening, queries, rules, services
from brobygger.threads.models import ContactCard, Message, OpenedLetter, Outgoing, Thread
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _night(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-23T02:10")


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
    """The living thread behind a key."""
    return Thread.objects.get(number=key[:4], ending="")


def texts(key: str) -> list[str]:
    """What the family has said in the living thread."""
    return [each.text for each in services.look(thread=thread(key), by="keeper") if not each.from_house]


def box(key: str) -> list[str]:
    """The kinds of news in a box, newest first."""
    keeper()
    return [str(each.get("news") or each["kind"]) for each in door.open_box(seal.read_key(key)).answers]


def end(key: str, by: Any, text: str = "Pas godt på jer.") -> None:
    """End a thread as the house does."""
    one = thread(key)
    services.say_farewell(thread=one, text=text, door_kind="parent", by=by)
    services.mark_ending(thread=one, how="ended", by=by)
    keeper()


# ---- Opening ----


def test_a_letter_becomes_a_thread_under_a_key_of_its_own_and_a_box(ea: Visitor, key: str) -> None:
    other = ea.write("En anden familie.").key
    keeper()

    assert texts(key) == ["Min mand drikker."]
    assert thread(key).key != thread(other).key
    assert box(key) == ["opened"]
    facts = queries.facts([thread(key)])[thread(key).pk]
    assert facts and facts["door"] == "parent" and facts["wish"] == "write"
    assert audit.trail(thread(key))[:1] == [("keeper", "threads.letter_opened")]
    assert not Outgoing.objects.exists()


def test_words_are_under_the_key_and_moved_elsewhere_they_do_not_open(key: str) -> None:
    one = thread(key)
    message = Message.objects.get(thread=one, kind="text")

    assert "drikker" not in str(bytes(message.body))
    with pytest.raises(keyring.Unreadable):
        keyring.open_sealed(one.key, bytes(message.body), context=f"message:{uuid.uuid4()}:body:1")


@pytest.mark.parametrize("stopped", ["place_box", "deliver", "take_away"])
def test_stopped_between_two_steps_nothing_is_lost_and_nothing_comes_twice(
    stopped: str, ea: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stops just before a step; at the next start it is as if nothing had happened."""
    room = services if stopped == "deliver" else services.door
    whole = getattr(room, stopped)

    def falls(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    key = ea.write("Min mand drikker.").key
    monkeypatch.setattr(room, stopped, falls)
    with pytest.raises(KeyboardInterrupt):
        opening.open_letters()
    monkeypatch.setattr(room, stopped, whole)
    keeper()

    assert texts(key) == ["Min mand drikker."]
    assert box(key) == ["opened"]
    assert Thread.objects.count() == Box.objects.count() == 1
    assert not door.waiting(10)


# ---- Ways to be reached ----


REACH = {"phone": "20304050", "channel": "call", "when": "evening", "sender": "Tandlægen"}


def test_a_number_is_kept_under_its_own_key_looked_at_for_a_reason_and_taken_back(
    ea: Visitor, key: str, alma: Any
) -> None:
    one = thread(key)
    assert services.look_at_card(thread=one, reason="de vil ringes op", by=alma) is None
    ea.act(ea.come_back(key), "reach", **REACH)
    keeper()
    card = ContactCard.objects.get()

    seen = services.look_at_card(thread=one, reason="de vil ringes op", by=alma)
    assert seen and (seen["phone"], seen["sender"]) == ("+4520304050", "Tandlægen")
    line = audit.entries(about=one, action="threads.contact_looked").get()
    assert (line.by, line.reason) == ("alma", "de vil ringes op")
    assert card.key != one.key

    ea.act(ea.come_back(key), "unreach")
    keeper()
    assert services.look_at_card(thread=one, reason="de vil ringes op", by=alma) is None
    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(card.key, bytes(card.sealed), context=f"card:{one.pk}:1")
    assert ("family", "threads.contact_taken_back") in audit.trail(one)
    assert texts(key)[:1] == ["Min mand drikker."], "the conversation is untouched"


def test_a_new_number_destroys_the_old_one(ea: Visitor, key: str, alma: Any) -> None:
    ea.act(ea.come_back(key), "reach", **REACH)
    keeper()
    old = ContactCard.objects.get()
    ea.act(ea.come_back(key), "reach", **REACH | {"phone": "21222324"})
    keeper()

    seen = services.look_at_card(thread=thread(key), reason="de vil ringes op", by=alma)
    assert seen and seen["phone"] == "+4521222324"
    assert not ContactCard.objects.filter(pk=old.pk).exists()


# ---- Burning ----


def test_what_is_burned_is_gone_whole_and_only_a_line_in_the_audit_is_left(ea: Visitor, key: str, alma: Any) -> None:
    ea.act(ea.come_back(key), "reach", **REACH)
    keeper()
    one, card = thread(key), ContactCard.objects.get()

    ea.burn(key)
    keeper()

    assert not any(each.objects.exists() for each in (Thread, Message, ContactCard, Outgoing, Box, Answer))
    for held in (one.key, card.key):
        with pytest.raises(keyring.Shredded):
            keyring.seal(held, b"x", context="x")
    assert ea.come_back(key).status == 422
    assert audit.trail(one)[-1] == ("keeper", "threads.shredded")
    assert ("family", "threads.burned") in audit.trail(one)


def test_the_wrong_key_burns_nothing(ea: Visitor, key: str) -> None:
    wrong = seal.new_return_key().shown

    assert ea.burn(f"{key[:4]}{wrong[4:]}").status == 422
    keeper()

    assert texts(key) == ["Min mand drikker."]


def test_the_page_of_the_first_letter_loaded_again_after_the_fire_brings_nothing_back(ea: Visitor) -> None:
    token = ea.door().hidden("token")
    key = ea.send(token, "Min mand drikker.").key
    keeper()
    ea.burn(key)
    keeper()

    ea.send(token, "Min mand drikker.")
    keeper()

    assert not Thread.objects.exists() and not Box.objects.exists()
    assert ea.come_back(key).status == 422


# ---- A new key ----


def test_a_new_key_opens_and_the_old_one_does_not(ea: Visitor, key: str, at: Any) -> None:
    at("2026-11-23T02:20")
    new = ea.rekey(key).key
    keeper()

    assert new[:4] == key[:4] and new != key
    assert ea.come_back(key).status == 422
    assert ea.come_back(new).status == 200
    assert texts(new) == ["Min mand drikker."]
    assert ("family", "threads.rekeyed") in audit.trail(thread(new))
    assert box(new)[0] == "rekeyed"


def test_what_was_written_with_the_old_key_s_page_does_not_come_in_any_more(ea: Visitor, key: str) -> None:
    """Who had the slip, and a page open, has nothing left when a new key was made."""
    stolen = ea.come_back(key)
    ea.rekey(key)
    keeper()

    ea.act(stolen, "text", text="Det her er ikke mig")
    keeper()

    assert Message.objects.filter(kind="text").count() == 1


# ---- The end, and after it ----


def test_a_last_word_is_read_alone_for_a_month(ea: Visitor, key: str, alma: Any, at: Any) -> None:
    services.answer(thread=thread(key), text="Godt, du skrev.", times=[], read_by=[], by=alma)
    keeper()
    end(key, alma)

    page = ea.come_back(key)
    assert box(key) == ["ended"]
    assert "Pas godt på jer." in page.words and "Godt, du skrev." not in page.words
    assert not Thread.objects.exists()

    last = Answer.objects.get().expires_on
    assert last == clock.today() + rules.FAREWELL_LIVES
    at("2026-12-24T03:00")
    services.sweep(clock.now())
    assert box(key) == []


@pytest.mark.parametrize("how", ["text", "reach"])
def test_after_the_end_the_same_key_begins_a_new_conversation(
    how: str, ea: Visitor, key: str, alma: Any, at: Any
) -> None:
    first = thread(key)
    end(key, alma)
    at("2026-11-24T02:10")
    page = ea.come_back(key)

    ea.act(page, how, **({"text": "Nu er det svært igen."} if how == "text" else REACH))
    keeper()

    new = thread(key)
    assert new.pk != first.pk and new.key != first.key and new.box == first.box
    with pytest.raises(keyring.Shredded):
        keyring.seal(first.key, b"x", context="x")
    news = box(key)
    assert "opened" in news and "ended" in news
    shown = ea.come_back(key)
    assert "Pas godt på jer." not in _heading_and_letter(shown), "an old farewell does not answer a new letter"
    if how == "text":
        assert texts(key) == ["Nu er det svært igen."]
    else:
        assert services.look_at_card(thread=new, reason="de vil ringes op", by=alma)


def _heading_and_letter(page: Page) -> str:
    """What stands above the folded-away past."""
    return page.text.split("<details")[0]


@pytest.mark.parametrize("kind", ["choose", "move", "cancel", "unreach", "address"])
def test_what_comes_too_late_begins_nothing_and_is_told(kind: str, ea: Visitor, key: str, alma: Any) -> None:
    page = ea.come_back(key)
    end(key, alma)

    answer = ea.act(page, kind, **({"address": "Bakken 7"} if kind == "address" else {"proposal": str(uuid.uuid4())}))
    keeper()

    assert answer.status == 200
    assert not Thread.objects.exists()
    assert Answer.objects.filter(receipt=True).count() == 1
    assert box(key) == ["ended"]
    again = ea.act(page, kind, **({"address": "Bakken 7"} if kind == "address" else {}))
    assert again.status == 200


def test_a_box_nobody_comes_back_to_dies_with_its_thread(key: str, at: Any) -> None:
    at("2027-02-01T03:00")
    services.sweep(clock.now())
    assert thread(key)

    at("2027-03-02T03:00")
    services.sweep(clock.now())
    keeper()

    assert not Thread.objects.exists() and not Box.objects.exists() and not OpenedLetter.objects.exists()
    assert audit.entries(action="threads.expired").count() == 1


def test_an_answer_lets_the_box_live_on(key: str, alma: Any, at: Any) -> None:
    at("2027-01-20T10:00")
    services.answer(thread=thread(key), text="Hvordan går det?", times=[], read_by=[], by=alma)
    keeper()
    at("2027-03-02T03:00")
    services.sweep(clock.now())

    assert thread(key)


def test_every_look_is_written_down(key: str, alma: Any, bo: Any) -> None:
    one = thread(key)
    before = len(audit.looks(one))

    services.look(thread=one, by=alma)
    services.look(thread=one, by=bo)

    assert [who for who, _when in audit.looks(one)[before:]] == ["alma", "bo"]
