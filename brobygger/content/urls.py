"""Where the notification guide is; the words of the addresses are Danish, and English under /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import public

app_name = "content"
urlpatterns = [
    path(_("notification/"), public.guide, name="guide"),
    path(_("notification/municipalities/"), public.municipalities, name="municipalities"),
    path(_("notification/calendar/"), public.reminder, name="reminder"),
]
