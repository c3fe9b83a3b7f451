"""Pages for the person at work: signing in, one's own page, and the table of who may do what."""

from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_GET, require_POST

from brobygger.access import queries, services
from brobygger.access.guards import guard, works_here
from brobygger.access.roles import Permission, Role
from brobygger.ground import clock


class SignInView(LoginView):
    """The first step: e-mail and password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's people, in the demo alone."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_people"] = queries.demo_people()
            context["demo_password"] = settings.DEMO_PASSWORD
        return context


class CodeView(AuthenticateView):
    """The second step: the code from the phone."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add this person's code, in the demo alone."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_code"] = queries.demo_code(self.stage.login.user)
        return context


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


@require_GET
@guard(Permission.SEE_ROLES)
def roles(request: HttpRequest) -> HttpResponse:
    """Show who may do what, and who holds which role today."""
    page = {"roles": list(Role), "table": queries.table(), "holders": queries.holders(), "today": clock.today()}
    return render(request, "access/roles.html", page)


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
    held = queries.roles_held(request.user)
    given = queries.permissions(request.user)
    page = {"held": held, "given": [one for one in Permission if one in given], "token": token}
    return render(request, "access/me.html", page)
