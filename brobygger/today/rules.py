"""Rules of the gauges over plain values: what is said of a count, and which weeks it is about."""

from dataclasses import dataclass
from datetime import date, timedelta

#: Of fewer than this nothing is said in percent: one more or less would swing it by more than ten.
FEWEST = 10


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    n: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, none of a few; 100 only when it is all of them, 0 only when it is none."""
        if self.of < FEWEST:
            return None
        if self.n in (0, self.of):
            return 100 * self.n // self.of
        return max(1, min(99, round(100 * self.n / self.of)))


def week(day: date) -> str:
    """Name the week of a day: 2026-W47."""
    year, number, _day = day.isocalendar()
    return f"{year:04}-W{number:02}"


def last_weeks(today: date, count: int) -> list[str]:
    """Name the last weeks, this one included, newest first."""
    return [week(today - timedelta(weeks=back)) for back in range(count)]


def quarter_weeks(today: date) -> list[str]:
    """Name the weeks that began in this quarter, and the one it began in."""
    first = date(today.year, today.month - (today.month - 1) % 3, 1)
    return list(dict.fromkeys(week(first + timedelta(days=ahead)) for ahead in range((today - first).days + 1)))
