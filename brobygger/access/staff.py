"""Pages for the person at work: signing in, one's keys, one's own page, and the table of who may do what."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as municipality
from allauth.utils import get_request_param
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.generic.edit import FormView
from requests import RequestException

from brobygger.access import middleware, queries, services
from brobygger.access.adapter import NOT_OFFERED
from brobygger.access.guards import guard, was_handed_over, works_here
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
        services.note_factor(what="phone_added", by=self.request.user)
        if self.did_generate_recovery_codes:
            services.note_factor(what="codes_made", by=self.request.user)
        record_authentication(self.request, self.request.user, method="mfa", type="totp")
        return response


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class NextPhoneView(FirstCodeView):
    """Changing phones when the phone is the only key: the old one works until the new one has shown a code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Pass by allauth's own, which sends away whoever has a phone already."""
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say that the old phone works until then."""
        return {**super().get_context_data(**kwargs), "changing": True}

    def form_valid(self, form: Any) -> HttpResponse:
        """Let the new phone take the old one's place."""
        with transaction.atomic():
            seat = self.request.session.get("seat", "")
            services.lay_key_away(what="phone_removed", seat=seat, by=self.request.user, instead=True)
            return super().form_valid(form)


class NewPhoneView(DeactivateTOTPView):
    """Taking the phone off when a passkey is left, which leads straight to setting up the next phone."""

    success_url = reverse_lazy("mfa_activate_totp")

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it off, and let nothing be opened with this session until a new one is set up."""
        try:
            with transaction.atomic():
                seat = self.request.session.get("seat", "")
                services.lay_key_away(what="phone_removed", seat=seat, by=self.request.user)
                response = super().form_valid(form)
        except services.LastKey:
            return redirect("mfa_deactivate_totp")
        clear_authentication_records(self.request)
        return response


def new_phone(request: HttpRequest) -> HttpResponse:
    """Change phones: in one step when the phone is the only key, else by laying the old one away first."""
    only_phone = queries.only_key(request.user) and queries.has_phone(request.user)
    view: Callable[..., Any] = (NextPhoneView if only_phone else NewPhoneView).as_view()
    answer: HttpResponse = view(request)
    return answer


class SpareCodesView(ViewRecoveryCodesView):
    """The spare codes, to be written down."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show them, and leave a trace of it."""
        context = super().get_context_data(**kwargs)
        services.look_at_codes(by=self.request.user)
        return context


class NewSpareCodesView(GenerateRecoveryCodesView):
    """New spare codes in the place of the old."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them."""
        response = super().form_valid(form)
        services.note_factor(what="codes_made", by=self.request.user)
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
        response = super().form_valid(form)
        services.note_factor(what="passkey_added", by=self.request.user)
        if self.did_generate_recovery_codes:
            services.note_factor(what="codes_made", by=self.request.user)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say that it did not work; the page makes a new question for the phone."""
        messages.error(self.request, _("The passkey could not be made. Try once more."))
        return redirect("mfa_add_webauthn")


class PasskeyAway(RemoveWebAuthnView):
    """Laying a passkey away, with a phone that is lost or sold."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Lay it away, unless it is the last."""
        try:
            with transaction.atomic():
                seat = self.request.session.get("seat", "")
                services.lay_key_away(what="passkey_removed", seat=seat, by=self.request.user)
                return super().form_valid(form)
        except services.LastKey:
            said = _("This is your only key, so it stays. Make another passkey or set up your phone first.")
            messages.error(self.request, said)
            return redirect("mfa_index")


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
    """Go to the municipality's own sign-in; only to sign in, whatever else the address asks for."""
    if get_request_param(request, "process", AuthProcess.LOGIN) != AuthProcess.LOGIN:
        messages.error(request, NOT_OFFERED)
        return redirect("account_login")
    if was_handed_over(request):
        # Who holds the tablet now is not who signed in on it: what they remember there lets nobody in.
        anew = request.GET.copy()
        anew["auth_params"] = "prompt=login&max_age=0"
        request.GET = anew  # type: ignore[assignment]
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
    # What a page says stood there before is no text of theirs.
    said = [values for name, values in fields.items() if not name.endswith("_was")]
    texts = [text for values in said for text in values if " " in text.strip()]
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
