"""Addresses of what did not get through."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "outbox"
urlpatterns = [
    path(_("unsent/"), staff.failed, name="failed"),
    path(_("unsent/<uuid:notice>/again/"), staff.again, name="again"),
    path(_("unsent/<uuid:notice>/drop/"), staff.drop, name="drop"),
]
