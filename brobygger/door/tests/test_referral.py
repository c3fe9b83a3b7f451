"""A health visitor sits with a mother and sends the family on: a yes, a name, a number; two keys, one letter."""

import hashlib
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from brobygger.catalogue import queries as catalogue
from brobygger.catalogue import services as catalogue_services
from brobygger.door import forms, partner, queries, services, ticket
from brobygger.door.models import Letter
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from conftest import HOUSES
from tests.letters import Page, Visitor

pytestmark = pytest.mark.django_db
WORDS = "Hun vil gerne ses hjemme hos sig selv."


@pytest.fixture
def ea(furnished: Any, at: Any) -> Visitor:
    """Somebody at the professional's door on a Monday morning."""
    at("2026-11-23T10:00")
    return Visitor()


def letters() -> list[dict[str, Any]]:
    """Open everything in the letter box."""
    return [keyring.open_letter(sealed)[0] for _pk, sealed in queries.waiting(99)]


def kept(page: Page) -> tuple[str, str]:
    """What stands in two of the fields."""
    return page.typed("first_name"), page.typed("phone")


def test_a_referral_carries_what_the_parent_said_yes_to_and_nothing_else(ea: Visitor) -> None:
    page = ea.refer(share="ladder", message="on", when="morning", text=WORDS, profession="health_visitor")

    assert page.status == 200 and len(set(page.keys)) == 2
    (letter,) = letters()
    words = catalogue.wording("referral", "da")
    assert words is not None
    assert letter["consent"] == {
        "text": words.text,
        "digest": hashlib.sha256(words.text.encode()).hexdigest(),
        "key": "referral",
        "how": "present",
        "days": 90,
    }
    assert letter["referral"] == {
        "first_name": "Mette",
        "age": None,
        "expecting": False,
        "interpreter": "",
        "place": "",
        "profession": "health_visitor",
        "share": "ladder",
        "text_message": False,
    }
    assert letter["reach"] == {
        "channel": "call",
        "phone": "+4520304050",
        "when": "morning",
        "message": True,
        "sender": "",
        "alias": "Mette",
    }
    assert (letter["kind"], letter["door"], letter["wish"], letter["language"], letter["text"]) == (
        "referral",
        "parent",
        "referral",
        "da",
        WORDS,
    )
    numbers = [letter["box"]["number"], letter["referrer"]["box"]["number"]]
    assert numbers == [key[:4] for key in page.keys], "the parent's key comes first"


def test_the_text_on_the_page_is_the_text_that_is_kept_in_each_language(furnished: Any, at: Any) -> None:
    at("2026-11-23T10:00")
    for language in ("da", "en"):
        ea = Visitor(language=language)
        page = ea.get(ea.at("door:refer"))
        ea.refer(page.hidden("token"))
        words = catalogue.wording("referral", language)
        assert words is not None
        assert all(line in page.words for line in words.text.splitlines())
        letter = next(each for each in letters() if each["language"] == language)
        assert letter["consent"]["text"] == words.text
    assert len({each["consent"]["digest"] for each in letters()}) == 2


def test_what_may_be_left_out_comes_along_when_it_is_said(ea: Visitor) -> None:
    page = ea.refer(age_n="6", age_unit="months", expecting="on", interpreter=" arabisk ", place="hvidovre")

    (letter,) = letters()
    said = letter["referral"]
    assert (said["age"], said["expecting"], said["interpreter"], said["place"]) == (
        {"n": 6, "unit": "months"},
        True,
        "arabisk",
        "hvidovre",
    )
    for part in ("Den yngste: 6 mdr.", "Vi venter et barn.", "Tolk: arabisk.", "Sted: Hvidovre."):
        assert part in page.words


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no yes": ({"agreed": None}, "Vi må kun få nummeret, hvis forælderen sidder hos dig og siger ja."),
    "no choice of what is told": ({"share": None}, "Lad forælderen vælge, hvad der må siges bagefter."),
    "a choice nobody offered": ({"share": "everything"}, "everything"),
    "no name": ({"first_name": " "}, "Skriv et fornavn, vi kan spørge efter."),
    "a number in the name": ({"first_name": "Mette 010190-1234"}, "Skriv det uden tal. Vi skal ikke bruge tal her."),
    "no number": ({"phone": ""}, "Skriv det nummer, vi må ringe til."),
    "half a number": ({"phone": "2030"}, "Det ligner ikke et nummer"),
    "a number as language": ({"interpreter": "arabisk 20304050"}, "Skriv det uden tal. Vi skal ikke bruge tal her."),
    "too many months": ({"age_n": "30", "age_unit": "years"}, "Er det måneder? Så vælg måneder herunder."),
    "a story": ({"text": "å" * 1001}, str(forms.TOO_LONG)[:20]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_missing_is_said_and_nothing_is_lost_or_sent(case: str, ea: Visitor) -> None:
    wrong, sentence = REFUSED[case]
    page = ea.refer(**({"text": WORDS} | wrong))

    assert page.status == 422 and not page.keys
    assert sentence in page.words, page.words
    assert letters() == []
    assert page.typed("first_name").strip() == (wrong.get("first_name", "Mette") or "").strip()
    assert page.typed("phone") == wrong.get("phone", "20304050")
    assert page.typed("text") == wrong.get("text", WORDS)
    assert 'id="errors-heading"' in page.text


@pytest.mark.parametrize("said", ["Hun hedder Lis, cpr 010190-1234", "Jeg hedder Mette og er træt"])
def test_a_cpr_number_or_a_name_in_the_words_cannot_be_kept(said: str, ea: Visitor) -> None:
    token = ea.get(ea.at("door:refer")).hidden("token")

    for choice in (None, "keep"):
        page = ea.refer(token, text=said, slip=choice)
        assert page.status == 422 and 'value="keep"' not in page.text and page.typed("text") == said
    assert letters() == []

    hidden = ea.refer(token, text=said, slip="mask")
    assert hidden.status == 200
    (letter,) = letters()
    assert "[…]" in letter["text"] and "010190" not in letter["text"] and "Jeg hedder Mette" not in letter["text"]


def test_a_school_in_the_words_may_be_kept_when_one_wishes(ea: Visitor) -> None:
    token = ea.get(ea.at("door:refer")).hidden("token")
    said = "Helst når Nordvangskolen har fri."

    assert ea.refer(token, text=said).status == 422
    assert ea.refer(token, text=said, slip="keep").status == 200
    assert letters()[0]["text"] == said


def test_pressed_twice_it_is_one_letter_with_the_same_two_keys(ea: Visitor) -> None:
    token = ea.get(ea.at("door:refer")).hidden("token")

    first, again = ea.refer(token), ea.refer(token)

    assert first.keys == again.keys
    assert Letter.objects.using("door").count() == 1
    changed = ea.refer(token, phone="20304051")
    assert changed.keys == first.keys
    assert {each["once"] for each in letters()} == {letters()[0]["once"]}, "the keeper knows it is the same page"


def test_a_page_that_was_open_too_long_keeps_everything_the_yes_too(ea: Visitor, at: Any) -> None:
    token = ea.get(ea.at("door:refer")).hidden("token")
    at("2026-11-23T12:01")

    page = ea.refer(token)

    assert page.status == 409 and str(forms.EXPIRED) in page.words and kept(page) == ("Mette", "20304050")
    assert ticked(page)
    assert ea.refer(page.hidden("token")).status == 200


@pytest.mark.parametrize("token", ["x" * 90, "a first letter's"])
def test_a_page_we_did_not_make_asks_for_the_yes_again(token: str, ea: Visitor) -> None:
    token = ea.door("professional").hidden("token") if token.startswith("a first") else token

    page = ea.refer(token)

    assert page.status == 409 and str(forms.FORGED) in page.words and kept(page) == ("Mette", "20304050")
    assert not ticked(page) and letters() == []


@pytest.mark.parametrize("signs", [{}, {"Origin": "https://fremmed.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_planted_referral_is_refused_and_kept_on_the_page(signs: dict[str, str], ea: Visitor) -> None:
    path = ea.at("door:refer")
    token = ea.get(path).hidden("token")
    filled = {"agreed": "on", "share": "none", "first_name": "Mette", "phone": "20304050", "when": "any"}

    page = ea.post(path, {"token": token, **filled}, signs)

    assert page.status == 403 and not page.keys and kept(page) == ("Mette", "20304050")
    assert not ticked(page) and letters() == []
    assert page.hidden("token") != token


def ticked(page: Page) -> bool:
    """Tell whether the yes stands ticked."""
    box = page.text[page.text.index('name="agreed"') :]
    return "checked" in box[: box.index(">")]


@pytest.mark.parametrize("late", [False, True])
def test_nobody_says_yes_to_words_that_nobody_read(late: bool, ea: Visitor, at: Any) -> None:
    token = ea.get(ea.at("door:refer")).hidden("token")
    plan = deepcopy(catalogue_services.read(HOUSES / "ditrum.toml"))
    plan.rows["consents"][0]["text"][0] = {"da": "Du siger ja til noget nyt.", "en": "You say yes to something new."}
    catalogue_services.furnish_with(data=plan, by="keeper")
    if late:
        at("2026-11-23T12:30")

    page = ea.refer(token, text=WORDS)

    assert page.status == 409 and "Du siger ja til noget nyt." in page.words and str(partner.NEW_WORDS) in page.words
    assert not ticked(page) and kept(page) == ("Mette", "20304050") and page.typed("text") == WORDS
    assert 'id="errors-heading"' not in page.text, "nobody did anything wrong"
    assert letters() == []
    assert ea.refer(page.hidden("token"), text=WORDS).status == 200
    assert letters()[0]["consent"]["text"].startswith("Du siger ja til noget nyt.\n")


def test_the_deed_takes_no_number_without_a_yes_to_the_very_text(ea: Visitor) -> None:
    ea.refer()
    (letter,) = letters()

    for wrong in ({}, {"text": "", "digest": ""}, letter["consent"] | {"text": letter["consent"]["text"] + " Alt."}):
        with pytest.raises(services.NoConsent):
            services.receive_referral(letter=uuid4(), payload=letter | {"consent": wrong}, by="family")
    with pytest.raises(services.NoConsent):
        services.receive_referral(letter=uuid4(), payload={"kind": "referral"}, by="family")
    assert len(letters()) == 1
    services.receive_referral(letter=uuid4(), payload=letter, by="family")
    assert len(letters()) == 2


def test_when_letters_cannot_be_taken_everything_stays_on_the_page(ea: Visitor, monkeypatch: Any) -> None:
    def full(**what: Any) -> None:
        raise services.CannotTake

    monkeypatch.setattr(services, "receive_referral", full)

    page = ea.refer(text=WORDS)

    assert page.status == 503 and page.typed("text") == WORDS and ticked(page)


def test_a_house_without_the_words_has_no_such_page(ea: Visitor) -> None:
    plan = deepcopy(catalogue_services.read(HOUSES / "ditrum.toml"))
    plan.rows["consents"] = []
    catalogue_services.furnish_with(data=plan, by="keeper")

    assert ea.get(ea.at("door:refer")).status == 404
    assert ea.at("door:refer") not in ea.door("professional").text


def test_the_slip_says_what_was_sent_who_rings_and_how_to_take_it_back(ea: Visitor) -> None:
    page = ea.refer(share="none", text=WORDS)
    slip = page.text[page.text.index('<section class="slip-print') : page.text.index("</section>")]
    words = Page(200, (), slip.encode()).words

    for part in (
        "Dit fornavn, Mette, og dit nummer, 20 30 40 50.",
        WORDS,
        "Dit Rum ringer til dig senest tirsdag den 24. november 2026 kl. 14.00.",
        "Eller ring 24 23 03 00.",
        "Første gang du bruger den, får du en ny",
    ):
        assert part in words, words
    assert page.keys[0] in slip and page.keys[1] not in slip


def test_what_is_copied_for_the_record_names_nobody_and_the_message_carries_no_key(ea: Visitor) -> None:
    page = ea.refer(first_name="Mette")
    copied = [each.split('"')[0] for each in page.text.split('data-copy="')[1:]]
    message, own, record = copied

    assert own == page.keys[1]
    assert record.startswith("Henvist til Dit Rum mandag den 23. november 2026 med forælderens samtykke.")
    assert "Mette" not in record and "20 30" not in record
    assert message.startswith("De ringer til dig senest") and not any(key in message for key in page.keys)
    assert "24 23 03 00" in message
    assert "Dit Rum" not in message, "it lies on a telephone that others look at"


def test_a_house_without_a_telephone_sends_nobody_to_one(hire: Any, at: Any, db: Any) -> None:
    at("2026-11-23T10:00")
    catalogue_services.furnish(path=HOUSES / "familiesupporten.toml", by="keeper")
    ea = Visitor()

    page = ea.refer()

    assert "Familiesupporten ringer til dig senest" in page.words and "Eller ring" not in page.words
    assert "eller sig det, når de ringer." in page.words


def test_a_silent_house_says_so_before_anybody_writes(ea: Visitor) -> None:
    from brobygger.door.models import Pulse

    Pulse.objects.using("door").create(id=queries.rules.PULSE, opened_at=clock.now() - timedelta(minutes=9))

    page = ea.get(ea.at("door:refer"))

    assert "Der er noget galt hos os" in page.words and "24 23 03 00" in page.words


def test_a_text_message_is_offered_only_where_one_can_be_sent(ea: Visitor, settings: Any) -> None:
    settings.CHANNELS_OFFERED = []
    assert 'name="text_message"' not in ea.get(ea.at("door:refer")).text
    settings.CHANNELS_OFFERED = ["sms"]
    page = ea.get(ea.at("door:refer"))
    assert 'name="text_message"' in page.text and "checked" not in page.text.split('name="text_message"')[1][:80]
    ea.refer(page.hidden("token"), text_message="on")
    assert letters()[0]["referral"]["text_message"] is True


def test_a_token_of_another_page_is_none_of_this_one(at: Any) -> None:
    at("2026-11-23T10:00")
    held = ticket.new_referral("2026-11-24T13:00:00+00:00", "d")

    assert ticket.read_referral(held.sealed()) == held
    assert held.key != held.own
    with pytest.raises(seal.TokenForged):
        ticket.read_form(held.sealed())
    with pytest.raises(seal.TokenForged):
        ticket.read_referral(ticket.new_form("2026-11-24T13:00:00+00:00").sealed())
