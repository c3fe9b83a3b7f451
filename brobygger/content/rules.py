"""When a receipt ought to have come, and which region a municipality lies in on a day. Plain values in and out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6
#: Two ways to count the same days, as Danish law and Danish offices do; and the later of the two.
HVERDAG, ARBEJDSDAG, LATER = "hverdag", "arbejdsdag", "later"
READINGS = (LATER, HVERDAG, ARBEJDSDAG)
#: How sure we are of a reference: read in its source, read in part, not verified.
MARKS = ("V", "P", "U")


class WrongFile(Exception):
    """A file about the law or the municipalities says something that cannot be."""


def counted(sent: date, days: int, *, without: Collection[int], holidays: Collection[date]) -> date:
    """Count so many days on from the day after, leaving out some weekdays and all public holidays."""
    day = sent
    while days:
        day += timedelta(days=1)
        days -= day.weekday() not in without and day not in holidays
    return day


def readings(sent: date, days: int, holidays: Collection[date]) -> dict[str, date]:
    """Count a deadline in both ways: with Saturdays (hverdage) and without (arbejdsdage)."""
    return {
        HVERDAG: counted(sent, days, without={SUNDAY}, holidays=holidays),
        ARBEJDSDAG: counted(sent, days, without={SATURDAY, SUNDAY}, holidays=holidays),
    }


def receipt_by(sent: date, days: int, holidays: Collection[date], reading: str = LATER) -> date:
    """Say the day by which a receipt ought to have come, in the house's reading; without one, the later."""
    both = readings(sent, days, holidays)
    return max(both.values()) if reading == LATER else both[reading]


@dataclass(frozen=True)
class Succession:
    """A region that becomes part of another one on a day."""

    region: str
    becomes: str
    on: date


def region_on(region: str, day: date, successions: Iterable[Succession]) -> str:
    """Name the region that an area lies in on a day, when it is known under its older name."""
    for each in sorted(successions, key=lambda each: each.on):
        if each.region == region and each.on <= day:
            region = each.becomes
    return region


@dataclass(frozen=True)
class Contact:
    """How to reach one municipality about a child, as somebody in the house has looked it up; each may be empty."""

    code: str
    phone: str = ""
    duty: str = ""
    link: str = ""
    checked_on: date | None = None


def contact(row: dict[str, str], codes: Collection[str]) -> Contact:
    """Read one line of the list of contacts; what is filled in must be dated and belong to a municipality."""
    code = (row.get("code") or "").strip()
    if code not in codes:
        raise WrongFile(f"contacts.csv: {code or 'a line without a code'} is no municipality; codes have four digits")
    filled = {key: (row.get(key) or "").strip() for key in ("phone", "duty", "link")}
    for key in ("phone", "duty"):
        if filled[key] and not filled[key].removeprefix("+").replace(" ", "").isdigit():
            raise WrongFile(f"contacts.csv: {code}: {key} {filled[key]!r} is no telephone number")
    if filled["link"] and not filled["link"].startswith("https://"):
        raise WrongFile(f"contacts.csv: {code}: the link must begin with https://")
    try:
        checked = date.fromisoformat((row.get("checked_on") or "").strip())
    except ValueError:
        raise WrongFile(f"contacts.csv: {code}: checked_on must be a date such as 2026-03-02") from None
    return Contact(code, **filled, checked_on=checked)
