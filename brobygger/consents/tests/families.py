"""A family that somebody sends on, for this room's tests: the letter as the door writes it, and what both keys open."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from brobygger.catalogue import queries as catalogue
from brobygger.consents.models import Referral
from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import seal
from brobygger.threads.models import Thread
from tests.letters import keeper

TEXT = "Ja, jeg vil gerne ringes op."


@dataclass
class Sent:
    """A referral that was sent, with both keys."""

    family: seal.ReturnKey
    referrer: seal.ReturnKey
    letter: UUID
    once: UUID

    @property
    def thread(self) -> Thread:
        """The family's thread."""
        return Thread.objects.get(number=self.family.number, counted=False)

    @property
    def referral(self) -> Referral:
        """The referral."""
        return Referral.objects.get(thread__number=self.family.number)

    def box(self, key: seal.ReturnKey) -> list[dict[str, Any]]:
        """What lies in a box, newest first."""
        return [dict(each) for each in door_queries.open_box(key).answers]

    @property
    def ladder(self) -> list[str]:
        """The steps the referrer can see, newest first."""
        return [each["ladder"]["step"] for each in self.box(self.referrer) if "ladder" in each]

    @property
    def consents(self) -> list[dict[str, Any]]:
        """Who may know what, as the family sees it now."""
        return next(each["consents"] for each in self.box(self.family) if "consents" in each)

    def press(self, consent: str) -> None:
        """Take a consent back with the family's key."""
        opened, now = door_queries.open_box(self.family), clock.now().isoformat()
        payload = {
            "kind": "withdraw", "to": str(opened.box), "number": opened.number, "post": opened.post.hex(),
            "door": "parent", "wish": "write", "language": "da", "written_at": now, "answer_by": now,
            "consent": consent, "receipt": seal.new_receipt_key().hex(),
        }  # fmt: skip
        door.receive_letter(letter=uuid4(), payload=payload, by="family")
        keeper()

    def burn(self, key: seal.ReturnKey) -> None:
        """Burn a box with its key."""
        opened = door_queries.open_box(key)
        letter = {"kind": "burn", "to": str(opened.box), "burn": opened.burn.hex()}
        door.receive_letter(letter=uuid4(), payload=letter, by="family")
        keeper()


def payload(one: seal.ReturnKey, other: seal.ReturnKey, once: UUID, **more: Any) -> dict[str, Any]:
    """Write a referral as the door does; `more` replaces what the referrer chose."""
    now = clock.now()
    said = {
        "first_name": "Mette", "age": {"n": 6, "unit": "months"}, "expecting": False, "interpreter": "",
        "place": "glostrup", "profession": "health_visitor", "share": "ladder", "text_message": False,
    }  # fmt: skip
    phone, text, days = more.pop("phone", "+4520304050"), more.pop("text", ""), more.pop("days", 90)
    return {
        "kind": "referral", "once": str(once), "door": "parent", "wish": "referral", "language": "da",
        "box": seal.new_box(one).as_payload(), "referrer": {"box": seal.new_box(other).as_payload()},
        "written_at": now.isoformat(), "answer_by": catalogue.answer_by(now).isoformat(), "text": text,
        "referral": said | more,
        "consent": {
            "text": TEXT, "digest": hashlib.sha256(TEXT.encode()).hexdigest(), "key": "referral", "how": "present",
            "days": days,
        },
        "reach": {"channel": "call", "phone": phone, "when": "any", "message": True, "sender": "", "alias": "Mette"},
    }  # fmt: skip


def refer(**more: Any) -> Sent:
    """Send a family on, and let the house do its work."""
    sent = Sent(seal.new_return_key(), seal.new_return_key(), uuid4(), uuid4())
    letter = payload(sent.family, sent.referrer, sent.once, **more)
    door.receive_letter(letter=sent.letter, payload=letter, by="referrer")
    keeper()
    return sent
