"""Addresses of the day."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "today"
urlpatterns = [
    path("", staff.front, name="front"),
    path(_("morning/"), staff.morning, name="morning"),
    path(_("gauges/"), staff.gauges, name="gauges"),
    path(_("day/"), staff.day, name="day"),
    path(_("week/"), staff.week, name="week"),
    path(_("rooms/"), staff.rooms, name="rooms"),
    path(_("looks/"), staff.looks, name="looks"),
    path(_("looks/family/"), staff.family_looks, name="family_looks"),
    path(_("looks/spoken/"), staff.spoken, name="spoken"),
    path(_("tonight/"), staff.tonight, name="tonight"),
    path(_("find/"), staff.find, name="find"),
    path(_("health/"), staff.health, name="health"),
]
