"""How allauth behaves in this house: nobody signs up, nothing is mailed, no address is noted, secrets lie sealed."""

import time
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from brobygger.access import guessing, middleware, queries, services
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.privacy import keyring

SEALED_FOR = "access.totp"
#: How we note a second step that was taken with the municipality.
ELSEWHERE = "elsewhere"

#: The few things worth saying after a form; allauth's other messages are not said.
SAID = {
    "account/messages/password_changed.txt": _("Your password is changed."),
    "mfa/messages/totp_activated.txt": _("Your phone is now your second step."),
    "mfa/messages/webauthn_added.txt": _("Your passkey works now."),
    "mfa/messages/webauthn_removed.txt": _("That passkey no longer opens anything."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new spare codes. The old ones no longer work."),
}


NOT_HIRED = _("The sign-in went well, but nobody with that e-mail works here. Ask the leader.")
NOT_OFFERED = _("The sign-in there did not work. Try again, or use your password here.")
INSTEAD = {
    "reauthenticate": _("Use your password instead"),
    "mfa_reauthenticate": _("Use the code from your phone instead"),
    "mfa_reauthenticate:webauthn": _("Use a passkey instead"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for people who were hired; there is no other way to an account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("That e-mail and password do not belong together. Look at both and try again."),
        "incorrect_password": _("That is not the password you have now."),
        "enter_current_password": _("That is not the password you have now."),
        "rate_limited": _("Too many tries. Wait a minute and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the house closed to sign-up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail nothing: an address is somewhere others may read."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Say nothing about where somebody comes from: guesses are counted without it (`access.guessing`)."""
        return "0.0.0.0"

    def get_login_stages(self) -> list[str]:
        """Put our second step in the place of allauth's."""
        theirs = f"{AuthenticateStage.__module__}.{AuthenticateStage.__name__}"
        ours = f"{__name__}.{SecondStep.__name__}"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check a password, slowly when there were many wrong ones; the same for an address nobody has."""
        email = credentials.get("email", "").strip().lower()
        with guessing.one_guess(request, "password", email, queries.by_email(email)) as guess:
            user = super().authenticate(request, **credentials)
            guess.wrong = user is None
        return user

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say only what we have words of our own for."""
        said = message or SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again, but not of somebody who typed it within the last minutes."""
        records = get_authentication_records(self.request, self.request.user) if self.request else []
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check the password once more, against the person who is signed in."""
        with guessing.one_guess(self.request, "password", user.email, user) as guess:
            guess.wrong = not user.check_password(password)
        return not guess.wrong

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Name the ways to be asked once more in our own words."""
        ways = super().get_reauthentication_methods(user)
        return [{**way, "description": INSTEAD[way["id"]]} for way in ways]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a trace of a wrong password on the account it was tried on."""
        services.note_failed_sign_in(email=credentials.get("email", ""), by="nobody")

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Leave a trace of the sign-in, know the device again and go on."""
        services.note_sign_in(by=user)
        response = super().post_login(request, user, **kwargs)
        guessing.know(request, response, user)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go where one was going; else begin at the worklist, or at one's own page if that is not one's work."""
        if asked := get_next_redirect_url(request):
            return asked
        if middleware.kept_form(request):
            return reverse("access:kept")
        if may(request.user, Permission.SEE_WORKLIST):
            return resolve_url(settings.LOGIN_REDIRECT_URL)
        return reverse("access:me")


class SecondStep(AuthenticateStage):
    """The second step at sign-in; not asked for twice when the municipality's own sign-in has taken it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        """Tell whether the second step is still to come."""
        records = get_authentication_records(request, self.login.user)
        vouched = any(one["method"] == "mfa" and one.get("type") == ELSEWHERE for one in records)
        return not vouched and super()._should_handle(request)


class MunicipalityAdapter(DefaultSocialAccountAdapter):
    """Sign-in with the municipality (OpenID Connect): only for people hired here, by their checked work e-mail."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Keep the house closed to sign-up."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find who it is among those hired; turn everybody else away with a sentence. Nothing they bring is stored."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            # Tying an account to one here, or only passing through: neither is offered, and neither may leave a mark.
            self._turn_away(request, NOT_OFFERED)
        said = sociallogin.account.extra_data
        checked = [one.email for one in sociallogin.email_addresses if one.verified is True]
        person = next(filter(None, map(queries.by_email, checked)), None)
        if person is None or not person.is_active:
            self._turn_away(request, NOT_HIRED)
        sociallogin.user = person
        if second_step_taken(said.get("id_token") or {}):
            record_authentication(request, person, "mfa", type=ELSEWHERE)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Go back to our own sign-in with a sentence when theirs did not work."""
        self._turn_away(request, NOT_OFFERED)

    def _turn_away(self, request: HttpRequest, said: Any) -> None:
        """Go back to the sign-in page and say why."""
        messages.error(request, said)
        raise ImmediateHttpResponse(redirect("account_login"))


def second_step_taken(claims: dict[str, Any]) -> bool:
    """Read in what the municipality says whether a second step was taken there (RFC 8176, or a level we agreed on)."""
    methods = claims.get("amr")
    told = set(methods) if isinstance(methods, list) else set()
    return "mfa" in told or bool(settings.OIDC_ACR and claims.get("acr") in settings.OIDC_ACR)


class MfaAdapter(DefaultMFAAdapter):
    """The second factor, with its secrets sealed before they reach the database."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Codes change every half minute: take the one you see now."),
        "cannot_delete_authenticator": _("You cannot be without a second step."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Tie passkeys to the name in the address line, without its port."""
        host = self.request.get_host().rsplit(":", 1)[0] if self.request else "localhost"
        return {"id": host, "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Name a person to their passkey: what their phone shows when it asks."""
        return {"id": user_pk_to_url_str(user).encode(), "display_name": user.first_name, "name": user.email}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Name a passkey after the day it was made, until somebody finds a better name."""
        return date_format(clock.local(clock.now()), "j. F Y")

    def build_totp_svg(self, url: str) -> str:
        """Draw the square the phone reads, to stand in the page itself: no picture from elsewhere is let in."""
        drawing = super().build_totp_svg(url)
        start, path = drawing.index("<svg"), drawing.index("<path")
        # White behind it, also at night: a camera reads dark on light.
        return mark_safe(f'{drawing[start:path]}<rect width="100%" height="100%" fill="#fff"/>{drawing[path:]}')

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return keyring.seal_small(SEALED_FOR, text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret from the database."""
        return keyring.open_small(SEALED_FOR, encrypted_text).decode()
