"""Pages for the person at work: signing in, one's keys, one's own page, and the table of who may do what."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.providers.openid_connect import views as municipality
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from brobygger.access import middleware, queries, services
from brobygger.access.guards import guard, works_here
from brobygger.access.roles import Permission, Role
from brobygger.ground import clock


class SignInView(LoginView):
    """The first step: e-mail and password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the municipality's sign-in when there is one, and the demo's people, in the demo alone."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_people"] = queries.demo_people()
            context["demo_password"] = settings.DEMO_PASSWORD
        return {**context, "municipality": settings.OIDC_NAME}


class CodeView(AuthenticateView):
    """The second step: the code from the phone."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell which ways this person has, and add the code, in the demo alone."""
        context = super().get_context_data(**kwargs)
        user = self.stage.login.user
        if settings.DEMO:
            context["demo_code"] = queries.demo_code(user)
        return {**context, "has_passkey": bool(queries.passkeys(user))}


class FirstCodeView(ActivateTOTPView):
    """Setting up the second factor; the code that proves it also counts as this session's second step."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Cut the secret into groups, for those who type it."""
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        return {**context, "secret_groups": [secret[start : start + 4] for start in range(0, len(secret), 4)]}

    def form_valid(self, form: Any) -> HttpResponse:
        """Turn the factor on and let the person in."""
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type="totp")
        return response


class NewPhoneView(DeactivateTOTPView):
    """Taking the second factor off, which leads straight to setting up the next one."""

    success_url = reverse_lazy("mfa_activate_totp")

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it off, and let nothing be opened with this session until a new one is set up."""
        response = super().form_valid(form)
        clear_authentication_records(self.request)
        return response


class NewPasskeyView(AddWebAuthnView):
    """Making a passkey: kept in the phone or key itself, and opened there by a finger, a face or a code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask for a passkey that can stand alone, since it is two factors in one."""
        context = super().get_context_data(**kwargs)
        return {**context, "js_data": {"creation_options": auth.begin_registration(self.request.user, True)}}

    def get_success_url(self) -> str:
        """Go back to where one's keys are."""
        return reverse("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it into use."""
        services.note_factor(what="passkey_added", by=self.request.user)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say that it did not work; the page makes a new question for the phone."""
        messages.error(self.request, _("The passkey could not be made. Try once more."))
        return redirect("mfa_add_webauthn")


class PasskeyAway(RemoveWebAuthnView):
    """Laying a passkey away, with a phone that is lost or sold."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Lay it away."""
        services.note_factor(what="passkey_removed", by=self.request.user)
        return super().form_valid(form)


class PasskeyIn(LoginWebAuthnView):
    """Coming in with a passkey alone."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say that the passkey was not known, and nothing more."""
        messages.error(self.request, _("That passkey is not known here. Use your password, or another passkey."))
        return redirect("account_login")


class PasskeyAgain(ReauthenticateWebAuthnView):
    """The passkey, asked for once more."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say that the passkey was not known, and ask again."""
        messages.error(self.request, _("That passkey is not known here. Use your password, or another passkey."))
        return redirect("mfa_reauthenticate_webauthn")


def to_municipality(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the municipality's own sign-in."""
    return _ask_municipality(request, municipality.login, provider_id)


def from_municipality(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the municipality's own sign-in."""
    return _ask_municipality(request, municipality.callback, provider_id)


def _ask_municipality(request: HttpRequest, view: Callable[..., HttpResponse], provider_id: str) -> HttpResponse:
    """Ask the municipality, and say so when it does not answer or answers what nobody understands."""
    try:
        return view(request, provider_id)
    except (RequestException, KeyError):
        messages.error(request, _("The sign-in there does not answer. Use your password here, or try again later."))
        return redirect("account_login")


@require_GET
@works_here
def kept(request: HttpRequest) -> HttpResponse:
    """Give back what was being sent when a session ended, to be read and sent again."""
    fields = middleware.kept_form(request)
    if not fields:
        return redirect("access:me")
    texts = [text for values in fields.values() for text in values if " " in text.strip()]
    hidden = [(name, text) for name, values in fields.items() for text in values]
    page = {"to": request.session["kept"]["path"], "texts": texts, "hidden": hidden}
    return render(request, "access/kept.html", page)


@require_POST
@works_here
def throw_away(request: HttpRequest) -> HttpResponse:
    """Forget what was being sent when a session ended."""
    request.session.pop("kept", None)
    messages.success(request, _("It is gone."))
    return redirect("access:me")


@require_POST
@works_here
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out here and wherever else one is signed in."""
    services.leave_every_seat(user=request.user, by=request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


@require_GET
@guard(Permission.SEE_ROLES)
def roles(request: HttpRequest) -> HttpResponse:
    """Show who may do what, and who holds which role today."""
    page = {"roles": list(Role), "table": queries.table(), "mark": queries.table_mark(), "holders": queries.holders()}
    return render(request, "access/roles.html", {**page, "today": clock.today()})


@require_GET
@works_here
def me(request: HttpRequest) -> HttpResponse:
    """Show one's own page."""
    return _my_page(request)


@require_POST
@works_here
def open_calendar(request: HttpRequest) -> HttpResponse:
    """Make an address for one's own calendar feed and show it this once."""
    return _my_page(request, token=services.set_calendar_token(user=request.user, by=request.user))


@require_POST
@works_here
def close_calendar(request: HttpRequest) -> HttpResponse:
    """Close one's own calendar feed."""
    services.end_calendar_token(user=request.user, by=request.user)
    return redirect("access:me")


def _my_page(request: HttpRequest, token: str = "") -> HttpResponse:
    """Draw one's own page, with a new calendar address when there is one to show."""
    given = queries.permissions(request.user)
    page = {
        "held": queries.roles_held(request.user),
        "given": [one for one in Permission if one in given],
        "token": token,
        "seats": queries.seats(request.user),
    }
    return render(request, "access/me.html", page)
