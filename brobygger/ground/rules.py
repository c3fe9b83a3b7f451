"""How days, hours and keys are said. Plain values in, plain words out; every moment is wall-clock time already."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

#: What a word is in each language we have ourselves; any other language gets Babel's own full date and "14:05".
WORDS: dict[str, dict[str, str]] = {
    "da": {
        "today": "i dag",
        "tomorrow": "i morgen, {weekday},",
        "yesterday": "i går",
        "day": "{weekday} den {date}",
        "at": "{day} kl.\u00a0{clock}",
        "by": "{day} inden kl.\u00a0{clock}",
        "late": "{span} over",
        "soon": "under 1 min",
        "h": "t",
        "min": "min",
        "one day": "dag",
        "days": "dage",
    },
    "en": {
        "today": "today",
        "tomorrow": "tomorrow, {weekday},",
        "yesterday": "yesterday",
        "day": "{weekday} {date}",
        "at": "{day} at {clock}",
        "by": "{day} before {clock}",
        "late": "{span} late",
        "soon": "under 1 min",
        "h": "h",
        "min": "min",
        "one day": "day",
        "days": "days",
    },
}
_PATTERNS = {"da": "d. MMMM", "en": "d MMMM"}


def pick(value: object, language: str) -> str:
    """Choose a language's text from {"da": …, "en": …}: that language, else Danish, else any. A text is itself."""
    if value is None:
        return ""
    if not isinstance(value, Mapping):
        return str(value)
    for wanted in (language, language.split("-")[0], "da", "en"):
        if value.get(wanted):
            return str(value[wanted])
    return next((str(text) for text in value.values() if text), "")


def say_clock(moment: datetime, language: str) -> str:
    """Say an hour: "14.05" in Danish, "14:05" elsewhere."""
    mark = "." if _base(language) == "da" else ":"
    return f"{moment.hour}{mark}{moment.minute:02d}"


def say_day(day: date, today: date, language: str) -> str:
    """Say a day as people do: "i dag", "i morgen, mandag", "torsdag den 3. december"."""
    return _day(day, today, language).rstrip(",")


def say_when(moment: datetime, now: datetime, language: str) -> str:
    """Say a moment: "i morgen, mandag, kl. 14.05"."""
    return _moment("at", moment, now, language)


def say_by(moment: datetime, now: datetime, language: str) -> str:
    """Say a promise: "i morgen, mandag, inden kl. 14.05"."""
    return _moment("by", moment, now, language)


def say_left(span: timedelta, language: str) -> str:
    """Say how long there is: "3 t 20 min", "2 dage 4 t", and past the hour "40 min over"."""
    words = WORDS.get(_base(language), WORDS["en"])
    late = span < timedelta(0)
    minutes = int(abs(span).total_seconds() // 60)
    if minutes == 0:
        return words["soon"]
    said = _span(minutes, words)
    return words["late"].format(span=said) if late else said


def groups(key: str, size: int = 4) -> list[str]:
    """Cut a key into groups that can be read aloud; hyphens and spaces are dropped first."""
    bare = "".join(sign for sign in key if sign.isalnum())
    return [bare[start : start + size] for start in range(0, len(bare), size)]


def _base(language: str) -> str:
    return language.split("-")[0].lower()


def _span(minutes: int, words: dict[str, str]) -> str:
    """Say minutes with at most two units, the coarser the longer it is."""
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        days, hours = divmod(hours, 24)
        parts = [f"{days} {words['days']}", f"{hours} {words['h']}" if hours else ""]
    else:
        parts = [f"{hours} {words['h']}" if hours else "", f"{rest} {words['min']}" if rest else ""]
    return " ".join(part for part in parts if part)


def _day(day: date, today: date, language: str) -> str:
    base = _base(language)
    if base not in WORDS:
        return format_date(day, "full", locale=_locale(language))
    words, ahead = WORDS[base], (day - today).days
    weekday = format_date(day, "EEEE", locale=base)
    if ahead in (-1, 0, 1):
        return words[("yesterday", "today", "tomorrow")[ahead + 1]].format(weekday=weekday)
    pattern = _PATTERNS[base] + ("" if day.year == today.year else " y")
    return words["day"].format(weekday=weekday, date=format_date(day, pattern, locale=base))


def _moment(how: str, moment: datetime, now: datetime, language: str) -> str:
    day, clock = _day(moment.date(), now.date(), language), say_clock(moment, language)
    words = WORDS.get(_base(language))
    return words[how].format(day=day, clock=clock) if words else f"{day}, {clock}"


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
