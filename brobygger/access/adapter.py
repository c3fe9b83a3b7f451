"""How allauth behaves in this house: nobody signs up, nothing is mailed, secrets are sealed at rest."""

import time
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from brobygger.access import services
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.privacy import keyring

SEALED_FOR = "access.totp"

#: The few things worth saying after a form; allauth's other messages are not said.
SAID = {
    "account/messages/password_changed.txt": _("Your password is changed."),
    "mfa/messages/totp_activated.txt": _("Your phone is now your second step."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new spare codes. The old ones no longer work."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for people who were hired; there is no other way to an account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("That e-mail and password do not belong together. Look at both and try again."),
        "incorrect_password": _("That is not the password you have now."),
        "enter_current_password": _("That is not the password you have now."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
        "rate_limited": _("Too many tries. Wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the house closed to sign-up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail nothing: an address is somewhere others may read."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Name where a sign-in comes from, for the limit on guesses; a socket without addresses counts as one place."""
        return request.META.get("REMOTE_ADDR") or "0.0.0.0"

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
        return bool(user.check_password(password))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a trace of a wrong password on the account it was tried on."""
        services.note_failed_sign_in(email=credentials.get("email", ""), by="nobody")

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Leave a trace of the sign-in and go on."""
        services.note_sign_in(by=user)
        return super().post_login(request, user, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Begin at the worklist, or at one's own page if the worklist is not one's work."""
        if may(request.user, Permission.SEE_WORKLIST):
            return resolve_url(settings.LOGIN_REDIRECT_URL)
        return reverse("access:me")


class MfaAdapter(DefaultMFAAdapter):
    """The second factor, with its secrets sealed before they reach the database."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Codes change every half minute: take the one you see now."),
        "cannot_delete_authenticator": _("You cannot be without a second step."),
    }

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
