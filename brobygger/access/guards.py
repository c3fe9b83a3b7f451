"""The doors on the staff side: closed unless a permission opens them.

`@guard(Permission.TAKE)` on a view, `require(user, Permission.TAKE)` in a deed, `may(user, Permission.TAKE)` for what a
view shows or hides, `{% if may.TAKE %}` on a page. Nobody comes through with a password alone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from brobygger.access import queries
from brobygger.access.roles import Permission

View = Callable[..., HttpResponse]
HANDED = "handed"


class NotAllowed(Exception):
    """This person may not do this."""


def may(user: Any, permission: Permission) -> bool:
    """Tell whether a person may do a thing today. Nobody, a stranger and one who has left may do nothing."""
    return bool(getattr(user, "is_authenticated", False)) and permission in queries.permissions(user)


def require(user: Any, *any_of: Permission) -> None:
    """Stop a deed unless the person may do one of these things."""
    if not any(may(user, permission) for permission in any_of):
        raise NotAllowed(", ".join(any_of))


class May:
    """Answers `{% if may.TAKE %}`; for nobody, everything is no."""

    def __init__(self, user: Any) -> None:
        """Remember who is asking."""
        self.user = user

    def __getitem__(self, name: str) -> bool:
        """Tell whether the viewer may do a thing, by the permission's name."""
        return may(self.user, Permission[name])


def viewer(request: HttpRequest) -> dict[str, Any]:
    """Give every page its viewer (None on the public side, where nobody is known) and what they may do."""
    user = getattr(request, "user", None)
    known = user if user is not None and user.is_authenticated else None
    return {"viewer": known, "may": May(known)}


def second_factor_done(request: HttpRequest) -> bool:
    """Tell whether this session began with a second factor and not with a password alone."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def send_to(request: HttpRequest, name: str, came_for: str | None = None) -> HttpResponse:
    """Send somebody on, and back here afterwards (or to `came_for`); a fragment asks the whole page to move."""
    fragment = getattr(request, "htmx", False)
    if came_for is None:
        came_for = request.get_full_path() if request.method == "GET" and not fragment else ""
    url = reverse(name) + (f"?{urlencode({REDIRECT_FIELD_NAME: came_for})}" if came_for else "")
    return HttpResponseClientRedirect(url) if fragment else redirect(url)


def hand_over(request: HttpRequest) -> None:
    """Sign somebody out on a screen that somebody else is given now, and remember in it that it was given away.

    Where one comes in with another house's sign-in, it is asked anew there too: see `was_handed_over`.
    """
    logout(request)
    request.session[HANDED] = True


def was_handed_over(request: HttpRequest) -> bool:
    """Tell whether this screen was given to somebody else since somebody sat down at it."""
    return bool(request.session.get(HANDED))


def _second_step(user: Any) -> str:
    """Name the page where somebody takes the second step with what they have, or sets one up."""
    kinds = Authenticator.Type
    if is_mfa_enabled(user, [kinds.TOTP]):
        return "mfa_reauthenticate"
    return "mfa_reauthenticate_webauthn" if is_mfa_enabled(user, [kinds.WEBAUTHN]) else "mfa_activate_totp"


def works_here(view: View) -> View:
    """Let a view be reached by everybody at work: signed in, and with a second factor in this session."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check, then answer."""
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            if request.method == "POST":
                said = _("You were not signed in, so nothing was sent. Go one page back to find your text.")
                messages.info(request, said, fail_silently=True)
            return send_to(request, "account_login")
        if not second_factor_done(request):
            return send_to(request, _second_step(user))
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    guarded.guarded_by = "works_here"  # type: ignore[attr-defined]
    return guarded


def way_in(view: View) -> View:
    """Mark a step of signing in: it is reached by those who are not in yet, and does its own checking."""

    @wraps(view)
    def stepped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, and keep the answer out of every store."""
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    stepped.guarded_by = "way_in"  # type: ignore[attr-defined]
    return stepped


def guard(*any_of: Permission) -> Callable[[View], View]:
    """Let a view be reached by those who may do one of these things; for others at work it does not exist (404)."""
    if not any_of:
        raise TypeError("guard() needs a permission; works_here is for a page everybody at work may see")

    def wrap(view: View) -> View:
        """Put the guard in front of one view."""

        @wraps(view)
        def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            """Answer only those who may."""
            if not any(may(request.user, permission) for permission in any_of):
                raise Http404
            return view(request, *args, **kwargs)

        guarded = works_here(permitted)
        guarded.guarded_by = any_of[0] if len(any_of) == 1 else any_of  # type: ignore[attr-defined]
        return guarded

    return wrap
