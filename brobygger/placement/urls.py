"""The addresses of placement."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "placement"
urlpatterns = [
    path(_("places/"), staff.start, name="start"),
    path(_("places/what-if/"), staff.what_if, name="what_if"),
    path(_("places/what-if/<uuid:compared>/"), staff.compared, name="compared"),
    path(_("places/year/"), staff.year, name="year"),
    path(_("places/why/<uuid:seat>/"), staff.why, name="why"),
    path(_("places/<uuid:plan>/"), staff.plan, name="plan"),
    path(_("places/<uuid:plan>/offer/<uuid:waiting>/"), staff.accept, name="accept"),
    path(_("places/<uuid:plan>/why-not/<uuid:waiting>/<uuid:group>/"), staff.why_not, name="why_not"),
]
