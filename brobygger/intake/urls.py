"""The worklist's addresses."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "intake"
urlpatterns = [
    path(_("worklist/"), staff.worklist, name="worklist"),
    path(_("call/"), staff.call, name="call"),
    path(_("call/undo/"), staff.undo_call, name="undo_call"),
    path(_("thread/<uuid:thread>/"), staff.thread, name="thread"),
    path(_("thread/<uuid:thread>/take/"), staff.take, name="take"),
    path(_("thread/<uuid:thread>/answer/"), staff.answer, name="answer"),
    path(_("thread/<uuid:thread>/agree/"), staff.agree, name="agree"),
    path(_("thread/<uuid:thread>/signpost/"), staff.signpost, name="signpost"),
    path(_("thread/<uuid:thread>/hand-over/"), staff.hand_over, name="hand_over"),
    path(_("thread/<uuid:thread>/contact/"), staff.contact, name="contact"),
    path(_("thread/<uuid:thread>/glass/"), staff.break_glass, name="break_glass"),
    path(_("thread/<uuid:thread>/end/"), staff.end, name="end"),
]
