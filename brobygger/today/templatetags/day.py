"""Looking a thing up on the day's pages: `{% load day %}{{ places|at:each.place }}`."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(things: Mapping[str, Any] | None, key: str) -> Any:
    """Give what stands under a key; nothing when there is no such thing."""
    return (things or {}).get(key)
