"""The notification guide. It is the same for everybody: what somebody presses or writes never comes here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from brobygger.ground import clock
from brobygger.ground.guards import public

from . import queries
from .forms import SentOn


@public
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show the whole walk in one page, so that walking it asks nothing of us."""
    today = clock.today()
    due = queries.receipt_by(today)
    context = {
        "law": queries.law(),
        "today": {"on": today, "due": due},
        "file": queries.reminder(due),
        "sparring": queries.takes_professionals(),
    }
    return render(request, "content/guide.html", context)


@public
@require_safe
def municipalities(request: HttpRequest) -> HttpResponse:
    """List the 98 municipalities and what we know of each, and the rules behind the guide with their sources."""
    today = clock.today()
    letters = [
        (letter, [(each, queries.region(each.code, today)) for each in found])
        for letter, found in queries.municipalities().items()
    ]
    return render(request, "content/municipalities.html", {"law": queries.law(), "letters": letters})


@public
@require_safe
def reminder(request: HttpRequest) -> HttpResponse:
    """Give a calendar file for the day the receipt ought to have come; without a day that can be read, ask for one."""
    form = SentOn(request.GET if "sent" in request.GET else None, initial={"sent": clock.today()})
    if not form.is_valid():
        return render(request, "content/reminder.html", {"form": form}, status=422 if form.is_bound else 200)
    file = queries.reminder(queries.receipt_by(form.cleaned_data["sent"]))
    headers = {"Content-Disposition": 'attachment; filename="husk.ics"'}
    return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=headers)
