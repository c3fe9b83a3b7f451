"""What machines ask for: health, robots, an icon; and the pages for what went wrong."""

from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static

from brobygger.door import queries as door
from brobygger.ground.guards import public
from brobygger.privacy import seal


@public
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every database answers, there is a key to seal with and letters are being opened; else 503."""
    try:
        for alias in settings.DATABASES:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        seal.door_keys().current()
        opened = door.letters_are_opened()
    except (Error, seal.NoKeys):
        return HttpResponse("not ready\n", status=503, content_type="text/plain")
    if not opened:
        return HttpResponse("letters are not being opened\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@public
def robots(request: HttpRequest) -> HttpResponse:
    """Let the information pages be found; keep robots away from where people write and work."""
    kept = ["/tilbage/", "/en/back/", "/forlad/", "/en/leave/", "/personale/", "/en/staff/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in kept)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@public
def icon(request: HttpRequest) -> HttpResponse:
    """Send a browser that asks at the root to the house's neutral icon."""
    return HttpResponsePermanentRedirect(static("ground/icon.svg"))


@public
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is nothing here, and where to go."""
    return HttpResponseNotFound(render(request, "404.html").content)


@public
def broken(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong on our side. Reads nothing, so that it cannot break as well."""
    return render(request, "500.html", status=500)
