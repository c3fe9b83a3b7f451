"""Sessions, sign-in and form protection for the staff side, and nothing at all for anybody else.

A family's request passes straight through: no session is looked up, nobody is known, no cookie can be set. The usual
middlewares are composed here instead of in MIDDLEWARE so that this holds by construction and not by agreement.
"""

import time
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any

from allauth.account.middleware import AccountMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.middleware import HtmxMiddleware

from brobygger.access import services
from brobygger.access.guards import send_to
from brobygger.access.roles import Permission
from brobygger.privacy import seal

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

#: What a text that was sent too late is sealed for, and how long it can be had back.
KEPT, KEPT_FOR = "access.kept", timedelta(hours=1)
#: How often a session notes that somebody is there, in seconds.
NOTED_EVERY = 30
SAID = {
    "idle": _("You were signed out, because nothing happened here for a while."),
    "day": _("You were signed out: a sign-in lasts one working day."),
    "elsewhere": _("You were signed out here: from another place, or because something about your access changed."),
}


def sat_down(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """Note in a new session where and when somebody sat down."""
    now = time.time()
    request.session.update({"seat": services.take_seat(user=user, by=user), "began": now, "seen": now})


def stood_up(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """Give the seat back when somebody signs out."""
    if user is not None and request.session.get("seat"):
        services.leave_seat(user=user, seat=request.session["seat"], by=user)


def changed_the_lock(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """End every other session of somebody who has a new password."""
    services.keep_one_seat(user=user, seat=request.session.get("seat", ""), by=user)


class Sitting:
    """Ends a session that has lain idle, lasted a day or lost its seat; what was being sent then is kept sealed.

    A list that asks for itself every few seconds keeps nobody signed in: only a page somebody went to, or a form
    somebody sent, counts as being there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass a request on; the work is done when its view is known and its form token is checked."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *asked: Any) -> HttpResponse | None:
        """Let somebody who sits go on; take others to the sign-in."""
        if not request.user.is_authenticated:
            return None
        over = why_over(request)
        if over:
            return end(request, view, over)
        htmx = getattr(request, "htmx", None)
        somebody_is_there = request.method == "POST" or not htmx or htmx.boosted
        if somebody_is_there and time.time() - request.session["seen"] > NOTED_EVERY:
            request.session["seen"] = time.time()
        if held := request.session.get("kept"):
            sent = request.method == "POST" and held["path"] == request.path
            if sent or not kept_form(request):
                del request.session["kept"]
        return None


def why_over(request: HttpRequest) -> str:
    """Say why a session is over, if it is."""
    now, session = time.time(), request.session
    if session.get("seat") not in {one["id"] for one in request.user.seats}:  # type: ignore[union-attr]
        return "elsewhere"
    if now - session["began"] > settings.SESSION_LONGEST:
        return "day"
    return "idle" if now - session["seen"] > settings.SESSION_IDLE else ""


def end(request: HttpRequest, view: View, over: str) -> HttpResponse:
    """End a session; keep what was being sent, for the same person's next sign-in in this browser."""
    sealed = sealed_form(request) if holds_a_text(request, view) else ""
    logout(request)
    messages.info(request, SAID[over])
    if not sealed:
        return send_to(request, "account_login")
    request.session["kept"] = {"path": request.path, "sealed": sealed}
    messages.info(request, _("What you wrote is kept. You get it back when you have signed in."))
    return send_to(request, "account_login", came_for=reverse("access:kept"))


def holds_a_text(request: HttpRequest, view: View) -> bool:
    """Tell whether a form belongs to the work of the house; keys and passwords are never kept."""
    asked = getattr(view, "guarded_by", None)
    return request.method == "POST" and (isinstance(asked, Permission | tuple))


def sealed_form(request: HttpRequest) -> str:
    """Seal a form under the key that lies in memory alone, with whose it is."""
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    return seal.seal_token({"of": request.user.pk, "path": request.path, "fields": fields}, KEPT)


def kept_form(request: HttpRequest) -> dict[str, list[str]]:
    """Open what this person sent too late in this browser; empty when there is nothing, or it is somebody else's."""
    held = request.session.get("kept") or {}
    try:
        told = seal.open_token(held.get("sealed"), KEPT, KEPT_FOR)
    except (seal.TokenForged, seal.TokenExpired):
        return {}
    mine = told["of"] == request.user.pk and told["path"] == held["path"]
    return told["fields"] if mine else {}


#: Outermost first.
STACK = (
    SessionMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    MessageMiddleware,
    XFrameOptionsMiddleware,
    HtmxMiddleware,
    Sitting,
    AccountMiddleware,
)


class StaffOnly:
    """Runs the staff side's middlewares for the staff side's addresses."""

    def __init__(self, get_response: GetResponse) -> None:
        """Thread the stack around the rest of the house once, when the server starts."""
        self.get_response = get_response
        self.prefixes = tuple(settings.STAFF_PATHS)
        self.stack: list[Any] = []
        inner: Any = get_response
        for middleware in reversed(STACK):
            inner = middleware(inner)
            self.stack.insert(0, inner)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let staff through the stack and everybody else straight past it."""
        if not self.is_staff_side(request):
            return self.get_response(request)
        response: HttpResponse = self.stack[0](request)
        self.keep_cookies_in(response)
        return response

    def is_staff_side(self, request: HttpRequest) -> bool:
        """Tell whether this address lies on the staff side."""
        return request.path_info.startswith(self.prefixes)

    def keep_cookies_in(self, response: HttpResponse) -> None:
        """Tie every cookie to the staff side's addresses, once for each language, so that it never leaves them."""
        for name, cookie in list(response.cookies.items()):
            for number, prefix in enumerate(self.prefixes):
                tied = copy(cookie)
                tied["path"] = prefix
                # A response holds one cookie a key; the key is ours, the name in the header is the cookie's own.
                response.cookies[f"{name} {number}" if number else name] = tied

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Pass on the hook that checks the form token."""
        return self._first("process_view", request, *view)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Pass on the hook that asks for the password once more."""
        return self._first("process_exception", request, exception)

    def _first(self, hook: str, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """Ask each of the stack in turn until one answers; nobody is asked outside the staff side."""
        if not self.is_staff_side(request):
            return None
        for middleware in self.stack:
            answer: HttpResponse | None = getattr(middleware, hook, lambda *_: None)(request, *args)
            if answer is not None:
                return answer
        return None
