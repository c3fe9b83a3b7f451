"""Bad input at the door: a clear sentence in both languages, nothing lost of what was typed, nothing half written."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.apps import apps
from django.utils.translation import gettext, override

from brobygger.door import family, forms, ticket
from tests.letters import HERE, Page, Visitor, keeper

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["da", "en"])
TEXT = 'Min mand må ikke se det.\nHan siger: "<b>ti stille</b>" & går.'


def rows() -> dict[str, int]:
    """Count every row of every table."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def says(page: Page, sentence: Any, language: str) -> bool:
    """Tell whether a page says a sentence of ours."""
    with override(language):
        return " ".join(str(gettext(sentence) if isinstance(sentence, str) else sentence).split()) in page.words


@pytest.fixture(autouse=True)
def _morning(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at("2026-11-23T08:10")
    monkeypatch.setattr(family, "PATIENCE", 0.0)


def _token(ea: Visitor) -> str:
    return ea.door().hidden("token")


def _post(ea: Visitor, data: Any, headers: dict[str, str] | None = None) -> Page:
    return ea.post(ea.at("door:write", door="parent"), data, headers)


def _expired(ea: Visitor, at: Any) -> Page:
    token = _token(ea)
    at("2026-11-23T10:11")
    return ea.send(token, TEXT)


def _a_ticket() -> str:
    return ticket.Ticket(box="b", number="X49B", post="00", door="parent").sealed()


def _bytes(ea: Visitor, text: bytes) -> Page:
    return _post(ea, f"token={_token(ea)}&wish=write&text=".encode() + quote_plus(text).encode())


def _coded(ea: Visitor, kind: str) -> Page:
    return _post(ea, b"text=hej", {"Content-Type": kind, **HERE})


FOREIGN = "The page was sent from somewhere else. Nothing has been sent yet; look at your text and press again."
OLD = "The page had been open for a long time. Your text is still here; press once more to send it."
FORGED = "The page could not be used any more. Your text is still here; press once more to send it."
EMPTY = "Write a few words first. One line is enough."
LONG = "å" * 10_001
LATIN = "application/x-www-form-urlencoded; charset=latin-1"
#: What is done, which status and sentence come back, and what stands in the text field afterwards.
FIRST: dict[str, tuple[Callable[[Visitor, Any], Page], int, Any, str]] = {
    "expired": (_expired, 409, OLD, TEXT),
    "forged token": (lambda ea, at: ea.send("x" * 90, TEXT), 409, FORGED, TEXT),
    "no token": (lambda ea, at: ea.send("", TEXT), 409, FORGED, TEXT),
    "a ticket as token": (lambda ea, at: ea.send(_a_ticket(), TEXT), 409, FORGED, TEXT),
    "planted": (lambda ea, at: _post(ea, {"token": _token(ea), "text": TEXT}, {}), 403, FOREIGN, TEXT),
    "empty": (lambda ea, at: ea.send(_token(ea), "  "), 422, EMPTY, "  "),
    "too long": (lambda ea, at: ea.send(_token(ea), LONG), 422, forms.TOO_LONG, LONG),
    "wrong encoding": (lambda ea, at: _bytes(ea, b"Far \xe6\xf8"), 422, forms.UNREADABLE, "Far \ufffd\ufffd"),
    "too long to be read at all": (lambda ea, at: _bytes(ea, b"x" * 200_000), 413, forms.TOO_LONG, ""),
    "in another coding": (lambda ea, at: _coded(ea, LATIN), 400, forms.UNREADABLE, ""),
    "a broken parcel": (lambda ea, at: _coded(ea, "multipart/form-data"), 400, forms.UNREADABLE, ""),
    "a thousand fields": (lambda ea, at: _post(ea, b"&".join([b"a=1"] * 1000)), 400, forms.UNREADABLE, ""),
}


@LANGUAGES
@pytest.mark.parametrize("case", FIRST)
def test_a_first_letter_that_is_wrong_gets_a_sentence_and_nothing_is_lost(case: str, language: str, at: Any) -> None:
    ea, (do, status, sentence, kept) = Visitor("", language), FIRST[case]
    before = rows()

    page = do(ea, at)

    assert page.status == status
    assert says(page, sentence, language), page.words[:800]
    assert 'role="alert"' in page.text
    assert page.typed("text") == kept
    assert rows() == before
    assert "data-key" not in page.text


@LANGUAGES
@pytest.mark.parametrize("case", ["expired", "forged token", "no token", "planted"])
def test_pressed_once_more_it_goes(case: str, language: str, at: Any) -> None:
    ea = Visitor("", language)
    page = FIRST[case][0](ea, at)

    sent = ea.send(page.hidden("token"), page.typed("text"))
    keeper()

    assert sent.status == 200
    assert ea.come_back(sent.key).status == 200


@LANGUAGES
def test_what_is_missing_is_named_and_the_rest_is_kept(language: str) -> None:
    ea, before = Visitor("", language), rows()
    more = {"phone": "12", "sender": "Tandlægen", "alias": "M.", "message": "on"}

    page = ea.send(_token(ea), TEXT, wish="call", **more)

    assert page.status == 422
    assert says(page, "This does not look like a number we can ring. Look at the digits again.", language)
    assert says(page, "Choose when it is safe to ring.", language)
    assert (page.typed("text"), page.typed("phone")) == (TEXT, "12")
    assert (page.typed("sender"), page.typed("alias")) == ("Tandlægen", "M.")
    assert "checked" in page.text.split('name="message"')[1][:80]
    assert rows() == before


@LANGUAGES
@pytest.mark.parametrize("choice", ["", "keep", "mask", "nonsense"])
def test_a_cpr_number_never_comes_in(choice: str, language: str) -> None:
    ea, before = Visitor("", language), rows()
    token = _token(ea)
    text = "Min søn 010203-4567 er bange."

    page = ea.send(token, text, slip=choice)

    if choice == "mask":
        keeper()
        assert page.status == 200
        assert _letters() == ["Min søn […] er bange."]
    else:
        assert page.status == 422
        assert says(
            page, "Nothing has been sent. We never take a CPR number. Hide it, or change your text below.", language
        )
        assert 'value="keep"' not in page.text
        assert page.typed("text") == text
        assert rows() == before
        assert ea.send(page.hidden("token"), "Min søn er bange.").status == 200


@pytest.mark.parametrize(("choice", "status"), [("", 422), ("keep", 200), ("mask", 200)])
def test_other_slips_are_for_the_writer_to_decide(choice: str, status: int) -> None:
    ea = Visitor()
    text = "Skriv til mette@example.com"

    page = ea.send(_token(ea), text, slip=choice)
    keeper()

    assert page.status == status
    assert ('value="keep"' in page.text) is (status == 422)
    assert _letters() == {"": [], "keep": [text], "mask": ["Skriv til […]"]}[choice]


def _letters() -> list[str]:
    from brobygger.threads.models import Thread
    from brobygger.threads.services import look

    return [said.text for one in Thread.objects.all() for said in look(thread=one, by="keeper") if not said.from_house]


@LANGUAGES
def test_a_door_or_a_wish_that_does_not_exist(language: str) -> None:
    ea = Visitor("", language)

    assert ea.get(ea.at("door:write", door="parent") + "?wish=nonsense").status == 200
    assert ea.get(ea.at("door:write", door="parent") + "nonsense/").status == 404
    assert ea.post(ea.at("door:calendar"), {"calendar": "nonsense"}).status == 404
    assert ea.get(ea.at("door:calendar")).status == 404
    assert ea.get(ea.at("door:act", action="text")).status == 302


@pytest.mark.parametrize("broken", ["no key", "no room"])
@LANGUAGES
def test_a_door_that_cannot_take_letters_keeps_the_words(
    broken: str, language: str, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DatabaseError

    from brobygger.door.models import Letter

    ea = Visitor("", language)
    token = _token(ea)
    if broken == "no key":
        settings.DOOR_KEYS_FILE = tmp_path / "gone.json"
    else:
        monkeypatch.setattr(Letter, "save", lambda *args, **more: (_ for _ in ()).throw(DatabaseError("disk is full")))

    page = ea.send(token, TEXT)

    assert page.status == 503
    assert page.typed("text") == TEXT
    sentence = "We cannot take letters at this moment. Your text is still here; ring us, or try again a little later."
    assert says(page, sentence, language)


# ---- Behind the key ----


@pytest.fixture
def ea(_morning: None, language: str) -> Visitor:
    """Somebody who has written, in the language of the test."""
    return Visitor("", language)


@pytest.fixture
def key(ea: Visitor) -> str:
    """The key Ea holds; her letter is opened."""
    written = ea.write().key
    keeper()
    return written


ELSEWHERE = "The page was sent from somewhere else. Nothing has been sent yet. Type your key and press again."
LONG_OPEN = "The page had been open for a long time. What you wrote is still here. Type your key to send it."
LATER: dict[str, tuple[str, dict[str, Any], Any]] = {
    "empty": ("text", {"text": ""}, EMPTY),
    "too long": ("text", {"text": LONG}, forms.TOO_LONG),
    "wrong encoding": ("text", {"text": "Far \ufffd\ufffd"}, forms.UNREADABLE),
    "a CPR number": ("text", {"text": "Min søn 010203-4567"}, "We never take a CPR number."),
    "no telephone": ("reach", {"phone": "12", "channel": "call", "when": "any"}, "This does not look like a number"),
    "no hour": ("reach", {"phone": "20304050", "channel": "call"}, "This field is required."),
    "no address": ("address", {"address": ""}, "Write where we shall come."),
    "an address too long": ("address", {"address": "x" * 301}, forms.TOO_LONG),
}


@LANGUAGES
@pytest.mark.parametrize("case", LATER)
def test_what_is_wrong_behind_the_key_comes_back_with_every_word(
    case: str, language: str, ea: Visitor, key: str
) -> None:
    action, typed, _sentence = LATER[case]
    opened = ea.come_back(key)
    before = rows()

    page = ea.act(opened, action, **typed)

    assert page.status == 422
    prefix = {"text": "more-", "reach": "reach-", "address": "address-"}[action]
    for name in {"text", "phone", "address"} & set(typed):
        assert page.typed(prefix + name) == typed[name]
    assert 'role="alert"' in page.text or "errors-heading" in page.text
    assert rows() == before
    assert page.hidden("ticket")


@LANGUAGES
@pytest.mark.parametrize("how", ["expired", "forged", "none", "planted", "restarted"])
def test_a_page_that_cannot_be_used_any_more_asks_for_the_key_and_loses_nothing(
    how: str, language: str, ea: Visitor, key: str, at: Any, settings: Any
) -> None:
    held = ea.come_back(key).hidden("ticket")
    path = ea.at("door:act", action="text")
    before = rows()
    if how == "expired":
        at("2026-11-23T08:31")
    if how == "restarted":
        settings.FORM_SECRET = b"another" * 4 + b"four"
    held = {"forged": "x" * 90, "none": ""}.get(how, held)

    page = ea.post(path, {"ticket": held, "more-text": TEXT}, {} if how == "planted" else None)

    assert page.status == (403 if how == "planted" else 409)
    assert says(page, ELSEWHERE if how == "planted" else LONG_OPEN, language)
    assert page.typed("more-text") == TEXT
    assert rows() == before
    again = {"ticket": page.hidden("ticket"), "more-text": page.typed("more-text")}
    assert ea.post(path, again).status == 409, "without the key nothing goes"
    wrong = ea.post(path, {**again, "key": "X49B"})
    assert wrong.status == 422 and wrong.typed("more-text") == TEXT
    for _press in range(2):
        assert ea.post(path, {**again, "key": key}).status == 200
        keeper()
    assert _letters() == ["Kære hus", TEXT], "pressed twice with the key typed in, it is one letter"


@LANGUAGES
@pytest.mark.parametrize("proposal", ["", "nonsense", "00000000-0000-4000-8000-000000000000", "x" * 500])
def test_a_time_nobody_offered_is_not_booked(proposal: str, language: str, ea: Visitor, key: str) -> None:
    from brobygger.appointments.models import Appointment

    page = ea.act(ea.come_back(key), "choose", proposal=proposal)
    keeper()

    assert page.status == 200
    assert not Appointment.objects.exists()
    assert says(ea.come_back(key), "That time is not offered any more. Nothing has been changed.", language)


@LANGUAGES
@pytest.mark.parametrize("name", ["back", "burn", "rekey"])
@pytest.mark.parametrize("typed", ["", "X49B", "X49B-2QPH-13R1-M02U", "9ZZZ-2QPH-13R1-M027", "æøå" * 20, "x" * 500])
def test_a_key_that_is_none_is_a_sentence(typed: str, name: str, language: str) -> None:
    ea, before = Visitor("", language), rows()

    page = ea.post(ea.at(f"door:{name}"), {"key": typed})

    assert page.status == 422
    assert 'role="alert"' in page.text or "errors-heading" in page.text
    assert rows() == before


@LANGUAGES
@pytest.mark.parametrize("name", ["back", "act", "burn", "rekey"])
def test_a_body_that_cannot_be_read_behind_the_key_is_a_sentence(name: str, language: str, ea: Visitor) -> None:
    path = ea.at("door:act", action="text") if name == "act" else ea.at(f"door:{name}")

    page = ea.post(path, b"key=" + b"x" * 200_000)

    assert page.status == 413
    assert says(page, forms.TOO_LONG, language)
