"""Addresses for people at work; the lead's address book puts them under /personale/ and /en/staff/."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.conf import settings
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from brobygger.access import staff
from brobygger.access.guards import way_in, works_here

# The names are allauth's, which finds its own pages by them. Sign-up, mail and forgotten passwords are not here.
sign_in = [
    path(_("sign-in/"), way_in(staff.SignInView.as_view()), name="account_login"),
    path(_("sign-out/"), way_in(account.logout), name="account_logout"),
    path(_("stopped/"), way_in(account.account_inactive), name="account_inactive"),
    path(_("second-step/"), way_in(staff.CodeView.as_view()), name="mfa_authenticate"),
    path(_("second-step/set-up/"), way_in(staff.FirstCodeView.as_view()), name="mfa_activate_totp"),
    path(_("second-step/once-more/"), way_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(_("passkey/"), way_in(staff.PasskeyIn.as_view()), name="mfa_login_webauthn"),
    path(_("passkey/once-more/"), way_in(staff.PasskeyAgain.as_view()), name="mfa_reauthenticate_webauthn"),
    path(_("password/once-more/"), way_in(account.reauthenticate), name="account_reauthenticate"),
]
if settings.OIDC_ISSUER:
    sign_in += [
        path(_("sign-in/with/<slug:provider_id>/"), way_in(staff.to_municipality), name="openid_connect_login"),
        path(_("sign-in/back/<slug:provider_id>/"), way_in(staff.from_municipality), name="openid_connect_callback"),
    ]
own = [
    path(_("password/"), works_here(account.password_change), name="account_change_password"),
    path(_("second-step/mine/"), works_here(mfa.index), name="mfa_index"),
    path(_("second-step/new-phone/"), works_here(staff.new_phone), name="mfa_deactivate_totp"),
    path(_("passkey/new/"), works_here(staff.NewPasskeyView.as_view()), name="mfa_add_webauthn"),
    path(_("passkey/<int:pk>/away/"), works_here(staff.PasskeyAway.as_view()), name="mfa_remove_webauthn"),
    path(_("spare-codes/"), works_here(staff.SpareCodesView.as_view()), name="mfa_view_recovery_codes"),
    path(_("spare-codes/new/"), works_here(staff.NewSpareCodesView.as_view()), name="mfa_generate_recovery_codes"),
]
pages = [
    path(_("roles/"), staff.roles, name="roles"),
    path(_("me/"), staff.me, name="me"),
    path(_("me/kept/"), staff.kept, name="kept"),
    path(_("me/kept/throw-away/"), staff.throw_away, name="throw_away"),
    path(_("me/sign-out-everywhere/"), staff.sign_out_everywhere, name="sign_out_everywhere"),
    path(_("me/calendar/open/"), staff.open_calendar, name="open_calendar"),
    path(_("me/calendar/close/"), staff.close_calendar, name="close_calendar"),
]
urlpatterns = [*sign_in, *own, path("", include((pages, "access")))]
