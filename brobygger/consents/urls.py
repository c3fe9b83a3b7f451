"""The addresses of consents, referrals and our own duty."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import staff

app_name = "consents"
urlpatterns = [
    path(_("thread/<uuid:thread>/consents/"), staff.family, name="family"),
    path(_("thread/<uuid:thread>/consents/record/"), staff.record, name="record"),
    path(_("thread/<uuid:thread>/consents/<uuid:consent>/withdraw/"), staff.withdraw, name="withdraw"),
    path(_("thread/<uuid:thread>/referral/"), staff.referral, name="referral"),
    path(_("thread/<uuid:thread>/referral/ring/"), staff.ring, name="ring"),
    path(_("thread/<uuid:thread>/referral/step/"), staff.move, name="move"),
    path(_("thread/<uuid:thread>/referral/same/<uuid:pair>/"), staff.decide, name="decide"),
    path(_("thread/<uuid:thread>/duty/"), staff.weigh, name="weigh"),
    path(_("duties/"), staff.duties, name="duties"),
    path(_("duties/<uuid:duty>/"), staff.duty, name="duty"),
]
