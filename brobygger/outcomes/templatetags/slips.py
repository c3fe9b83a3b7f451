"""The address a link opens at, and the square a telephone reads; a slip says nothing of who, where or what."""

from typing import Any

import qrcode
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from brobygger.door.rules import form_code
from brobygger.ground import clock
from brobygger.outcomes import queries, rules
from brobygger.outcomes.models import Round

#: Stands in for a secret while an address is put together; it is no secret anybody is given.
_NONE = "0"


def codes(row: Round) -> str:
    """Name the questions that may still be answered by a link, as its address does; empty when there are none."""
    return "-".join(form_code(*each.pin) for each in queries.unanswered(row, "sms"))


def opens_at(request: HttpRequest, row: Round) -> str:
    """Say where a link to a round opens at the families' door, without its secret; nowhere if nothing may be shown."""
    asked = codes(row)
    if not asked:
        return ""
    with override("da"):
        there = reverse("door:asked", kwargs={"codes": asked, "secret": _NONE})
    here = settings.DOOR_ADDRESS or f"{request.scheme}://{request.get_host()}"
    return here.rstrip("/") + there.removesuffix(f"{_NONE}/")


def square(address: str) -> SafeString:
    """Draw an address as a square a telephone reads, dark on white also at night."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(address)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return mark_safe(render_to_string("outcomes/square.svg", {"size": len(rows), "path": path}).strip())


def slip(row: Round, address: str) -> dict[str, Any]:
    """Put together what a slip shows, and until when it answers."""
    until = min(row.closes_on, clock.today() + rules.LINK_LIVES)
    return {"row": row, "address": address, "square": square(address), "until": until}
