"""What a report reads of the house itself: its words, its age bands, first talks, and the municipalities behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consents
from brobygger.content import queries as content
from brobygger.door.rules import PROFESSIONS
from brobygger.outcomes import queries as outcomes
from brobygger.reports import rules

Words = list[tuple[str, rules.Text]]


@dataclass(frozen=True)
class Areas:
    """The municipalities behind the house: by code, by name, and which of them each place lies in."""

    codes: Mapping[str, str]
    named: Words
    places: Mapping[str, str]


def words() -> dict[str, Words]:
    """Read the house's own words, in order."""
    lists = {"problems": catalogue.problems(), "substances": catalogue.substances(), "elements": catalogue.elements()}
    found: dict[str, Words] = {name: [(row.key, row.label) for row in rows] for name, rows in lists.items()}
    found["offers"] = [(row.key, row.name) for row in catalogue.offers()]
    found["places"] = [(row.key, row.name) for row in catalogue.places()]
    usable = outcomes.usable()
    found["instruments"] = [(key, dict(each.title)) for key, each in usable.items()]
    asked = [item for item in (usable["benefit"].items if "benefit" in usable else ()) if item.ident == "helped"]
    found["benefit"] = [(str(value), dict(said)) for item in asked for value, said in item.choices]
    return found | {"professions": list(PROFESSIONS.items())}


def bands() -> dict[str, str]:
    """Lay the house's own age bands in those of the reports; one whose ages nobody says is not known."""
    return {
        row.key: rules.NOT_KNOWN if row.key == rules.NOT_KNOWN else rules.band_within(row.age_from, row.age_to)
        for row in catalogue.age_bands()
    }


def talks(period: rules.Period) -> dict[str, dict[str, int]]:
    """Count first talks by month: those that were offered, or never were, and those that are waited for still."""
    waited = consents.talks_by_week()
    return {
        month: {**consents.talk_counts(weeks), "still": sum(waited[week].waiting for week in weeks if week in waited)}
        for month, weeks in period.months.items()
    }


def areas(period: rules.Period) -> Areas:
    """Find the municipalities that stood behind the house when a period was over, or do today, and its own."""
    house, listed = catalogue.house(), [*catalogue.partners(period.last), *catalogue.partners()]
    keys = {row.key for row in listed if row.kind == "municipality"} | {house.municipality}
    known = {each.code: (key(each.name), each.name) for some in content.municipalities().values() for each in some}
    behind = {code: told for code, told in known.items() if told[0] in keys}
    codes = {code: slug for code, (slug, _name) in behind.items()}
    named: Words = [(slug, {"da": name, "en": name}) for slug, name in sorted(behind.values())]
    places = {row.key: row.key if row.key in keys else house.municipality for row in catalogue.places()}
    kept = {row.key for row in catalogue.places() if row.key in keys or row.kind == "house"}
    return Areas(codes, named, {place: slug for place, slug in places.items() if place in kept})


def key(name: str) -> str:
    """Write a municipality's name as the house's file writes its key: "Høje-Taastrup" is "hoeje-taastrup"."""
    spelt = {"æ": "ae", "ø": "oe", "å": "aa", " ": "-"}
    return "".join(spelt.get(sign, sign) for sign in name.casefold())
