"""Pages carry no inline script and no inline style, and ask no other host for anything."""

import re
from pathlib import Path

import pytest

from tests.house import source

#: What our own content security policy would refuse, found before a browser does.
FAULTS = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json[\"'])[^>]*>", re.I),
    "an inline style": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.I | re.S),
    "a script in an attribute": re.compile(r"<[^<>]*\s(?:on[a-z]+|hx-on[\w:-]*)\s*=", re.I | re.S),
    "a script in an address": re.compile(r"javascript:", re.I),
    "another host": re.compile(
        r"<(?:link|script|img|iframe|source|video|audio|object|embed|use|image)\b[^>]*?"
        r"(?:src|href|srcset|data|action)\s*=\s*[\"']?\s*(?:https?:)?//",
        re.I | re.S,
    ),
    "another host's style": re.compile(r"@import|url\(\s*[\"']?(?:https?:)?//", re.I),
}
#: Template words inside a tag would look like attributes.
TEMPLATE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)


def faults(text: str) -> list[str]:
    """Name what a page or a stylesheet may not hold."""
    bare = TEMPLATE.sub("", text)
    return [name for name, pattern in FAULTS.items() if pattern.search(bare)]


def pages() -> list[Path]:
    """Give everything a browser reads that we wrote ourselves."""
    static = [path.relative_to(source.ROOT) for path in source.ROOMS.glob("*/static/**/*")]
    return [*source.templates(), *(path for path in static if path.suffix in {".css", ".svg", ".html"})]


def test_pages_are_plain() -> None:
    """No inline script, no inline style, nobody else's files."""
    source.clean(f"{path}: {name}" for path in pages() for name in faults(source.text(path)))


@pytest.mark.parametrize(
    "fault",
    [
        "<script>go()</script>",
        "<style>p{}</style>",
        '<p class="a"\n style="color:red">',
        '<a href="#" onclick="go()">',
        '<button hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<img alt="" src="https://example.org/a.png">',
        '<link rel="stylesheet" href="//example.org/a.css">',
        "@import url(a.css);",
        "a{background:url(https://example.org/b)}",
    ],
)
def test_a_planted_fault_in_a_page_is_seen(fault: str) -> None:
    """Planted: one of each."""
    assert faults(fault)


def test_a_plain_page_is_left_in_peace() -> None:
    """A script of our own by address, a link to somebody else's page, a template's condition."""
    good = """<script src="{% static 'a.js' %}" defer></script><a href="https://www.112.dk">112</a>
    <p {% if onward = 1 %}class="x"{% endif %} data-once="y">{{ style }}</p><svg width="1" fill="none"></svg>"""
    assert faults(good) == []
