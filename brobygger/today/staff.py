"""The day in order of the clock."""

import csv
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.access.guards import guard, may, works_here
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.intake import queries as intake

from . import looking, queries, services


@works_here
def front(request: HttpRequest) -> HttpResponse:
    """Send everybody at work to the page they begin their day with."""
    first = [
        (Permission.SEE_MORNING, "today:morning"),
        (Permission.SEE_GAUGES, "today:gauges"),
        (Permission.SEE_WORKLIST, "intake:worklist"),
        (Permission.SEE_OWN_DAY, "today:day"),
        (Permission.SEE_HEALTH, "today:health"),
        (Permission.SEE_ROLES, "access:roles"),
    ]
    return redirect(next((name for permission, name in first if may(request.user, permission)), "access:me"))


#: Nobody has an appointment further off; the calendar's own ends lie far beyond.
FARTHEST = timedelta(days=3660)


def _asked(text: str) -> date:
    """Read which day is asked for; today when it is none of ours."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return on if abs(on - clock.today()) < FARTHEST else clock.today()


@guard(Permission.SEE_OWN_DAY, Permission.SEE_EVERY_DAY)
def day(request: HttpRequest) -> HttpResponse:
    """Show a day's appointments under box numbers; asked for again by itself every few seconds."""
    on = _asked(request.GET.get("on", ""))
    listed = appointments.day(request.user, on)
    context = {
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "appointments": listed,
        "addresses": appointments.visits(listed),
        "everybody": may(request.user, Permission.SEE_EVERY_DAY),
        "places": queries.place_names(),
        "now": clock.now(),
        "mine": queries.mine(request.user) if on == clock.today() else None,
    }
    return render(request, "today/day.html#list" if getattr(request, "htmx", False) else "today/day.html", context)


@guard(Permission.SEE_MORNING)
def morning(request: HttpRequest) -> HttpResponse:
    """Show what waits this morning, in the order of the clock; asked for again by itself every half minute."""
    context = {"morning": queries.morning(request.user), "on": clock.today(), "places": queries.place_names()}
    template = "today/morning_list.html" if getattr(request, "htmx", False) else "today/morning.html"
    return render(request, template, context)


@guard(Permission.SEE_GAUGES)
def gauges(request: HttpRequest) -> HttpResponse:
    """Show who waits, which hours are free and whether promises are kept."""
    return render(request, "today/gauges.html", {"gauges": queries.gauges(request.user)})


@guard(Permission.SEE_LOOKS)
def looks(request: HttpRequest) -> HttpResponse:
    """Show who has looked at what: everything, what is asked for, or ten at random."""
    return render(request, "today/looks.html", looking.page(looking.Asked.read(request.GET)))


@guard(Permission.EXPORT_LOOKS)
def family_looks(request: HttpRequest) -> HttpResponse:
    """Take out who has looked at one family, for that family: a page to print, or a file."""
    if request.method != "POST":
        return render(request, "today/family_looks.html", {"told": None})
    number = looking.typed(request.POST.get("number", "")).strip().upper()[:4]
    names, thread = "names" in request.POST, request.POST.get("thread", "")
    lines = intake.with_number(request.user, number) if number else []
    # A box number is short: two families may have the same. Then only a person can tell whose lines these are.
    chosen = [line for line in lines if str(line.thread_id) == thread] if thread else lines
    if len(chosen) != 1:
        several = lines if len(lines) > 1 else []
        asked = {"told": None, "number": number, "names": names, "missing": not several, "several": several}
        return render(request, "today/family_looks.html", asked, status=422)
    found = chosen[0].thread_id
    how = f"{'names' if names else 'roles'}:{'file' if 'as' in request.POST else 'page'}"
    entries = services.look_up_family(thread=found, how=how, by=request.user)
    told = looking.for_family(entries, names=names, language=get_language() or "da")
    if "as" in request.POST:
        return _file(number, told)
    page = {"told": told, "number": number, "thread": found, "names": names, "now": clock.now()}
    return render(request, "today/family_looks.html", page)


def _file(number: str, told: list[looking.Told]) -> HttpResponse:
    """Write the lines as a table other programs read, in the way Danish ones expect."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{number}.csv"'
    table = csv.writer(response, delimiter=";")
    table.writerow([_("When"), _("Who"), _("What")])
    table.writerows([f"{clock.local(line.at):%Y-%m-%d %H:%M}", line.who, line.what] for line in told)
    return response


@guard(Permission.SEE_HEALTH)
def health(request: HttpRequest) -> HttpResponse:
    """Show whether letters are being opened, without a word about anybody."""
    context = {
        "letters": len(door.waiting(limit=1000)),
        "weeks": sorted(door.waiting_weeks()),
        "counts": intake.counts(),
    }
    return render(request, "today/health.html", context)
