"""Rules of who may know what, over plain values."""

from dataclasses import dataclass
from datetime import date

#: How far a referral has come. "closed" is what a referrer sees when the family shares nothing any more.
STEPS = ("received", "trying", "contact", "started", "ended", "not_started", "handed_on")
#: Where one may go from a step: forward only, and out at any time before the end.
NEXT = {
    "received": ("trying", "contact", "not_started", "handed_on"),
    "trying": ("trying", "contact", "not_started", "handed_on"),
    "contact": ("started", "not_started", "handed_on"),
    "started": ("ended", "handed_on"),
    "ended": (),
    "not_started": (),
    "handed_on": (),
}
#: Why a family did not start.
REASONS = ("no_answer", "no_thanks", "not_now", "other_help", "moved", "duplicate", "other")
#: Steps that are calls. The first of them is the answer that was promised.
CALLS = ("trying", "contact")
#: Steps of a referral that goes on: its family may still wait for a first talk.
RUNG = ("trying", "contact", "started", "ended")
#: How much of it a family lets its referrer see: nothing, whether we met, every step.
SHARES = ("none", "contact", "ladder")
#: What may be shared besides, as a consent names it.
FIELDS = ("name", "number", "age", "place", "words", "status_contact", "status_ladder", "appointment", "attendance")
RECEIVERS = ("house", "referrer", "municipality", "school", "health", "other")
PURPOSES = ("ring", "status", "cooperate", "other")
WAYS = ("present", "spoken", "phone", "written")
GIVERS = ("holder", "other_parent", "young")
#: A consent is for a time; nobody may give one for longer than this.
LONGEST_DAYS = 730
#: How many days a referrer may be told how it goes, when nothing else was said.
STATUS_DAYS = 180


class OutOfStep(Exception):
    """A referral cannot go from where it is to there."""


def shown(step: str, share: str, *, met: bool, reason: str = "") -> str:
    """Tell which step a referrer may see of a referral that stands at `step`; never more than was agreed.

    With "contact" that is whether we got in touch: yes, not yet, or that we never reached them.
    """
    if share == "ladder":
        return step
    if share == "contact":
        if met:
            return "contact"
        if step == "not_started" and reason == "no_answer":
            return step
        return step if step in ("received", "trying") else "trying"
    return "received"


def step_to(step: str, to: str, reason: str) -> None:
    """Check that a referral may go from one step to another. Raises `OutOfStep`, `ValueError` for an unknown reason."""
    if to not in NEXT[step]:
        raise OutOfStep(f"{step} to {to}")
    if to == "not_started" and reason not in REASONS:
        raise ValueError("a reason is needed")


def last_step(step: str, ending: str) -> str:
    """Choose what a referral comes to when its thread ends: a burned one is closed, others end where they were.

    `ending` is the thread's: "ended", "burned" or "expired".
    """
    if ending == "burned":
        return "closed"
    return {"contact": "ended", "started": "ended"}.get(step, step if step in ("ended", "handed_on") else "not_started")


def standing(*, until: date, closed_on: date | None, today: date) -> bool:
    """Tell whether a consent still counts: it was not taken back, and its last day has not gone by."""
    return closed_on is None and today <= until


@dataclass(frozen=True)
class Sentence:
    """A consent as it was given: who may know what, what for, and how it was said."""

    receiver: str
    receiver_words: str = ""
    profession: str = ""
    purpose: str = "other"
    purpose_words: str = ""
    fields: tuple[str, ...] = ()
    how: str = "spoken"
    giver: str = "holder"
    by: str = ""
    #: Given by one parent in confidence: never shown to whoever holds the key of the other.
    confided: bool = False

    def checked(self) -> "Sentence":
        """Give it back when every word of it is one we know. Raises `ValueError`."""
        known = (
            self.receiver in RECEIVERS
            and self.purpose in PURPOSES
            and self.how in WAYS
            and self.giver in GIVERS
            and bool(self.fields)
            and set(self.fields) <= set(FIELDS)
        )
        if not known or (self.receiver == "other" and not self.receiver_words.strip()):
            raise ValueError("a consent names a receiver, a purpose and what may be told")
        return self


#: What a weighing of our duty to notify says: what worries us, what we decided, why, and whether the parents know.
WEIGHED = ("worry", "decided", "why", "parents")


def years_on(day: date, years: int) -> date:
    """Give the same day some years later; the last of February when that year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
