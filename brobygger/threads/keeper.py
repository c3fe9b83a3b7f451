"""The keeper: reads sealed letters into plain values. No table is touched here."""

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from brobygger.ground import clock
from brobygger.privacy import keyring, seal

from . import rules


@dataclass(frozen=True)
class Opened:
    """A letter opened: its own number, and what was inside."""

    letter: UUID
    payload: dict[str, Any]

    @property
    def kind(self) -> str:
        """`first`, `burn`, `rekey` or one of `rules.REQUESTS`."""
        return str(self.payload.get("kind", ""))


@dataclass(frozen=True)
class Noise:
    """A letter that can never be opened: not sealed by our door."""

    letter: UUID


def open_all(waiting: list[tuple[UUID, bytes]]) -> tuple[list[Opened], list[Noise]]:
    """Open what can be opened. A letter whose week's key is missing is left where it is, for a person to look at."""
    opened: list[Opened] = []
    noise: list[Noise] = []
    for letter, sealed in waiting:
        try:
            payload, _week = keyring.open_letter(sealed)
        except keyring.NoSuchKey:
            continue
        except keyring.Unreadable:
            noise.append(Noise(letter))
            continue
        opened.append(Opened(letter, payload))
    return opened, noise


def lock(payload: dict[str, Any]) -> dict[str, Any]:
    """Read a box's lock out of a letter. Raises `seal.Unreadable` when it is not whole."""
    return asdict(seal.NewBox.from_payload(payload.get("box")))


def fits(token: str, stored: bytes) -> bool:
    """Tell whether a letter's token is the one a box was made with."""
    return seal.same(seal.token_hash(bytes.fromhex(token)), stored)


# ---- What is written down of a letter, as plain values ----

_WISHES = ("wish", "where", "when", "theme", "age_band")


def wishes(letter: Opened) -> dict[str, Any]:
    """Read what somebody asks for with a letter."""
    return {name: letter.payload.get(name) for name in _WISHES}


def facts(letter: Opened) -> dict[str, Any]:
    """Read what a first letter says besides its words; sealed with the thread."""
    said = {name: letter.payload.get(name) for name in ("door", "language", "answer_by", "written_at", "profession")}
    return said | wishes(letter)


def words(letter: Opened) -> dict[str, Any]:
    """Read the words of a first letter, and when they were written."""
    return {"at": letter.payload["written_at"], "text": letter.payload.get("text") or ""}


def asked(letter: Opened) -> dict[str, Any]:
    """Read what a later letter says or asks for."""
    names = ("text", "proposal", "appointment", "address", "consent", "receipt", "named", "rights", "seat", "sheet")
    body = {name: letter.payload.get(name) for name in names}
    return body | {"at": letter.payload["written_at"], "letter": str(letter.letter)}


def referred(letter: Opened, back: UUID | None) -> dict[str, Any]:
    """Read what was said about a family that is sent on; `back` is the referrer's own thread."""
    said = {name: letter.payload[name] for name in ("referral", "consent", "reach")}
    return words(letter) | said | {"referrer": back and str(back)}


def opened(letter: Opened) -> dict[str, Any]:
    """Say that a letter has arrived, and until when it is answered."""
    until = {"due": letter.payload["answer_by"], "door": letter.payload["door"]}
    return {"at": clock.now().isoformat(), "kind": "news", "news": "opened", **until}


def said(by: Any, text: str) -> dict[str, Any]:
    """Say something in the name of somebody who works here."""
    return {"at": clock.now().isoformat(), "text": text, "from": by.first_name}


#: What a letter may carry besides its moments: plain words or nothing.
_WORDS = (
    "text",
    "door",
    "language",
    "wish",
    "where",
    "when",
    "theme",
    "age_band",
    "proposal",
    "address",
    "number",
    "profession",
)
#: How much of a family's affairs its referrer may be told: nothing, whether we met, or every step.
SHARES = ("none", "contact", "ladder")
#: A consent is a text somebody read through; it is told to the family's box, where it must have room.
LONGEST_CONSENT = 8000


def sound(payload: dict[str, Any]) -> None:
    """Check that a letter is whole, and set its moment right. Raises `seal.Unreadable`, `ValueError` or `KeyError`.

    What only our own door writes could be written by somebody who took the door over: a letter that a later room
    stumbles over would make it stumble at every round.
    """
    if payload.get("kind") in ("burn", "rekey", "drill"):
        return
    now = clock.now()
    payload["written_at"] = rules.moment(payload["written_at"], now).isoformat()
    payload["answer_by"] = rules.moment(payload["answer_by"], now).isoformat()
    if payload["kind"] in _SOUND:
        _SOUND[payload["kind"]](payload)
    plain = all(payload.get(name) is None or isinstance(payload[name], str) for name in _WORDS)
    receipt, reach = payload.get("receipt"), payload.get("reach")
    whole = receipt is None or len(bytes.fromhex(receipt)) == 32
    if not plain or not whole or not (reach is None or isinstance(reach, dict)) or not payload.get("door"):
        raise seal.Unreadable("The letter is not written as our door writes.")


def _sound_referral(payload: dict[str, Any]) -> None:
    """Check that a referral is whole, and that its consent is to the text it carries. Raises as `sound`."""
    said, consent = payload["referral"], payload["consent"]
    names = ("first_name", "interpreter", "place", "profession")
    plain = all(isinstance(said[name], str) and len(said[name]) <= 200 for name in names)
    age = said["age"] is None or (said["age"]["unit"] in ("months", "years") and _whole(said["age"]["n"], 0, 300))
    agreed = _agreed(consent)
    reached = isinstance(payload["reach"]["phone"], str)
    if not (plain and age and agreed and reached and said["share"] in SHARES and _whole(consent["days"], 1, 730)):
        raise seal.Unreadable("The referral is not written as our door writes.")
    payload["profession"] = said["profession"]


def _agreed(consent: dict[str, Any]) -> bool:
    """Tell whether a consent is to the very text it carries."""
    text = consent["text"]
    fits_in = isinstance(text, str) and 0 < len(text.strip()) <= LONGEST_CONSENT and "\0" not in text
    return fits_in and hashlib.sha256(text.encode()).hexdigest() == consent["digest"]


#: What is said of one person; every part of it may be empty but the name of the first.
PERSON = {"role", "name", "called", "birth", "phone"}
LONGEST_NAME, LONGEST_WORDS = 120, 10_000
_BIRTH, _PHONE = re.compile(r"(?:\d{4}-(?:0[1-9]|1[0-2]))?"), re.compile(r"(?:\+?\d{6,15})?")


def _sound_name(payload: dict[str, Any]) -> None:
    """Check that somebody says who they are as our door lets them, and to which words they said yes."""
    people, carry = payload["named"]["people"], payload["named"]["carry"]
    some = isinstance(people, list) and 1 <= len(people) <= rules.MOST_PEOPLE
    whole = some and all(map(_person, people)) and bool(people[0]["name"].strip()) and isinstance(carry, bool)
    if not whole or not _agreed(payload["consent"]) or payload["door"] not in rules.NAMED_AT:
        raise seal.Unreadable("The name is not written as our door writes.")


def _person(said: dict[str, Any]) -> bool:
    if set(said) != PERSON or not all(isinstance(each, str) and "\0" not in each for each in said.values()):
        return False
    short = len(said["name"]) <= LONGEST_NAME and len(said["called"]) <= LONGEST_NAME
    digits = _BIRTH.fullmatch(said["birth"]) and _PHONE.fullmatch(said["phone"])
    return short and bool(digits) and said["role"] in rules.ROLES


def _sound_rights(payload: dict[str, Any]) -> None:
    """Check that what somebody asks about their record is one of what can be asked."""
    said = payload["rights"]
    words = said["words"]
    short = isinstance(words, str) and len(words) <= LONGEST_WORDS and "\0" not in words
    if set(said) != {"what", "words"} or said["what"] not in rules.RIGHTS or not short:
        raise seal.Unreadable("The request is not written as our door writes.")


def _sound_seat(payload: dict[str, Any]) -> None:
    """Check that what somebody says of a seat names one, and a meeting where it is about one."""
    said = payload["seat"]
    plain = set(said) == {"seat", "what", "meeting", "on"} and all(isinstance(each, str) for each in said.values())
    if not plain or said["what"] not in rules.SEAT:
        raise seal.Unreadable("The word of a seat is not written as our door writes.")
    of_one = said["what"] in rules.SEAT[-2:]
    if {bool(said["meeting"]), bool(said["on"])} != {of_one} or (of_one and rules.naive(said["on"])):
        raise seal.Unreadable("The word of a seat names no meeting where it should, or one where it should not.")
    named = [name for name in ("seat", "meeting") if name == "seat" or said[name]]
    payload["seat"] = said | {name: str(UUID(said[name])) for name in named}


def _sound_sheet(payload: dict[str, Any]) -> None:
    """Check that what somebody answers is numbers by question by form, or left out; for a round, or with a link."""
    said = payload["sheet"]
    forms, way = said["answers"], "token" if payload["kind"] == "sheet_by_link" else "round"
    whole = set(said) == {way, "answers", "language"} and all(isinstance(said[each], str) for each in (way, "language"))
    few = isinstance(forms, dict) and 1 <= len(forms) <= rules.MOST_FORMS and len(said["language"]) <= 5
    if not whole or not few or not all(_form(name, each) for name, each in forms.items()):
        raise seal.Unreadable("The answer is not written as our door writes.")
    if way == "round":
        said["round"] = str(UUID(said["round"]))


def _form(name: object, said: object) -> bool:
    """Tell whether one form's answers are whole numbers, or said to be left out."""
    if not isinstance(name, str) or len(name) > 40 or not isinstance(said, dict) or len(said) > rules.MOST_ITEMS:
        return False
    return all(_whole(each, -1000, 1000) or each in ("skipped", "empty") for each in said.values())


_SOUND = {"referral": _sound_referral, "name": _sound_name, "rights": _sound_rights, "seat": _sound_seat}
_SOUND |= dict.fromkeys(("sheet", "sheet_by_link"), _sound_sheet)


def _whole(number: object, least: int, most: int) -> bool:
    """Tell whether something is a whole number within bounds, and no truth and no infinity."""
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most
