"""The endings: every room that stores something that must end registers its sweep here, in `AppConfig.ready`."""

import logging
from collections.abc import Callable
from datetime import date, datetime

log = logging.getLogger(__name__)

#: Sweeps take the moment and return how many things they ended.
SWEEPS: list[Callable[[datetime], int]] = []
#: Previews take a day and how many days ahead, change nothing, and say a sentence for each thing that will end.
PREVIEWS: list[Callable[[date, int], list[str]]] = []
#: Whoever stores sealed letters tells which weeks' keys are still needed.
PENDING_WEEKS: list[Callable[[], set[str]]] = []


class SweepFailed(Exception):
    """At least one sweep did not finish; the message names which. The others were run."""


def pending_weeks() -> set[str]:
    """Gather the weeks whose letters are not opened yet; their keys must live."""
    return {name for ask in PENDING_WEEKS for name in ask()}


def sweep(now: datetime) -> dict[str, int]:
    """Run every registered sweep and tell how much each ended. One that fails stops no other. Raises `SweepFailed`."""
    ended: dict[str, int] = {}
    failed = []
    for one in SWEEPS:
        name = f"{one.__module__}.{one.__qualname__}"
        try:
            ended[name] = int(one(now) or 0)
        except Exception as error:  # the next room's endings are owed too
            log.error("The sweep %s failed: %s", name, type(error).__name__)
            failed.append(name)
    if failed:
        raise SweepFailed(", ".join(failed))
    return ended


def preview(on: date, days: int) -> list[str]:
    """Say what will end within so many days, a sentence each, and what is kept and why. Changes nothing."""
    return [line for ask in PREVIEWS for line in ask(on, days)]
