"""The addresses of calendars."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import machine, staff

app_name = "calendars"
urlpatterns: list = [
    path(_("groups/calendars/"), staff.feeds, name="feeds"),
    path(_("groups/calendars/<slug:secret>.ics"), machine.feed, name="feed"),
]
