"""The worklist's rules over plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Alarm(IntEnum):
    """How much of the promised time is gone, and with that who should look."""

    CALM = 0
    HALF = 50
    SOON = 80
    LATE = 100


def alarm(arrived_at: datetime, due_at: datetime, now: datetime) -> Alarm:
    """Tell how far into its promise an enquiry is: half (whoever is on duty), 80 % (a stand-in), over (the leader)."""
    gone = spent(arrived_at, due_at, now)
    return max((each for each in Alarm if gone >= each), default=Alarm.CALM)


def promised(kept: bool | None, due_at: datetime | None, now: datetime) -> str:
    """Say how a promise went so far: "kept", "not" when its hour went by, "none" when nothing was, or still is."""
    if due_at is not None and due_at < now:
        return "not"
    return "none" if kept is None else "kept" if kept else "not"


def spent(arrived_at: datetime, due_at: datetime, now: datetime) -> int:
    """Tell how much of the promised time is gone, in percent, 0 to 100."""
    if due_at <= arrived_at:
        return 100
    # In whole numbers: a fraction lost in rounding would call the last moment 99 %.
    return max(0, min(100, 100 * (now - arrived_at) // (due_at - arrived_at)))


#: How a thread may end, and whether it counts as one we helped.
OUTCOMES = ("helped", "signposted", "course", "quiet", "burned", "expired")


@dataclass(frozen=True)
class Sight:
    """What somebody may do with an enquiry, decided in one place."""

    open: bool
    take: bool
    answer: bool
    hand_over: bool


def sight(*, taken: bool, mine: bool, glass: bool, opens: bool, takes: bool, answers: bool, hands_over: bool) -> Sight:
    """Decide what somebody may do: letters nobody has taken, and one's own; a colleague's only behind broken glass."""
    return Sight(
        open=(opens and (mine or not taken)) or glass,
        take=takes and not taken,
        answer=answers and mine,
        hand_over=hands_over and (mine or not opens),
    )


# ---- A call, or somebody who comes in ----

CHANNELS = ("phone", "walk_in")
#: What comes of a call, and how it is counted when nothing but a count is left of it.
COUNTED = {"done": "helped", "to": "signposted", "sparring": "helped"}
#: What makes a thread, and the wish it is about.
OPENED = {"ring": "call", "key": "write", "time": "time"}


@dataclass(frozen=True)
class Call:
    """What is written down of a call, or of somebody who comes in."""

    channel: str
    door: str
    what: str
    theme: str = ""
    age_band: str = ""
    profession: str = ""
    to: str = ""
    where: str = ""
    when: str = "any"
    language: str = "da"
    text: str = ""
    reach: dict[str, object] | None = None

    @property
    def only_counted(self) -> bool:
        """Tell whether nothing but a count is left of it."""
        return self.what in COUNTED

    @property
    def wish(self) -> str:
        """What a thread made of it is about; ten minutes for a professional are sparring, whoever picks the time."""
        sparring = self.what == "sparring" or (self.what == "time" and self.where == "sparring")
        return "sparring" if sparring else OPENED.get(self.what, "write")


def counts_profession(facts: dict[str, object]) -> str:
    """Choose the profession a thread is counted under: of one who asked for advice, or sent a family on."""
    return str(facts.get("profession") or "") if facts.get("wish") in ("sparring", "referral") else ""


#: Read aloud, sign by sign: the Danish alphabet as it is taught, and the one of radio for the English page.
_WORDS = {
    "da": """Anna Bernhard Cecilie David Erik Frederik Georg Hans Johan Karen Mikkel Nikolaj Peter Quintus Rasmus Søren
        Theodor Viggo William Xerxes Yrsa Zackarias""",
    "en": """Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel Juliett Kilo Mike November Papa Quebec Romeo Sierra Tango
        Victor Whiskey X-ray Yankee Zulu""",
}
_DIGITS = {
    "da": ["nul", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}


def spelled(key: str, language: str) -> list[list[tuple[str, str]]]:
    """Put a return key in its groups, each sign with the word it is read aloud by."""
    tongue = language if language in _WORDS else "da"
    said = {word[0]: word for word in _WORDS[tongue].split()} | dict(enumerate(_DIGITS[tongue]))
    return [[(sign, said[int(sign) if sign.isdigit() else sign]) for sign in group] for group in key.split("-")]
