"""The addresses of the outcomes."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import public, staff

app_name = "outcomes"
urlpatterns = [
    path(_("questions/"), staff.due, name="due"),
    path(_("questions/not-seen/"), staff.left, name="left"),
    path(_("questions/rights/"), staff.licences, name="licences"),
    path(_("questions/<uuid:round>/paper/"), staff.paper, name="paper"),
    path(_("questions/<uuid:round>/leave-out/"), staff.skip, name="skip"),
    path(_("questions/<uuid:round>/tablet/"), staff.tablet, name="tablet"),
    path(_("tablet/<slug:ticket>/"), public.at_tablet, name="at_tablet"),
    path(_("questions/<uuid:round>/link/"), staff.link, name="link"),
    path(_("questions/<uuid:round>/yes/"), staff.agree, name="agree"),
    path(_("questions/<uuid:round>/seen/"), staff.seen, name="seen"),
    path(_("answers/<uuid:sheet>/"), staff.sheet, name="sheet"),
    path(_("answers/<uuid:sheet>/checked/"), staff.checked, name="checked"),
    path(_("answers/<uuid:sheet>/correct/"), staff.correct, name="correct"),
    path(_("courses/<uuid:course>/answers/"), staff.of_course, name="of_course"),
    path(_("courses/<uuid:course>/person/<uuid:member>/answers/"), staff.curve, name="curve"),
]
