"""Reading for reports: everything a report is made of, gathered through the earlier rooms; and the reports there are.

Begins with the viewer. What is gathered is added up in the same breath and kept nowhere.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework.templatetags import counting as courses
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups.templatetags import counting as groups
from brobygger.intake import queries as intake
from brobygger.outcomes import queries as outcomes
from brobygger.outcomes.templatetags import counting as asking
from brobygger.privacy import keyring

from . import measures, releasing, rules, tables
from .models import Agreement, Comment, Report
from .tables import Gathered
from .templatetags import answered, estimates, gathering, shapes, stays, used, waits

#: How many earlier reports a list shows, and the house's own yearly shape.
PAGE = 100
YEARLY = "year"


def gather(
    viewer: Any, period: rules.Period, *, partner: str = "", named: Callable[[UUID], str] | None = None
) -> Gathered:
    """Gather everything a report of a period is made of, for who may see counts; nothing for anybody else.

    `named` gives a person a mark for the evaluator's file; in a report it is a number drawn for this one reading.
    """
    counts, first, last = may(viewer, Permission.SEE_NUMBERS), period.first, period.last
    ran = courses.courses(viewer, first, last)
    crossed = [each.thread for each in ran if each.thread]
    weeks, house = period.weeks, catalogue.house()
    numbers = {member: f"{at}.{place}" for at, each in enumerate(ran) for place, member in enumerate(each.people)}
    mark = named or (lambda member: numbers.get(member, ""))
    near = gathering.areas(period)
    return Gathered(
        period=period,
        on=clock.today(),
        settings=rules.SETTINGS | house.report,
        courses=ran,
        meetings=groups.meetings(viewer, first, last),
        seats=groups.seats(viewer, first, last),
        waits=groups.waits(viewer, first, last),
        visits=groups.visits(viewer, first, last),
        forms=groups.seats_before(viewer, last),
        arrived=intake.arrived(viewer, weeks, without=crossed),
        promises=intake.promises(weeks),
        talks=gathering.talks(period),
        sparring=intake.sparring(weeks),
        words=gathering.words() | {"municipalities": near.named},
        answers=list(outcomes.answers(first, last, named=mark)) if counts else [],
        asked=list(asking.asked(first, last, named=mark)) if counts else [],
        rounds=list(asking.rounds(first, last)) if counts else [],
        asking=outcomes.settings(),
        relevant={key: each.relevant for key, each in outcomes.usable().items()},
        marks={mark(member): (each, member) for each in ran for member in each.people},
        bands=gathering.bands(),
        areas=near.codes,
        districts=near.places,
        rooms=groups.rooms(viewer),
        partner=partner,
    )


def inputs(got: Gathered) -> str:
    """Name the state of what went in, blind: without the house's key nobody can try what a hidden number was."""
    counted = (sorted(each.items()) for each in (got.arrived, got.promises, got.talks, got.sparring, got.areas))
    house = (got.period, got.settings, *counted)
    rows = (
        got.courses,
        got.meetings,
        got.seats,
        got.waits,
        got.visits,
        got.forms.items(),
        got.answers,
        got.asked,
        got.rounds,
    )
    told = hashlib.blake2b(repr(house).encode(), digest_size=16, key=keyring.derived("report inputs"))
    for listed in rows:
        told.update(f"\n{len(listed)}".encode())
        for each in listed:
            told.update(repr(each).encode())
    return told.hexdigest()


def hiding_key() -> bytes:
    """Make the secret on which it hangs what is hidden beside the small numbers: the same in every report."""
    return keyring.derived("report hiding")


def pseudonym_key(name: str) -> bytes:
    """Make the key of one evaluator's pseudonyms: the same for the same name, another for any other."""
    return keyring.derived(f"evaluator {' '.join(name.casefold().split())}")


# ---- The reports there are ----


def templates() -> dict[str, dict[str, Any]]:
    """Read the shapes a report may have: ours, and those the house has laid in its own folder."""
    return shapes.templates(_own())


def wrong_templates() -> list[tuple[str, str, str]]:
    """Name the house's own files that cannot be used, and why."""
    return shapes.wrong_templates(_own())


def texts() -> dict[str, Any]:
    """Give what the house says of itself, for others to pass on."""
    return catalogue.house().texts


def _own() -> Path:
    return Path(settings.HOUSES) / catalogue.house().key


def reports(viewer: Any) -> list[Report]:
    """List the reports, newest period first, for who may see counts; each with the `shape` it was made in, by name."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    rows = Report.objects.defer("figures").select_related("made_by").annotate(shape=F("figures__shape__name"))
    return list(rows[:PAGE])


def asked() -> Iterator[Report]:
    """Give the reports that are asked for and not counted, the oldest first, one at a time. For the worker."""
    yield from Report.objects.filter(figures__isnull=True, trouble="").select_related("made_by").order_by("asked_at")


def going_out() -> Iterator[Report]:
    """Give the reports that somebody wants to let out. For the worker."""
    yield from Report.objects.exclude(letting_out="").filter(released_on__isnull=True).order_by("asked_at")


def crossing(period: rules.Period) -> list[Report]:
    """List what went out and shares days with a period, where neither holds the other whole."""
    near = {each: rules.Period(each.period_from, each.period_to) for each in _out().defer("figures")}
    found = releasing.crossing(period, near.values())
    return [each for each, days in near.items() if days in found]


def _out() -> Any:
    return Report.objects.filter(released_on__isnull=False).order_by("released_on", "made_on", "id")


def get_report(viewer: Any, ident: UUID) -> Report | None:
    """Fetch a report somebody may see: any for who may see counts, a partner's released sheet for its coordinator."""
    row = Report.objects.select_related("made_by").filter(pk=ident).first()
    if row is None or may(viewer, Permission.SEE_NUMBERS):
        return row
    return row if row in sheets(viewer) else None


def released() -> list[Report]:
    """List everything that has gone out, oldest first: what a new release is held against."""
    return list(_out())


# ---- Those who stand behind the house ----


def standing(on: date) -> Q:
    """Say which agreements hold on a day."""
    return Q(valid_from__lte=on, valid_to__gt=on)


def partners_of(viewer: Any) -> list[str]:
    """Name the partners whose sheets somebody may see today."""
    return sorted({row.partner for row in agreements_of(viewer)})


def agreements_of(viewer: Any) -> list[Agreement]:
    """List the agreements on which somebody may see sheets today."""
    if not may(viewer, Permission.SEE_PARTNER):
        return []
    return list(Agreement.objects.filter(standing(clock.today()), user_id=viewer.pk))


def sheets(viewer: Any) -> list[Report]:
    """List a partner's released sheets for its coordinator, newest period first."""
    rows = Report.objects.filter(kind="partner", partner__in=partners_of(viewer), released_on__isnull=False)
    return list(rows.select_related("made_by")[:PAGE])


def partner_names(keys: Iterable[str]) -> dict[str, str]:
    """Name partners by key, those of today; one that is gone is said by its key."""
    known = {row.key: row.name for row in catalogue.partners()}
    return {key: known.get(key, key) for key in keys}


def comments(viewer: Any, report: Report) -> list[Comment]:
    """List what coordinators said of a sheet, for who may see counts; for a coordinator, their own."""
    rows = Comment.objects.filter(report=report).select_related("user")
    return list(rows if may(viewer, Permission.SEE_NUMBERS) else rows.filter(user_id=viewer.pk))


def last_year(viewer: Any) -> tuple[int, Report | None]:
    """Name the year that is over, and give the house's own report of it: the one that went out, else the newest."""
    number = clock.today().year - 1
    period = rules.year(number)
    rows = Report.objects.defer("figures").filter(template=YEARLY, period_from=period.first, period_to=period.last)
    found = list(rows.order_by("-asked_at")) if may(viewer, Permission.SEE_NUMBERS) else []
    return number, next((row for row in found if row.released_on), found[0] if found else None)


def names_of(idents: Iterable[str]) -> list[Report]:
    """Fetch some reports by their ids, to be named."""
    return list(Report.objects.defer("figures").filter(pk__in=list(idents)).annotate(shape=F("figures__shape__name")))


def agreements(viewer: Any) -> list[Agreement]:
    """List who may see which partner's sheets until when, for who may see counts."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    return list(Agreement.objects.filter(valid_to__gt=clock.today()).select_related("user"))


def get_agreement(viewer: Any, ident: UUID) -> Agreement | None:
    """Fetch an agreement for who may see counts."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return None
    return Agreement.objects.select_related("user").filter(pk=ident).first()


def coordinators() -> list[Any]:
    """List the partners' coordinators at work today."""
    return people.colleagues(Permission.SEE_PARTNER)


def every_table(got: Gathered) -> list[rules.Table]:
    """Make all tables of what was gathered, small numbers still in them."""
    made = (tables.production, tables.background, tables.misuse, tables.problems, tables.way_in, waits.waiting)
    more = (stays.drop_out, stays.dosage, measures.every, estimates.every, answered.every)
    return [table for make in (*made, *more, used.elements, used.cost, used.partner) for table in make(got)]
