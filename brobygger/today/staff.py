"""The day, the week and the rooms; the evening somebody stands in for, finding a course, and the log."""

import csv
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access.guards import guard, may, works_here
from brobygger.access.roles import Permission
from brobygger.backups import queries as backups
from brobygger.casework import finding, record
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.groups import queries as groups
from brobygger.intake import queries as intake

from . import alarms, forms, looking, queries, services, weeks


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
        (Permission.SEE_PARTNER, "reports:partner"),
    ]
    return redirect(next((name for permission, name in first if may(request.user, permission)), "access:me"))


#: Nobody has an appointment further off; the calendar's own ends lie far beyond.
FARTHEST = timedelta(days=3660)


#: How many days on the links above a day lead.
STEPS = {"day_before": -1, "day_after": 1, "week_before": -7, "week_after": 7}


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
    context = {
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "today": clock.today(),
        "appointments": weeks.day(request.user, on),
        "everybody": may(request.user, Permission.SEE_EVERY_DAY),
        "places": queries.place_names(),
        "now": clock.now(),
        "mine": queries.mine(request.user) if on == clock.today() else None,
    }
    return render(request, "today/day.html#list" if getattr(request, "htmx", False) else "today/day.html", context)


@guard(Permission.SEE_OWN_DAY, Permission.SEE_EVERY_DAY, Permission.SEE_GROUPS)
def week(request: HttpRequest) -> HttpResponse:
    """Show the house's week by day and hour: all groups, and the talks one may see under box numbers."""
    on, place = _asked(request.GET.get("on", "")), request.GET.get("place", "")
    place = place if place in queries.place_names() else ""
    grid = weeks.week(request.user, on, place)
    monday = weeks.monday(on)
    context = {
        "on": on,
        "today": clock.today(),
        "grid": grid,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "number": on.isocalendar().week,
        "steps": {name: on + timedelta(days=days) for name, days in STEPS.items()},
        "place": place,
        "places": queries.place_names(),
        "everybody": may(request.user, Permission.SEE_EVERY_DAY),
    }
    return render(request, "today/week.html", context)


@guard(Permission.SEE_OWN_DAY, Permission.SEE_EVERY_DAY, Permission.SEE_GROUPS)
def rooms(request: HttpRequest) -> HttpResponse:
    """Show a place's rooms on one day: what is in them, or that they are taken."""
    on, places = _asked(request.GET.get("on", "")), {each.key: each for each in catalogue.places()}
    place = request.GET.get("place", "")
    place = place if place in places else next(iter(places), "")
    context = {
        "on": on,
        "today": clock.today(),
        "grid": weeks.rooms(request.user, on, place),
        "steps": {name: on + timedelta(days=days) for name, days in STEPS.items()},
        "place": place,
        "places": {key: each.name for key, each in places.items()},
        "everybody": may(request.user, Permission.SEE_EVERY_DAY),
    }
    return render(request, "today/rooms.html", context)


@guard(Permission.SEE_MORNING)
def morning(request: HttpRequest) -> HttpResponse:
    """Show what waits this morning, in the order of the clock; asked for again by itself every half minute."""
    context = {"morning": queries.morning(request.user), "on": clock.today(), "places": queries.place_names()}
    template = "today/morning_list.html" if getattr(request, "htmx", False) else "today/morning.html"
    return render(request, template, context)


@guard(Permission.SEE_GAUGES)
def gauges(request: HttpRequest) -> HttpResponse:
    """Show who waits, which hours are free and whether promises are kept."""
    unspoken = alarms.unspoken() if may(request.user, Permission.SEE_LOOKS) else 0
    return render(request, "today/gauges.html", {"gauges": queries.gauges(request.user), "unspoken": unspoken})


@guard(Permission.OPEN_COURSE, Permission.RUN_GROUPS)
def tonight(request: HttpRequest) -> HttpResponse:
    """Show the group evenings somebody runs today, and what one needs of the courses they stand in for."""
    courses, evenings = casework.tonight(request.user), groups.tonight(request.user)
    opened = [record.look_at_evening(course=course, by=request.user) for course in courses]
    context = {"groups": evenings, "evening": opened, "on": clock.today(), "places": queries.place_names()}
    return render(request, "today/tonight.html", context)


@guard(Permission.FIND_COURSES)
def find(request: HttpRequest) -> HttpResponse:
    """Find a course; what was looked for stands in no address, and in no line of the log."""
    kinds = finding.kinds(request.user)
    data = request.POST if request.method == "POST" else None
    form, found = forms.Find(data, kinds=kinds), None
    if data is not None and form.is_valid():
        asked = form.cleaned_data
        found = finding.look_for(kind=asked["kind"], text=asked["text"], by=request.user)
    context = {
        "form": form,
        "found": found,
        "most": finding.MOST,
        "everybody": may(request.user, Permission.ARRANGE_COURSES),
        "personal": "name" in kinds,
    }
    fragment = getattr(request, "htmx", False)
    status = 422 if form.errors and not fragment else 200
    return render(request, "today/find.html#found" if fragment else "today/find.html", context, status=status)


@guard(Permission.SEE_LOOKS)
def looks(request: HttpRequest) -> HttpResponse:
    """Show who has looked at what: everything, what is asked for, or ten at random; and first what is unusual."""
    return _looks(request)


def _looks(request: HttpRequest, status: int = 200, **more: str) -> HttpResponse:
    page = looking.page(looking.Asked.read(request.GET))
    return render(request, "today/looks.html", {**page, "unusual": alarms.unusual(), **more}, status=status)


@guard(Permission.SEE_LOOKS)
@require_POST
def spoken(request: HttpRequest) -> HttpResponse:
    """Write down that something unusual was spoken about."""
    mark, word = (looking.typed(request.POST.get(name, "")) for name in ("mark", "word"))
    try:
        services.speak_about(mark=mark, word=word, by=request.user)
    except services.SayHow:
        return _looks(request, 422, wrong=mark)
    except ValueError:
        # The day has gone on since the page was opened.
        messages.info(request, _("It is not on the list any more."))
        return redirect("today:looks")
    except services.NotAllowed:
        raise Http404 from None
    messages.success(request, _("Written down. It stands in the log with your name."))
    return redirect("today:looks")


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
        "copies": {kind: backups.newest(kind) for kind in backups.KINDS},
        "stale": backups.stale(),
    }
    return render(request, "today/health.html", context)
