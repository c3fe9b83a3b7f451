"""Rules of a conversation over plain values."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

#: How long an answer waits in its box: 90 days, made fuzzy by a week so that the date tells nothing of the hour.
ANSWER_LIVES = timedelta(days=90)
FUZZ_DAYS = 7
#: A last word stays readable for a month after the thread has ended.
FAREWELL_LIVES = timedelta(days=30)
#: What is left of a thread whose family gave a name waits two days on average, so that no line of the trail about the
#: one stands near a line about the other in time: at each round (one an hour) it goes with a chance of one in so many.
SHELL_ROUNDS = 48
#: The keeper remembers opened letters for two days, longer than any form token lives.
REMEMBERED = timedelta(days=2)
#: A letter may wait for a stopped keeper this long and still be believed about its hour.
BELIEVED = timedelta(days=60)


@dataclass(frozen=True)
class Said:
    """One message, opened: what it is, whose it is, when, and what it says."""

    number: int
    kind: str
    from_house: bool
    at: datetime
    body: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The words of it, empty when it is a request without words."""
        return str(self.body.get("text") or "")


def expires_on(today: date) -> date:
    """Choose the day an answer dies: 90 days from today, give or take a week (door.md section 6.3)."""
    return today + ANSWER_LIVES + timedelta(days=secrets.randbelow(2 * FUZZ_DAYS + 1) - FUZZ_DAYS)


#: Kinds of letter that may be asked for with a box's `post` token, and whether a later room must act on them.
REQUESTS = {
    "text": True,
    "choose": True,
    "move": True,
    "cancel": True,
    "address": True,
    "reach": False,
    "unreach": False,
    "withdraw": True,
    "name": True,
    "rights": True,
    "seat": True,
    "sheet": True,
}
#: Letters that come by a link and belong to no conversation: who takes each in, registered by the room when it starts.
TAKING: dict[str, Callable[[dict[str, Any], UUID], None]] = {}
#: How many questionnaires one letter answers, and how many questions each has.
MOST_FORMS, MOST_ITEMS = 6, 60
#: Who somebody may be in a family, as a letter says it, and what may be asked about what we have written.
ROLES = ("child", "mother", "father", "bonus", "grandparent", "foster", "other")
RIGHTS = ("access", "correction", "erasure")
#: What may be said of a seat in a group: the last two of one meeting.
SEAT = ("take", "decline", "leave", "away", "come")
#: The one who writes, and four children.
MOST_PEOPLE = 5
#: Doors behind which somebody may say who they are; a professional has said it with their work.
NAMED_AT = ("child", "young", "parent")
#: Kinds that begin a new thread when the one before has ended; the others then come too late.
BEGINNINGS = ("text", "reach")


def naive(text: str) -> bool:
    """Tell whether a moment is written without its time zone. Raises `ValueError`."""
    return datetime.fromisoformat(text).tzinfo is None


def moment(text: object, now: datetime) -> datetime:
    """Read when something was written; a door whose clock is far off is not believed. Raises `ValueError`."""
    said = datetime.fromisoformat(str(text))
    if said.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return said if abs(said - now) <= BELIEVED else now
