"""The mark on a view that anyone may open; `tests/house` walks the addresses and finds those without a mark."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view as openly public: it needs nobody to be known, and it must never set a cookie."""

    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    inner.openly_public = True  # type: ignore[attr-defined]
    return inner
