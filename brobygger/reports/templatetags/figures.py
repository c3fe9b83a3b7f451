"""How figures are shown: every number a link to what it counts, small ones as words, in the reader's own writing."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground.rules import pick
from brobygger.groups.templatetags import counting
from brobygger.reports import rules

register = template.Library()
LOCALES = {"da": "da_DK", "en": "en_GB"}


@dataclass(frozen=True)
class Shown:
    """One cell: what it says, what a screen reader adds, and its place."""

    text: str
    row: int
    column: int
    beside: str = ""
    of: str = ""
    withheld: bool = False
    links: bool = True


@dataclass(frozen=True)
class Laid:
    """One table as it is read."""

    key: str
    title: str
    text: str
    head: list[str]
    lines: list[tuple[str, list[Shown]]]
    of: str
    missing: str
    since: str
    version: int
    empty: bool


@dataclass(frozen=True)
class Part:
    """A part of a report: its name, and its tables."""

    key: str
    name: str
    tables: list[Laid]


def number(value: float, decimals: int = 0) -> str:
    """Write a number as people write it here: 1.234 and 0,4; a minus that is one."""
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, shape, locale=LOCALES.get(get_language() or "da", "da_DK")).replace("-", "−")


def percent(value: int) -> str:
    """Write a share in whole per cent, with the space Danish has there."""
    return _("%(n)s %%") % {"n": number(value)}


def cell(told: dict[str, Any]) -> tuple[str, str]:
    """Say a cell, and what stands beside it: its interval."""
    if told.get("hidden"):
        return _("withheld"), ""
    if told.get("few"):
        return _("too few"), ""
    if told.get("unknown"):
        return _("not kept"), ""
    if "share" in told:
        ends = {"low": number(told["low"]), "high": number(told["high"])}
        return percent(told["share"]), _("%(low)s to %(high)s %%") % ends
    if "mean" in told:
        if "low" not in told:
            return number(told["mean"]), ""
        ends = {"low": number(told["low"]), "high": number(told["high"])}
        return number(told["mean"]), _("%(low)s to %(high)s") % ends
    for name, decimals in (("effect", 1), ("value", 0), ("n", 0)):
        if name in told:
            return number(told[name], decimals), ""
    return "–", ""


def label(table: dict[str, Any], key: str) -> str:
    """Name a row or a column; a month by its name."""
    if key in table["labels"]:
        return pick(table["labels"][key], get_language() or "da")
    try:
        first = date.fromisoformat(f"{key}-01")
    except ValueError:
        return key
    return format_date(first, "MMMM y", locale=LOCALES.get(get_language() or "da", "da_DK"))


def table(figures: dict[str, Any], key: str) -> Laid:
    """Lay out one table of a report's figures."""
    kept, language = figures["tables"][key], get_language() or "da"
    definition = figures["definitions"][key]
    lines = []
    for at, row in enumerate(kept["rows"]):
        told = kept["cells"][at]
        lines.append((label(kept, row), [_shown(each, at, place) for place, each in enumerate(told)]))
    since = full_day(date.fromisoformat(definition["since"]))
    return Laid(
        key=key,
        title=pick(definition["title"], language),
        text=pick(definition["text"], language),
        head=[label(kept, column) for column in kept["columns"]],
        lines=lines,
        of=cell(kept["of"])[0],
        missing="" if kept["missing"].get("none") else cell(kept["missing"])[0],
        since=since,
        version=definition["version"],
        empty=not any(value for line in kept["cells"] for told in line for value in _values(told)),
    )


def _values(told: dict[str, Any]) -> list[Any]:
    """Give what a cell says that is more than nothing."""
    return [value for name, value in told.items() if name in ("n", "mean", "value", "effect", "hidden", "unknown")]


def _shown(told: dict[str, Any], row: int, column: int) -> Shown:
    text, beside = cell(told)
    dead = told.get("none", False)
    of = number(told["of"]) if "of" in told and not told.get("few") else ""
    return Shown(text, row, column, beside, of, bool(told.get("hidden") or told.get("few")), not dead)


def laid_out(report: Any) -> list[Part]:
    """Lay out a report in its template's order, each part under the name it has there."""
    figures, language = report.figures, get_language() or "da"
    shape, found = figures["shape"], []
    for key in shape["tables"]:
        named = shape["names"].get(key) or figures["parts"][key]
        tables = [table(figures, each) for each in figures["order"] if each.partition(".")[0] == key]
        found.append(Part(key, pick(named, language), tables))
    return found


def one(report: Any, key: str, row: int, column: int) -> dict[str, Any] | None:
    """Say what one number counts; None when there is none at that place."""
    if key not in report.figures["tables"]:
        return None
    laid = table(report.figures, key)
    if row >= len(laid.lines) or column >= len(laid.head):
        return None
    name, cells = laid.lines[row]
    told = report.figures["tables"][key]["cells"][row][column]
    why = _why(told, report.figures["settings"])
    return {"laid": laid, "row": name, "column": laid.head[column], "cell": cells[column], "why": why}


def _why(told: dict[str, Any], settings: dict[str, Any]) -> str:
    """Say why a number is not there."""
    if told.get("hidden"):
        return _(
            "It is fewer than %(n)s people, or it would give such a number away. So nobody sees it, not even who leads."
        ) % {"n": settings["threshold"]}
    if told.get("few"):
        return _("Shares, means and medians are given of %(n)s people or more.") % {"n": settings["shares_from"]}
    if told.get("unknown"):
        return _("The house's file does not say what it takes to reckon it.")
    return ""


def listed(rows: list[Any], partners: dict[str, str], known: dict[str, Any]) -> list[dict[str, Any]]:
    """Say the reports of a list: which report, by the name it was made under, for whom, and how far it has come."""
    language = get_language() or "da"
    shapes = {key: shape["name"] for key, shape in known.items()}
    return [
        {
            "row": row,
            "name": pick(getattr(row, "shape", None) or shapes.get(row.template) or {"da": row.template}, language),
            "for": partners.get(row.partner, ""),
        }
        for row in rows
    ]


def free_seats(viewer: Any) -> list[dict[str, Any]]:
    """List the groups with their free seats, for a partner: what, where, from when."""
    offers = {row.key: row.name for row in catalogue.offers()}
    places = {row.key: row.name for row in catalogue.places()}
    return [
        {"offer": offers.get(each.offer, each.offer), "place": places.get(each.place, each.place), "room": each}
        for each in counting.rooms(viewer)
    ]


def say_period(days: rules.Period) -> str:
    """Say a period: a year by its number, whole months by their names, else its two days."""
    first, last = days.first, days.last
    if days == rules.year(first.year):
        return str(first.year)
    locale = LOCALES.get(get_language() or "da", "da_DK")
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        begun = format_date(first, "MMMM" if first.year == last.year else "MMMM y", locale=locale)
        ended = format_date(last, "MMMM y", locale=locale)
        return ended if (first.year, first.month) == (last.year, last.month) else f"{begun} – {ended}"
    return f"{full_day(first)} – {full_day(last)}"


@register.filter
def period(report: Any) -> str:
    """Say the period of a report."""
    return say_period(rules.Period(report.period_from, report.period_to))


@register.filter
def full_day(day: date) -> str:
    """Say a day with its year, the same whenever it is read: "11. januar 2027"."""
    return str(format_date(day, "long", locale=LOCALES.get(get_language() or "da", "da_DK")))


@register.filter
def week(day: date) -> int:
    """Give the number of a day's week."""
    return day.isocalendar().week


@register.filter
def unlocalized(value: float) -> str:
    """Write a coordinate as a drawing reads it, whatever the page's language."""
    return f"{value:g}"


@register.filter
def at(drawn: dict[str, Any], key: str) -> Any:
    """Pick what belongs to a table; nothing when nothing does."""
    return drawn.get(key)
