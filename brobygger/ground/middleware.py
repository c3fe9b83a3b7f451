"""What every answer carries, and what is forgotten of every request before anybody can look."""

from collections.abc import Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

#: Everything a request says about who or where the visitor is. Deleted, not hidden: what is not here cannot be kept.
TRACES = (
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "REMOTE_USER",
    "REMOTE_IDENT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_CLIENT_IP",
    "HTTP_X_CLIENT_IP",
    "HTTP_X_CLUSTER_CLIENT_IP",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_CF_CONNECTING_IP",
    "HTTP_FASTLY_CLIENT_IP",
    "HTTP_X_ORIGINAL_FORWARDED_FOR",
    "HTTP_VIA",
    "HTTP_FROM",
    "HTTP_USER_AGENT",
    "HTTP_DNT",
)
#: Client hints: what browser, what machine, what screen.
HINTS = "HTTP_SEC_CH_"

_PUBLIC_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; script-src 'self'"
)
_STAFF_POLICY = f"{_PUBLIC_POLICY}; connect-src 'self'"
_CLOSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "magnetometer", "microphone",
    "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
_EVERYWHERE = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _CLOSED),
}
#: On the staff side one may come in with a passkey.
_PASSKEYS = ("publickey-credentials-get=()", "publickey-credentials-get=(self)")
#: What a browser loads beside a page. What a page may do does not concern it, and every byte is on the wire.
_BESIDE = ("text/css", "text/javascript", "image/")
_FOR_PAGES = {"X-Frame-Options", "Cross-Origin-Opener-Policy", "Permissions-Policy"}
_METHODS = ["GET", "HEAD", "POST"]


class Headers:
    """Forget the visitor first; answer with closed headers last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next one in line, and where the staff side begins."""
        self.get_response = get_response
        self.staff = tuple(getattr(settings, "STAFF_PATHS", ["/personale/"]))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass a request on without its traces and its answer back with its headers."""
        staff = request.path_info.startswith(self.staff)
        if not staff:
            forget(request.META)
        allowed = request.method in _METHODS
        response = self.get_response(request) if allowed else HttpResponseNotAllowed(_METHODS)
        self._close(response, staff)
        return response

    def _close(self, response: HttpResponseBase, staff: bool) -> None:
        """Set what is not set: a view that knows better (a file to cache, a stricter policy) keeps its own."""
        kind = response.headers.get("Content-Type", "")
        beside = kind.startswith(_BESIDE)
        # A file named by what it holds never changes: the day it was laid down is only weight.
        if "immutable" in response.headers.get("Cache-Control", ""):
            for name in ("ETag", "Last-Modified"):
                response.headers.pop(name)
        response.headers.setdefault("Cache-Control", "no-store")
        # A picture can be opened by itself and is a page then; a style or a script cannot.
        if not beside or kind.startswith("image/"):
            response.headers.setdefault("Content-Security-Policy", _STAFF_POLICY if staff else _PUBLIC_POLICY)
        for name, value in _EVERYWHERE.items():
            if not (beside and name in _FOR_PAGES):
                response.headers.setdefault(name, value)
        if staff:
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
            if allowed := response.headers.get("Permissions-Policy"):
                response.headers["Permissions-Policy"] = allowed.replace(*_PASSKEYS)


def forget(meta: MutableMapping[str, Any]) -> None:
    """Delete the visitor's address and browser from a request."""
    for name in [name for name in meta if name in TRACES or name.startswith(HINTS)]:
        del meta[name]
