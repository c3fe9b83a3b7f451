"""What time it is; the only place that asks, so that a walk through the night can be tested by day."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

#: Every opening hour, promise and group evening is wall-clock time here.
TZ = ZoneInfo("Europe/Copenhagen")

_started = time.monotonic()


def now() -> datetime:
    """Tell the time, aware and in UTC. A demo's or test's `settings.CLOCK` (local time) is where its clock began."""
    if settings.CLOCK:
        began = datetime.fromisoformat(settings.CLOCK).replace(tzinfo=TZ).timestamp()
        return datetime.fromtimestamp(began + time.monotonic() - _started, UTC)
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Turn a moment into Danish wall-clock time."""
    return moment.astimezone(TZ)


def today() -> date:
    """Tell the date in Denmark."""
    return local(now()).date()


def to_the_hour(moment: datetime | None) -> datetime | None:
    """Forget the minutes of a moment; not where an hour that is still to come would have gone by with that."""
    if moment is None:
        return None
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return moment if hour < now() <= moment else hour
