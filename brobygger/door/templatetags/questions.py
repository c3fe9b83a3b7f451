"""Questions one at a time, without script and without memory: what was answered travels in the page itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.door import queries, rules
from brobygger.ground import clock

register = template.Library()
SKIPPED = "skipped"


@dataclass(frozen=True)
class Asked:
    """One question: of which instrument, its words, and what may be chosen; a scale is a row of numbers."""

    instrument: str
    item: str
    text: str
    choices: tuple[tuple[str, str], ...]
    scale: bool
    title: str
    intro: str
    attribution: str


@dataclass
class Walk:
    """On the way through some questions; `at` is the number of the one that is seen; past the last they may send."""

    asked: list[Asked]
    codes: str
    at: int = 1
    said: dict[int, str] = field(default_factory=dict)
    problem: str = ""
    #: They have pressed to send it.
    done: bool = False

    @property
    def ready(self) -> bool:
        """Tell whether they have seen every question, and may send."""
        return self.at > len(self.asked)

    @property
    def now(self) -> Asked:
        """Give the question they see."""
        return self.asked[min(self.at, len(self.asked)) - 1]

    @property
    def begins(self) -> bool:
        """Tell whether what they see is the first question of its kind."""
        return self.at == 1 or self.now.instrument != self.asked[self.at - 2].instrument

    @property
    def chosen(self) -> str:
        """Give what was chosen here before."""
        return self.said.get(self.at, "")

    @property
    def answered(self) -> int:
        """Count the questions that have an answer."""
        return sum(value != SKIPPED for value in self.said.values())

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """List what was said, for the page to carry."""
        return [(f"said-{number}", value) for number, value in sorted(self.said.items())]

    def answers(self) -> dict[str, dict[str, int | str]]:
        """Put what was said into the shape of a letter; what nobody came to was left out."""
        found: dict[str, dict[str, int | str]] = {}
        for number, each in enumerate(self.asked, start=1):
            value = self.said.get(number, SKIPPED)
            found.setdefault(each.instrument, {})[each.item] = value if value == SKIPPED else int(value)
        return found


def walk(codes: str, data: Mapping[str, Any] | None) -> Walk | None:
    """Go one step further through the questions some codes name; None when there are no such questions."""
    rows = queries.questions(codes.split("-"))
    return through(({"instrument": row.instrument, "words": row.words} for row in rows), codes, data)


def through(forms: Iterable[Mapping[str, Any]], codes: str, data: Mapping[str, Any] | None) -> Walk | None:
    """Go one step further through some questions, from what a page sent; None when there are none."""
    asked = [each for form in forms for each in _questions(form["instrument"], form["words"])]
    if not asked:
        return None
    going = Walk(asked, codes)
    if data is None:
        return going
    going.at = min(max(_number(data.get("at")), 1), len(asked) + 1)
    for number in range(1, len(asked) + 1):
        value = data.get(f"said-{number}")
        if _may(asked[number - 1], value):
            going.said[number] = str(value)
    _step(going, str(data.get("go") or ""), data.get("answer"))
    return going


def _step(going: Walk, go: str, answer: Any) -> None:
    if go == "none":
        going.said, going.at = {}, len(going.asked) + 1
    elif go == "back":
        going.at = max(1, going.at - 1)
    elif going.ready:
        going.done = go == "send"
    elif go == "skip" or (answer != SKIPPED and _may(going.now, answer)):
        going.said[going.at] = SKIPPED if go == "skip" else str(answer)
        going.at += 1
    elif go or answer is not None:
        going.problem = _("Choose an answer, or leave the question out.")


def _may(each: Asked, value: Any) -> bool:
    return value == SKIPPED or any(value == key for key, _words in each.choices)


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 4 else 1


def _questions(instrument: str, words: Mapping[str, Any]) -> Iterable[Asked]:
    """Read the questions of one instrument in the reader's language, or in Danish."""
    language = get_language() if get_language() in words["languages"] else "da"
    for item in words["items"]:
        choices = tuple((str(value), _label(item, str(value), str(language))) for value in item["values"])
        yield Asked(
            instrument, item["id"], item["text"][language], choices, item["scale"], words["title"][language],
            words["intro"][language], words["attribution"],
        )  # fmt: skip


def _label(item: Mapping[str, Any], value: str, language: str) -> str:
    said = item["choices"].get(value, {}).get(language, "")
    return f"{value}: {said}" if said and item["scale"] else said or value


@register.simple_tag(takes_context=True)
def tongues(context: Context) -> list[tuple[str, str, str]]:
    """Say where this same page is in each other language, to send what was chosen there: code, address, own name."""
    path = context["request"].path
    others = [code for code, _name in settings.LANGUAGES if code != get_language()]
    return [(code, translate_url(path, code), get_language_info(code)["name_local"].capitalize()) for code in others]


@register.simple_tag
def somebody_now(door: str = "child") -> list[Any]:
    """List who can be rung at this moment, for whoever cannot wait: three at most."""
    now = clock.now()
    return [each for each in catalogue.lines(now, door or "child") if each.open.is_open][:3]


@register.filter
def codes(sheet: Mapping[str, Any]) -> str:
    """Name the questions of a round that waits, as an address or a page carries them."""
    return "-".join(rules.form_code(str(key), str(version)) for key, version in sheet["forms"])
