"""Rules of what is sent, over plain values: at which hours, how often tried, what fits in one text message."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Europe/Copenhagen")
#: Nobody's phone is to light up at night, whatever the family chose.
AWAKE = (time(8), time(21))
#: What a family means by "in the morning"; local time.
PARTS_OF_DAY = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(16)),
    "evening": (time(16), time(21)),
}
#: How long to wait after each attempt that did not get through; after the last one a person is asked.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
#: When a child is in lessons, Monday to Friday; its phone is left in peace.
LESSONS = (time(8), time(15))
#: Whether what was written a while ago is still wanted when it is due, by kind: each later room registers its own.
STILL: dict[str, Callable[[UUID, dict[str, Any]], bool]] = {}
#: Reminders are due at this hour of the day before, or in the part of that day the family chose.
REMINDED_AT = time(10)
#: One text message: 160 signs of the telephone alphabet, in which these count as two.
LONGEST = 160
_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = "^{}\\[~]|€"
#: A refusal is final: the same message again would be refused again, under the same key.
REFUSALS = frozenset({"refused", "bad_address", "not_private", "names_the_house", "unreadable"})


def next_moment(now: datetime, when: str = "any") -> datetime:
    """Give the first moment from now on that lies in the part of the day a family chose, and never at night."""
    first, last = PARTS_OF_DAY.get(when, AWAKE)
    local = now.astimezone(TZ)
    if first <= local.time() < last:
        return now
    day = local.date() + timedelta(days=local.time() >= last)
    return datetime.combine(day, first, TZ).astimezone(UTC)


def in_peace(now: datetime, when: str, hours: Mapping[str, Any]) -> datetime:
    """Give the first moment that suits a family, and outside what a later room asked for beside that.

    `hours` may hold "quiet", the two whole hours a night begins and ends at, and "lessons". Where all three leave no
    moment within two weeks, what the family chose gives way.
    """
    at = _outside(now, when, hours)
    return at if at is not None else _outside(now, "any", hours) or next_moment(now)


def _outside(now: datetime, when: str, hours: Mapping[str, Any]) -> datetime | None:
    """Go from one moment to the next until nothing speaks against it."""
    at, last = now, now + timedelta(days=14)
    while at <= last:
        before, at = at, next_moment(at, when)
        local = at.astimezone(TZ)
        night, morning = hours.get("quiet") or (24, 0)
        if night != morning and not morning <= local.hour < night:
            day = local.date() + timedelta(days=local.hour >= night)
            at = datetime.combine(day, time(morning), TZ).astimezone(UTC)
        elif hours.get("lessons") and local.weekday() < 5 and LESSONS[0] <= local.time() < LESSONS[1]:
            at = datetime.combine(local.date(), LESSONS[1], TZ).astimezone(UTC)
        if at == before:
            return at
    return None


def remind_at(starts_at: datetime) -> datetime:
    """Give the moment on the day before when somebody is reminded of an appointment."""
    day = starts_at.astimezone(TZ).date() - timedelta(days=1)
    return datetime.combine(day, REMINDED_AT, TZ).astimezone(UTC)


def again_after(attempts: int) -> timedelta | None:
    """Tell how long to wait after so many attempts; None when it has been tried often enough."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None


def signs(text: str) -> int | None:
    """Count a text in the telephone alphabet (GSM 03.38); None when a sign is not in it."""
    if any(sign not in _ALPHABET and sign not in _DOUBLE for sign in text):
        return None
    return len(text) + sum(sign in _DOUBLE for sign in text)


def fits(text: str) -> bool:
    """Tell whether a text is one text message; two may arrive apart, or cost twice."""
    count = signs(text)
    return count is not None and count <= LONGEST


def masked(address: str) -> str:
    """Write a number or an address so that nobody can use it: "+45 24•• ••00", "m••••@b••••"."""
    if "@" in address:
        name, _at, host = address.partition("@")
        return f"{name[:1]}••••@{host[:1]}••••"
    digits = "".join(sign for sign in address if sign.isdigit())
    return f"+{digits[:2]} {digits[2:4]}•• ••{digits[-2:]}" if len(digits) >= 10 else "••••"
