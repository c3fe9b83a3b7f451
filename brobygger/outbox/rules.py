"""Rules of what is sent, over plain values: at which hours, how often tried, what fits in one text message."""

from datetime import UTC, datetime, time, timedelta
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
