"""Reads the files beside the code: the municipalities, their regions, and what the law says with its sources.

A house lays files of the same names in a folder of its own (BROBYGGER_GUIDE); each stands in for ours.
"""

import csv
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import holidays
import icalendar
from django.conf import settings
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.rules import pick

from . import rules
from .rules import Contact, WrongFile

OURS = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Municipality:
    """One of the 98: its code is text of four digits."""

    code: str
    name: str
    region: str
    contact: Contact | None


def _file(name: str) -> Path:
    own = Path(settings.GUIDE) / name if settings.GUIDE else None
    return own if own and own.exists() else OURS / name


def _rows(name: str) -> list[dict[str, str]]:
    with _file(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def law() -> dict[str, Any]:
    """Read what we say about the law: numbers, references, and when they were last looked at."""
    read = tomllib.loads(_file("law.toml").read_text(encoding="utf-8"))
    receipt, references = read.get("receipt", {}), read.get("references", [])
    if receipt.get("reading") not in rules.READINGS:
        raise WrongFile(f"law.toml: receipt.reading must be one of {', '.join(rules.READINGS)}")
    if not isinstance(receipt.get("days"), int) or not 1 <= receipt["days"] <= 60:
        raise WrongFile("law.toml: receipt.days must be a number of days, such as 6")
    for each in references:
        said = pick(each.get("section"), "da") or "a reference without a section"
        if each.get("mark") not in rules.MARKS or not isinstance(each.get("checked_on"), date):
            raise WrongFile(f"law.toml: {said} needs a mark ({', '.join(rules.MARKS)}) and a checked_on date")
        if each["mark"] != "U" and not each.get("source"):
            raise WrongFile(f"law.toml: {said} is marked {each['mark']} and names no source")
        each["host"] = (urlsplit(each.get("source", "")).hostname or "").removeprefix("www.")
    return read


@lru_cache(maxsize=1)
def _municipalities() -> tuple[Municipality, ...]:
    rows = _rows("kommuner.csv")
    codes = [row["code"] for row in rows]
    wrong = [code for code in codes if not (len(code) == 4 and code.isdigit()) or codes.count(code) > 1]
    if wrong:
        raise WrongFile(f"kommuner.csv: {', '.join(wrong)}: a code has four digits and stands once")
    known = {each.code: each for each in (rules.contact(row, codes) for row in _rows("contacts.csv"))}
    return tuple(Municipality(row["code"], row["name"], row["region"], known.get(row["code"])) for row in rows)


@lru_cache(maxsize=1)
def _successions() -> tuple[rules.Succession, ...]:
    return tuple(
        rules.Succession(row["region"], row["becomes"], date.fromisoformat(row["from"])) for row in _rows("regions.csv")
    )


def municipalities() -> dict[str, list[Municipality]]:
    """List the 98 municipalities under the first letter of their names, in the order of the Danish alphabet."""
    found: dict[str, list[Municipality]] = {}
    for each in sorted(_municipalities(), key=lambda each: _alphabet(each.name)):
        found.setdefault(each.name[0], []).append(each)
    return found


def region(code: str, on: date | None = None) -> str:
    """Name the region a municipality lies in on a day."""
    known = {each.code: each.region for each in _municipalities()}
    return rules.region_on(known[code], on or clock.today(), _successions())


def check() -> None:
    """Read every file once, so that a mistake in one is heard when the house opens and not by a teacher."""
    law()
    municipalities()
    _successions()


def _alphabet(name: str) -> str:
    """Put æ, ø, å after z."""
    return name.casefold().translate(str.maketrans("æøå", "{|}"))


@lru_cache(maxsize=8)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DK", years=range(year - 1, year + 2), language="da"))


def receipt_by(sent: date) -> date:
    """Say the day by which a receipt ought to have come for what was sent on a day."""
    receipt = law()["receipt"]
    return rules.receipt_by(sent, receipt["days"], _public_holidays(sent.year), receipt["reading"])


def reminder(due: date) -> str:
    """Write a calendar file that asks "Receipt?" one morning and says nothing else, not even from whom.

    It is the same for everybody but for the day.
    """
    event, alarm, file = icalendar.Event(), icalendar.Alarm(), icalendar.Calendar()
    event.add("uid", f"{due:%Y%m%d}@kalender")
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
    event.add("dtstart", due)
    event.add("summary", _("Receipt?"))
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Receipt?"))
    alarm.add("trigger", timedelta(hours=9))
    event.add_component(alarm)
    file.add("prodid", "-//kalender//DA")
    file.add("version", "2.0")
    file.add_component(event)
    return file.to_ical().decode()


def takes_professionals() -> bool:
    """Say whether a professional can write to this house; where there is no house yet, nobody can."""
    try:
        return any(door.key == "professional" for door in catalogue.doors())
    except catalogue.NotFurnished:
        return False
