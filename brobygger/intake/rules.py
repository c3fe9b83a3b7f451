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
