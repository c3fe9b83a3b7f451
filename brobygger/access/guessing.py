"""Guessing at a password or a code is slow, and nobody's guessing shuts somebody else out.

A device that has come all the way in carries a signed mark and counts its own mistakes. Everybody else's mistakes at an
account are counted together and make strangers wait, longer each time, never for ever; the known device does not
notice. No address of anybody is kept: a stranger is whoever carries no mark.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brobygger.access import services

SALT = "access.device"
#: How long a device stays known, in seconds. Longer than a summer holiday.
KNOWN_FOR = 180 * 24 * 3600
#: How many people may share one machine at the reception.
SHARED_BY = 8


@dataclass
class Guess:
    """One guess, right unless somebody says it was wrong."""

    wrong: bool = False


def cookie_name() -> str:
    """Name the mark; beside the session's, so that two houses on one machine do not share it."""
    return f"{settings.SESSION_COOKIE_NAME}-known"


def marks(request: HttpRequest) -> dict[str, str]:
    """Read who has come all the way in from this device, and the device's number for each."""
    try:
        held = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def know(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Mark the device somebody has come all the way in from."""
    held = marks(request)
    number = held.pop(str(user.pk), None) or secrets.token_urlsafe(12)
    kept = dict([*list(held.items())[-(SHARED_BY - 1) :], (str(user.pk), number)])
    response.set_cookie(
        cookie_name(),
        signing.dumps(kept, salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def lot(request: HttpRequest, key: str, account: str, person: Any) -> str:
    """Name the counter a guess belongs to: this device's own, or that of all strangers at the account."""
    device = marks(request).get(str(person.pk), "") if person is not None else ""
    told = "\n".join((key, account, device)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), told, "sha256").hexdigest()


@contextmanager
def one_guess(request: HttpRequest, key: str, account: str, person: Any) -> Iterator[Guess]:
    """Let one guess be made, counted before it is checked; a right one is taken out of the count again."""
    which = lot(request, key, account, person)
    if wait := services.count_guess(lot=which, by="nobody"):
        raise ValidationError(said(wait), code="wait")
    guess = Guess()
    yield guess
    if not guess.wrong:
        services.forget_guess(lot=which, by="nobody")


def said(wait: timedelta) -> str:
    """Say how long to wait, in words."""
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        long = ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    else:
        minutes = -(-seconds // 60)
        long = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return _("Too many tries. Wait %(long)s and try again.") % {"long": long}
