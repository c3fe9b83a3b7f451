"""The addresses of a person's rights."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "rights"
urlpatterns = [
    path(_("rights/"), staff.waiting, name="waiting"),
    path(_("course/<uuid:course>/rights/"), staff.course, name="course"),
    path(_("course/<uuid:course>/rights/new/"), staff.register, name="register"),
    path(_("course/<uuid:course>/hand-over/"), staff.hand_over, name="hand_over"),
    path(_("course/<uuid:course>/hand-over/again/"), staff.hand_over_again, name="hand_over_again"),
    path(_("rights/<uuid:request_id>/"), staff.asked, name="request"),
    path(_("rights/<uuid:request_id>/who/"), staff.appoint, name="appoint"),
    path(_("rights/<uuid:request_id>/about/"), staff.person, name="person"),
    path(_("rights/<uuid:request_id>/own-talks/"), staff.own_talks, name="own_talks"),
    path(_("rights/<uuid:request_id>/look/<uuid:item>/"), staff.item, name="item"),
    path(_("rights/<uuid:request_id>/ready/"), staff.ready, name="ready"),
    path(_("rights/<uuid:request_id>/paper/"), staff.paper, name="paper"),
    path(_("rights/<uuid:request_id>/hand-out/"), staff.hand_out, name="hand_out"),
    path(_("rights/<uuid:request_id>/correct/"), staff.correct, name="correct"),
    path(_("rights/<uuid:request_id>/erase/"), staff.erase, name="erase"),
    path(_("rights/<uuid:request_id>/answer/<slug:how>/"), staff.answer, name="answer"),
    path(_("endings/"), staff.ends, name="endings"),
    path(_("endings/course/<uuid:course>/"), staff.hold_back, name="hold_back"),
    path(_("endings/hold/<uuid:hold>/"), staff.hold, name="hold"),
]
