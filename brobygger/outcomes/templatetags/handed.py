"""What a tablet that was handed over may open: the questions of one round, for two hours, and nothing else.

Whoever works here is signed out before it is handed over, so there is no session to go back into. What stands in the
address is sealed here, for this one purpose: changed by a letter, it opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from brobygger.door.templatetags.questions import Walk, through
from brobygger.ground import clock
from brobygger.outcomes import queries
from brobygger.outcomes.instruments import Instrument
from brobygger.outcomes.models import Round, open_on
from brobygger.privacy import seal

PURPOSE = "a tablet that was handed over"
#: From the moment it was handed over; longer than any meeting.
LIVES = timedelta(hours=2)


@dataclass(frozen=True)
class Handed:
    """Which round is answered, and the number that makes two presses one."""

    round: UUID
    once: UUID

    def sealed(self) -> str:
        """Seal it into an address."""
        return seal.seal_token({"round": str(self.round), "once": str(self.once)}, PURPOSE)


def hand(row: Round) -> Handed:
    """Make a ticket for one round."""
    return Handed(row.pk, uuid4())


def read(text: str) -> Handed | None:
    """Read a ticket; None when it was not made here for this, or too long ago."""
    try:
        held = seal.open_token(text, PURPOSE, LIVES)
    except (seal.TokenForged, seal.TokenExpired):
        return None
    return Handed(UUID(held["round"]), UUID(held["once"]))


def waits(ident: UUID) -> Round | None:
    """Fetch a round that can be answered on a tablet today; None when it is answered, over, or not to be shown so."""
    rows = Round.objects.filter(open_on(clock.today()), pk=ident)
    row = rows.select_related("member__course__thread", "by").first()
    return row if row is not None and queries.unanswered(row, "tablet") else None


def answered(ident: UUID) -> bool:
    """Tell whether a round was answered, or left out."""
    return Round.objects.filter(pk=ident, state__in=(Round.State.DONE, Round.State.SKIPPED)).exists()


def walk(row: Round, data: Mapping[str, Any] | None) -> Walk | None:
    """Go one step further through the questions of a round that nobody has answered yet."""
    return through([published(each) for each in queries.unanswered(row, "tablet")], "", data)


def published(each: Instrument) -> dict[str, Any]:
    """Put an instrument into the words a page asks it with, in every language there is."""
    items = [
        {
            "id": item.ident,
            "text": dict(item.text),
            "values": list(item.values),
            "choices": {str(value): dict(words) for value, words in item.choices},
            "scale": item.scale,
        }
        for item in each.items
    ]
    return {
        "instrument": each.key,
        "version": each.version,
        "words": {
            "title": dict(each.title),
            "intro": dict(each.intro),
            "items": items,
            "attribution": each.attribution,
            "languages": list(each.languages()),
        },
    }
