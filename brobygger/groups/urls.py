"""The addresses of groups."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "groups"
urlpatterns: list = [
    # Groups
    path(_("groups/"), staff.listing, name="list"),
    path(_("groups/make/"), staff.make, name="make"),
    path(_("groups/<uuid:group>/"), staff.group, name="group"),
    path(_("groups/<uuid:group>/change/"), staff.change, name="change"),
    path(_("groups/<uuid:group>/leaders/"), staff.leaders, name="leaders"),
    path(_("groups/<uuid:group>/close/"), staff.close, name="close"),
    path(_("meetings/<uuid:meeting>/move/"), staff.meeting_move, name="meeting_move"),
    path(_("meetings/<uuid:meeting>/call-off/"), staff.meeting_cancel, name="meeting_cancel"),
    path(_("meetings/<uuid:meeting>/stand-in/"), staff.stand_in, name="stand_in"),
    # Seats
    path(_("groups/waiting/"), staff.waiting, name="waiting"),
    path(_("groups/<uuid:group>/offer/"), staff.offer, name="offer"),
    path(_("groups/<uuid:group>/offer/<uuid:course>/<uuid:member>/"), staff.offer, name="offer"),
    path(_("courses/<uuid:course>/groups/"), staff.of_course, name="of_course"),
    path(_("courses/<uuid:course>/person/<uuid:member>/seat/"), staff.offer, name="offer"),
    path(_("courses/<uuid:course>/person/<uuid:member>/wait/"), staff.wait, name="wait"),
    path(_("courses/<uuid:course>/person/<uuid:member>/apart/"), staff.kept_apart, name="kept_apart"),
    path(_("seats/<uuid:seat>/"), staff.seat, name="seat"),
    # The evening
    path(_("evenings/<uuid:meeting>/"), staff.evening, name="evening"),
    path(_("evenings/<uuid:meeting>/folder/"), staff.roster_print, name="roster_print"),
    path(_("evenings/<uuid:meeting>/rang/<uuid:seat>/"), staff.rang, name="rang"),
    path(_("seats/<uuid:seat>/rang/"), staff.rang, name="rang"),
]
