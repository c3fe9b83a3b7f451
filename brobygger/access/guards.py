"""The doors on the staff side: closed unless a permission opens them.

`@guard(Permission.TAKE)` on a view, `require(user, Permission.TAKE)` in a deed, `may(user, Permission.TAKE)` for a page
that shows or hides. Nobody comes through with a password alone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from brobygger.access import queries
from brobygger.access.roles import Permission

View = Callable[..., HttpResponse]


class NotAllowed(Exception):
    """This person may not do this."""


def may(user: Any, permission: Permission) -> bool:
    """Tell whether a person may do a thing today. Nobody, a stranger and one who has left may do nothing."""
    return bool(getattr(user, "is_authenticated", False)) and permission in queries.permissions(user)


def require(user: Any, *any_of: Permission) -> None:
    """Stop a deed unless the person may do one of these things."""
    if not any(may(user, permission) for permission in any_of):
        raise NotAllowed(", ".join(any_of))


def second_factor_done(request: HttpRequest) -> bool:
    """Tell whether this session began with a second factor and not with a password alone."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _send_to(request: HttpRequest, name: str) -> HttpResponse:
    """Send somebody on, and back here afterwards; a fragment asks the whole page to move."""
    came_for = request.get_full_path() if request.method == "GET" and not getattr(request, "htmx", False) else ""
    url = reverse(name) + (f"?{urlencode({REDIRECT_FIELD_NAME: came_for})}" if came_for else "")
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


def works_here(view: View) -> View:
    """Let a view be reached by everybody at work: signed in, and with a second factor in this session."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check, then answer."""
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return _send_to(request, "account_login")
        if not second_factor_done(request):
            has_one = is_mfa_enabled(user, [Authenticator.Type.TOTP])
            return _send_to(request, "mfa_reauthenticate" if has_one else "mfa_activate_totp")
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
