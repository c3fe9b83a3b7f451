"""G1: nothing a professional presses or writes in the notification guide reaches us, or stays on the device."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.house import source
from tests.promises.test_bad_input import rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.promise(
        "G1",
        da="Guiden til underretning sender intet af det, du trykker på eller skriver. Den gemmer det heller ikke på "
        "din telefon.",
        en="The guide to notifying sends nothing of what you press or write. Nor does it keep it on your phone.",
    ),
]
#: What a script can send or keep with. None of it has any business in the guide.
MOUTHS = re.compile(
    r"fetch|XMLHttpRequest|sendBeacon|WebSocket|EventSource|WebTransport|RTCPeer|Worker|import\s*\(|\.src\b|\.action\b|"
    r"\.submit|requestSubmit|localStorage|sessionStorage|indexedDB|caches|cookie|replaceState|postMessage|"
    # A step back needs a place to come back to; it is a number, and the address beside it stays as it is.
    r"pushState(?!\(step\.id, \"\"\))|"
    r"BroadcastChannel|\.open\(|location\.(?!hash)|location\s*=|innerHTML|<img|<form|formaction|\bping\b"
)
SCRIPTS = sorted((source.ROOMS / "content" / "static").rglob("*.js"))


def mouths(text: str) -> list[str]:
    """Name what in a script could carry somebody's words away; its comments carry nothing."""
    return MOUTHS.findall(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def carriers(page: str) -> list[str]:
    """Name what in a page would carry somebody's words away: forms, named fields, places to write."""
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    found = re.findall(r"<(?:form|textarea|iframe|img|object|embed)\b", main)
    return found + re.findall(r'\s(?:name|formaction|ping)="[^"]*"', main)


def visits(client: Client, names: Iterable[str]) -> dict[str, str]:
    """Open pages in both languages."""
    found = {}
    for language in ("da", "en"):
        with translation.override(language):
            for name in names:
                found[f"{language} {name}"] = client.get(reverse(f"content:{name}")).content.decode()
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_have_no_mouth(path: Path) -> None:
    assert mouths(path.read_text(encoding="utf-8")) == []


def test_a_planted_mouth_is_seen() -> None:
    """Planted: each way a script could tell, and one it may use."""
    assert all(mouths(line) for line in ("fetch('/x')", "new Image().src = a", "localStorage.a = b", "location = x"))
    assert all(mouths(line) for line in ("navigator.sendBeacon(x)", "form.submit()", "history.pushState(1, '', '/x')"))
    assert mouths("location.hash = 'x'; history.back(); // fetch") == ["fetch"]
    assert mouths("location.hash = 'x'; history.back();\n  // no fetch here") == []


def test_the_guide_holds_nothing_that_could_be_sent(furnished: None, client: Client) -> None:
    pages = visits(client, ("guide", "municipalities"))

    assert len(SCRIPTS) == 2
    assert {name: carriers(page) for name, page in pages.items() if carriers(page)} == {}


def test_a_planted_form_is_seen() -> None:
    assert carriers('<main><form><input name="a"></form></main>') == ["<form", ' name="a"']


def test_the_guide_is_the_same_for_everybody_and_leaves_no_row(furnished: None, client: Client) -> None:
    names, before = ("guide", "municipalities", "reminder"), rows()
    first = visits(client, names)
    client.get(reverse("content:reminder"), {"sent": "2026-03-02"})

    assert (
        visits(Client(HTTP_REFERER="/underretning/", HTTP_COOKIE="a=b"), ("guide", "municipalities", "reminder"))
        == first
    )
    assert rows() == before


def test_the_browser_itself_would_refuse_to_send(furnished: None, client: Client) -> None:
    """The closed policy holds on the guide: a script that asked anybody for anything would be stopped."""
    policy = client.get(reverse("content:guide"))["Content-Security-Policy"]

    assert "default-src 'none'" in policy and "connect-src" not in policy
    assert "form-action 'self'" in policy
