"""Where the house's own pages are; the words of the addresses are Danish, and English under /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import public

app_name = "catalogue"
urlpatterns = [
    path("", public.front, name="front"),
    path(_("offers/"), public.offers, name="offers"),
    path(_("offers/<slug:key>/"), public.offer, name="offer"),
    path(_("groups/"), public.groups, name="groups"),
    path(_("questions/"), public.questions, name="questions"),
    path(_("what-we-keep/"), public.kept, name="kept"),
    path("hus.css", public.colours, name="colours"),
]
