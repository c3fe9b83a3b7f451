"""Every address of the house. Danish stands alone, English under /en/; no cookie chooses a language."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from . import machine

_public = [
    path("", include("brobygger.catalogue.urls")),
    path("", include("brobygger.content.urls")),
    path("", include("brobygger.door.urls")),
]
_staff = (
    []
    if settings.SIDE == "door"
    else [
        path(_("staff/"), include("brobygger.today.urls")),
        path(_("staff/"), include("brobygger.intake.urls")),
        path(_("staff/"), include("brobygger.consents.urls")),
        path(_("staff/"), include("brobygger.casework.urls")),
        path(_("staff/"), include("brobygger.groups.urls")),
        path(_("staff/"), include("brobygger.calendars.urls")),
        path(_("staff/"), include("brobygger.placement.urls")),
        path(_("staff/"), include("brobygger.outcomes.urls")),
        path(_("staff/"), include("brobygger.rights.urls")),
        path(_("staff/"), include("brobygger.reports.urls")),
        path(_("staff/"), include("brobygger.outbox.urls")),
        path(_("staff/"), include("brobygger.appointments.urls")),
        path(_("staff/"), include("brobygger.access.urls")),
    ]
)
_here = [] if settings.SIDE == "staff" else _public

urlpatterns = [
    path("healthz", machine.health),
    path("robots.txt", machine.robots),
    path("favicon.ico", machine.icon),
    *i18n_patterns(*_here, *_staff, prefix_default_language=False),
]
handler404 = machine.not_found
handler500 = machine.broken
