"""Addresses of the visit slip, the working hours and the calendar feed."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import machine, staff

app_name = "appointments"
urlpatterns = [
    path(_("visit/<uuid:appointment>/"), staff.slip, name="slip"),
    path(_("visit/<uuid:appointment>/call-off/"), staff.call_off, name="call_off"),
    path(_("hours/"), staff.hours, name="hours"),
    path(_("feed/<slug:token>.ics"), machine.feed, name="feed"),
]
