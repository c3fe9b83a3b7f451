"""The addresses of named courses."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "casework"
urlpatterns: list = [
    path(_("courses/"), staff.mine, name="mine"),
    path(_("courses/new/"), staff.begin, name="begin"),
    path(_("thread/<uuid:thread>/course/"), staff.begin, name="begin"),
    path(_("courses/<uuid:course>/"), staff.course, name="course"),
    path(_("courses/<uuid:course>/glass/"), staff.break_glass, name="break_glass"),
    path(_("courses/<uuid:course>/has-it/"), staff.assignments, name="assignments"),
    path(_("courses/<uuid:course>/end/"), staff.end, name="end"),
    path(_("courses/<uuid:course>/reopen/"), staff.reopen, name="reopen"),
    path(_("courses/<uuid:course>/person/"), staff.add_person, name="add_person"),
    path(_("courses/<uuid:course>/person/<uuid:member>/who/"), staff.identity, name="identity"),
    path(_("courses/<uuid:course>/person/<uuid:member>/known/<slug:kind>/"), staff.part, name="part"),
    path(_("courses/<uuid:course>/person/<uuid:member>/known/<slug:kind>/before/"), staff.history, name="history"),
    path(_("courses/<uuid:course>/person/<uuid:member>/notes/"), staff.notes, name="notes"),
    path(_("courses/<uuid:course>/person/<uuid:member>/notes/draft/"), staff.draft, {"kind": "record"}, name="draft"),
    path(_("courses/<uuid:course>/person/<uuid:member>/own/"), staff.notes, {"kind": "own_talks"}, name="own_talks"),
    path(_("courses/<uuid:course>/person/<uuid:member>/own/draft/"), staff.draft, {"kind": "own_talks"}, name="draft"),
    path(_("courses/<uuid:course>/known/<slug:kind>/"), staff.part, name="part"),
    path(_("courses/<uuid:course>/known/<slug:kind>/before/"), staff.history, name="history"),
]
