"""The visit slip, one's own working hours, and calling a time off from the house's side."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access.guards import guard
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock

from . import forms, queries, services


@guard(Permission.SEE_VISIT_SLIP)
def slip(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show where to go, on the day, to the one who goes there."""
    found = queries.mine(request.user, appointment)
    if found is None or found.where != "home" or found.worker_id != request.user.pk:
        raise Http404
    try:
        address, today = services.look_at_address(appointment=found, by=request.user), True
    except services.NotTheDay:
        address, today = None, False
    return render(request, "appointments/slip.html", {"appointment": found, "address": address, "today": today})


@guard(Permission.ANSWER)
@require_POST
def call_off(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Call off one of one's own times and tell the family."""
    found = queries.mine(request.user, appointment)
    if found is None or found.worker_id != request.user.pk or found.cancelled:
        raise Http404
    services.call_off_and_tell(appointment=found, by=request.user)
    messages.success(request, _("Called off. The family is told when they come back; offer them new times."))
    return redirect("today:day")


@guard(Permission.EDIT_HOURS)
def hours(request: HttpRequest) -> HttpResponse:
    """Show one's working hours, or set them from today on."""
    places = [(place.key, place) for place in catalogue.places()]
    standing = {each.weekday: each for each in queries.hours_of(request.user, clock.today())}
    data = request.POST if request.method == "POST" else None
    form = forms.WorkingWeek(data, places=places, standing=standing)
    if data is not None and form.is_valid():
        services.set_hours(worker=request.user, hours=form.hours(), by=request.user)
        messages.success(request, _("Your hours are set from today."))
        return redirect("appointments:hours")
    return render(request, "appointments/hours.html", {"form": form}, status=422 if data is not None else 200)
