"""Reading at the door: with the key one already holds, or as the keeper who opens."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.privacy import seal

from . import rules
from .models import Answer, Box, Letter, Pulse, Questions
from .services import KEEPER


@dataclass(frozen=True)
class Opened:
    """A box opened by its key: what the house has said, newest first, and the tokens that write to it."""

    box: UUID
    number: str
    private: bytes
    post: bytes
    burn: bytes
    answers: tuple[dict[str, object], ...]
    #: The key has been in other hands: on a slip, or read aloud.
    lent: bool


def open_box(key: seal.ReturnKey) -> Opened:
    """Open the box a return key fits, trying every box with its number.

    Raises `seal.WrongKey` for a wrong key and for an unknown number alike, after the same time; `seal.Busy` when too
    many are opening at once.
    """
    boxes = list(Box.objects.using(settings.STREET).filter(number=key.number))
    if not boxes:
        seal.pretend(settings.KDF_VERSION)
    for box in boxes:
        secrets = seal.derive(key.secret, bytes(box.salt), box.kdf_version)
        try:
            private = seal.open_box(secrets, bytes(box.wrapped_private))
        except seal.WrongKey:
            continue
        answers = tuple(_answers(box, private))
        return Opened(box.pk, box.number, private, secrets.post, secrets.burn, answers, box.lent)
    raise seal.WrongKey


def _answers(box: Box, private: bytes) -> list[dict[str, object]]:
    """Open the answers in a box, newest first; one that the house did not sign is left out."""
    verify = seal.door_keys().verify
    found = []
    # Not box.answers: that would ask the keeper's database first, which the public half alone has not.
    for answer in Answer.objects.using(settings.STREET).filter(box_id=box.pk, receipt=False):
        try:
            found.append(
                seal.open_answer(bytes(answer.sealed), private, verify, seal.answer_context(box.pk, answer.pk))
            )
        except seal.Forged:
            continue
    return sorted(found, key=lambda each: str(each["at"]), reverse=True)


def receipt(letter: UUID, key: bytes) -> dict[str, object] | None:
    """Read what came of a letter, with the key made for this one request; None while nobody has answered."""
    sealed = Answer.objects.using(settings.STREET).filter(pk=letter, receipt=True).values_list("sealed", flat=True)
    for each in sealed:
        return seal.open_receipt(bytes(each), key)
    return None


def receipt_within(seconds: float, letter: UUID, key: bytes) -> dict[str, Any] | None:
    """Wait for the keeper's receipt; None when it takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = receipt(letter, key)
        except seal.WrongKey:
            # Pressed twice: the first press has the answer, and its key.
            return None
        if found is not None:
            return found
        time.sleep(0.15)
    return None


def what_changes(door: str) -> catalogue.Worded | None:
    """Find what the house says changes when somebody says who they are; None where nobody does."""
    return catalogue.wording("name" if door == "parent" else "name-child") if door in rules.NAMED_AT else None


def letters_are_opened() -> bool:
    """Tell whether drill letters are being opened. A house where none was ever sent has nothing to say against it."""
    opened = Pulse.objects.using(settings.STREET).filter(pk=rules.PULSE).values_list("opened_at", flat=True).first()
    return opened is None or clock.now() - opened < rules.PULSE_LIVES


def questions(codes: Iterable[str]) -> list[Questions]:
    """Fetch the questions some codes name, in their order; what is not asked any more is left out."""
    listed = [code for code in codes if code][: rules.MOST_FORMS]
    found = {row.code: row for row in Questions.objects.using(settings.STREET).filter(code__in=listed)}
    return [found[code] for code in dict.fromkeys(listed) if code in found]


def box_stands(box: UUID) -> bool:
    """Tell whether a box is still there."""
    return Box.objects.using(settings.STREET).filter(pk=box).exists()


def has_lock(box: UUID, post_hash: bytes) -> bool:
    """Tell whether a box already has the lock one asked for."""
    found = Box.objects.using(settings.STREET).filter(pk=box).values_list("post_hash", flat=True).first()
    return found is not None and bytes(found) == post_hash


@dataclass(frozen=True)
class Hashes:
    """What the keeper compares a letter's tokens with, and the lock it seals answers to."""

    post: bytes
    burn: bytes
    public: bytes


def hashes(box: UUID) -> Hashes | None:
    """Find a box's lock and token hashes, for the keeper; None when it is gone."""
    found = Box.objects.using(KEEPER).filter(pk=box).first()
    return None if found is None else Hashes(bytes(found.post_hash), bytes(found.burn_hash), bytes(found.public))


def waiting(limit: int, weeks: set[str] | None = None) -> list[tuple[UUID, bytes]]:
    """Fetch letters nobody has opened, for the keeper; only those of some weeks, when it holds no other keys."""
    rows = Letter.objects.using(KEEPER).values_list("pk", "sealed")
    rows = rows if weeks is None else rows.filter(week__in=weeks)
    return [(pk, bytes(sealed)) for pk, sealed in rows[:limit]]


def waiting_weeks() -> set[str]:
    """Name the weeks whose letters wait to be opened."""
    return set(Letter.objects.using(KEEPER).order_by().values_list("week", flat=True).distinct())


def ending_soon(until: date, limit: int = 1000) -> int:
    """Count the boxes that have lain still so long that they are deleted by a day, no further than a limit."""
    return Box.objects.using(KEEPER).filter(expires_on__lte=until)[:limit].count()
