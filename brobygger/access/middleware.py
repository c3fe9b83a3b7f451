"""Sessions, sign-in and form protection for the staff side, and nothing at all for anybody else.

A family's request passes straight through: no session is looked up, nobody is known, no cookie can be set. The usual
middlewares are composed here instead of in MIDDLEWARE so that this holds by construction and not by agreement.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from allauth.account.middleware import AccountMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Outermost first.
STACK = (
    SessionMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    MessageMiddleware,
    XFrameOptionsMiddleware,
    HtmxMiddleware,
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
