"""Addresses of the day."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "today"
urlpatterns = [
    path("", staff.front, name="front"),
    path(_("day/"), staff.day, name="day"),
    path(_("health/"), staff.health, name="health"),
]
