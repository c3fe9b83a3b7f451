"""One thing at a time: what the worker does in a round, each for itself."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction

log = logging.getLogger(__name__)


def alone(deed: Callable[..., None]) -> Callable[..., int]:
    """Let one deed of a round be done whole or not at all, and tell whether it was done, as 1 or 0.

    One that fails is said by type and place, is tried again in the next round, and keeps no other from being done.
    """

    @wraps(deed)
    def done(*args: Any, **more: Any) -> int:
        """Do it in a transaction of its own."""
        try:
            with transaction.atomic():
                deed(*args, **more)
        except Exception:
            log.exception("one thing of a round could not be done")
            return 0
        return 1

    return done
