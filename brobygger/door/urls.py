"""Addresses a person can say on the phone."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import family, partner, public

app_name = "door"
urlpatterns = [
    path(_("child/"), public.write, {"door": "child"}, name="write"),
    path(_("young/"), public.write, {"door": "young"}, name="write"),
    path(_("parent/"), public.write, {"door": "parent"}, name="write"),
    path(_("professional/"), public.write, {"door": "professional"}, name="write"),
    path(_("professional/refer/"), partner.refer, name="refer"),
    path(_("leave/"), public.leave, name="leave"),
    path(_("calendar/"), public.calendar, name="calendar"),
    path(_("back/"), family.back, name="back"),
    path(_("back/write/"), family.act, {"action": "text"}, name="act"),
    path(_("back/choose/"), family.act, {"action": "choose"}, name="act"),
    path(_("back/move/"), family.act, {"action": "move"}, name="act"),
    path(_("back/cancel/"), family.act, {"action": "cancel"}, name="act"),
    path(_("back/reach/"), family.act, {"action": "reach"}, name="act"),
    path(_("back/forget/"), family.act, {"action": "unreach"}, name="act"),
    path(_("back/address/"), family.act, {"action": "address"}, name="act"),
    path(_("back/take-back/"), family.act, {"action": "withdraw"}, name="act"),
    path(_("back/name/"), family.name, name="name"),
    path(_("back/rights/"), family.act, {"action": "rights"}, name="act"),
    path(_("back/seat/"), family.act, {"action": "seat"}, name="act"),
    path(_("back/answer/"), family.sheet, name="sheet"),
    path(_("answer/<slug:codes>/<slug:secret>/"), public.asked, name="asked"),
    path(_("back/burn/"), family.burn, name="burn"),
    path(_("back/new-key/"), family.rekey, name="rekey"),
]
