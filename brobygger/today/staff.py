"""The day in order of the clock."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from brobygger.access.guards import guard, may, works_here
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.intake import queries as intake


@works_here
def front(request: HttpRequest) -> HttpResponse:
    """Send everybody at work to the page they begin their day with."""
    first = [
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
        "now": clock.now(),
    }
    return render(request, "today/day.html#list" if getattr(request, "htmx", False) else "today/day.html", context)


@guard(Permission.SEE_HEALTH)
def health(request: HttpRequest) -> HttpResponse:
    """Show whether letters are being opened, without a word about anybody."""
    context = {
        "letters": len(door.waiting(limit=1000)),
        "weeks": sorted(door.waiting_weeks()),
        "counts": intake.counts(),
    }
    return render(request, "today/health.html", context)
