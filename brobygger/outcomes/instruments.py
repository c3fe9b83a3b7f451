"""Instruments as data: questions in one version, as files (FHIR R4 Questionnaire); loaded and checked once.

What FHIR does not say (how it is counted, who answers and from which age, what may be shown without somebody there)
stands in one extension of ours, `urn:brobygger:instrument`. A file that is not whole stops the house from starting.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "instruments"
#: What FHIR has no place for: about the whole, and the words at the two ends of a row of numbers.
OURS, ENDS = "urn:brobygger:instrument", "urn:brobygger:ends"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
MIN, MAX = (f"http://hl7.org/fhir/StructureDefinition/{end}Value" for end in ("min", "max"))
#: What an item holds besides a number: they did not want to say, or left it standing.
SKIPPED, EMPTY = "skipped", "empty"
WHO, ENTRY = ("self", "adult", "either"), ("items", "totals")
#: How somebody may answer with nobody beside them who sees what they say.
UNATTENDED = ("key", "sms", "tablet")
MODES = (*UNATTENDED, "paper", "interview")
_SCORING = re.compile(r"none|sum(?:\(([a-z0-9,-]+)\))?(?:\*(\d+))?")


class BadInstrument(Exception):
    """A file of questions is not whole; the message says which, and what is wrong."""


class BadAnswer(Exception):
    """Something is no answer to a question; `item` says which."""

    def __init__(self, item: str) -> None:
        """Keep which."""
        super().__init__(item)
        self.item = item


@dataclass(frozen=True)
class Item:
    """One question: its words by language, and its choices; a whole number has its ends, and perhaps words for them."""

    ident: str
    text: Mapping[str, str]
    low: int
    high: int
    choices: tuple[tuple[int, Mapping[str, str]], ...] = ()
    #: A row of numbers from low to high, of which the two ends have words.
    scale: bool = False

    @property
    def values(self) -> tuple[int, ...]:
        """List what may be answered, in the order it is shown."""
        if self.scale or not self.choices:
            return tuple(range(self.low, self.high + 1))
        return tuple(value for value, _words in self.choices)


@dataclass(frozen=True)
class Instrument:
    """Questions in one version, with how they are counted and who answers them."""

    key: str
    version: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    items: tuple[Item, ...]
    scoring: str
    #: How many items a score needs.
    needs: int
    who: str
    entry: str
    from_months: int
    to_months: int
    self_from_months: int
    restricted: bool
    licence: str
    copyright: str
    attribution: str = ""
    top: int = 100
    lower_is_better: bool = False
    selfharm_items: tuple[str, ...] = ()
    relevant: int | None = None
    reliable: int | None = None
    line: int | None = None
    low: int | None = None
    #: So many answers in a row at or under `low` before somebody is to look.
    low_times: int = 1
    much_low: int | None = None
    fall: int | None = None
    source: str = ""
    counted: tuple[str, ...] = field(default=())
    times: int = 1

    @property
    def pin(self) -> tuple[str, str]:
        """Name it with its version."""
        return self.key, self.version

    def languages(self) -> tuple[str, ...]:
        """Name the languages every word of it is in."""
        words = [self.title, self.intro, *(item.text for item in self.items)]
        words += [said for item in self.items for _value, said in item.choices]
        return tuple(each for each in self.title if all(each in said for said in words))

    def may_be_shown(self, mode: str) -> bool:
        """Tell whether it may be answered so: totals are typed by us, and what asks about harm needs somebody there."""
        return mode not in UNATTENDED or (self.entry == "items" and not self.selfharm_items)


# ---- Read from its file ----


def _words(node: Mapping[str, Any], name: str) -> dict[str, str]:
    """Read a text and its translations."""
    said = {"da": node[name]}
    for each in node.get(f"_{name}", {}).get("extension", []):
        if each.get("url") == TRANSLATION:
            parts = {part["url"]: part for part in each["extension"]}
            said[parts["lang"]["valueCode"]] = parts["content"]["valueString"]
    return said


def _value(extension: Mapping[str, Any]) -> Any:
    return next(value for name, value in extension.items() if name.startswith("value"))


def _item(node: Mapping[str, Any]) -> Item:
    own: list[Any] = next((each["extension"] for each in node.get("extension", []) if each["url"] == ENDS), [])
    choices = tuple(
        (int(each["valueCoding"]["code"]), _words(each["valueCoding"], "display"))
        for each in node.get("answerOption", own)
    )
    if node["type"] == "choice":
        values = [value for value, _said in choices]
        return Item(node["linkId"], _words(node, "text"), min(values), max(values), choices)
    if node["type"] != "integer":
        raise BadInstrument(f"{node['linkId']} is neither a choice nor a whole number")
    ends = {each["url"]: _value(each) for each in node.get("extension", []) if each["url"] in (MIN, MAX)}
    return Item(node["linkId"], _words(node, "text"), ends[MIN], ends[MAX], choices, scale=bool(choices))


def parsed(form: Mapping[str, Any]) -> Instrument:
    """Make an instrument of a Questionnaire. Raises `BadInstrument`."""
    try:
        ours = next(each for each in form["extension"] if each["url"] == OURS)
        facts = {each["url"]: _value(each) for each in ours["extension"]}
        items = tuple(_item(each) for each in form["item"])
        made = _made(form, facts, items)
    except BadInstrument:
        raise
    except (KeyError, StopIteration, TypeError, ValueError) as why:
        raise BadInstrument(f"it lacks something, or something is not what it should be: {why!r}") from why
    for complaint in _wrong(made, form):
        raise BadInstrument(complaint)
    return made


def _made(form: Mapping[str, Any], facts: dict[str, Any], items: tuple[Item, ...]) -> Instrument:
    scoring = _SCORING.fullmatch(facts["scoring"])
    if scoring is None:
        raise BadInstrument(f'"{facts["scoring"]}" is no way of counting we know')
    counted = tuple(scoring[1].split(",")) if scoring[1] else tuple(item.ident for item in items)
    needs = len(counted) if facts["needs"] == "all" else int(facts["needs"])
    harm = tuple(each for each in str(facts.get("selfharm_items", "")).split(",") if each)
    plain = ("restricted", "licence", "attribution", "top", "lower_is_better", "relevant", "reliable", "line", "low")
    named = {name: facts[name] for name in (*plain, "low_times", "much_low", "fall", "source") if name in facts}
    return Instrument(
        key=form["name"],
        version=form["version"],
        title=_words(form, "title"),
        intro=_words(form, "description"),
        items=items,
        scoring=scoring[0],
        counted=counted,
        times=int(scoring[2] or 1),
        needs=needs,
        who=facts["who"],
        entry=facts["entry"],
        from_months=facts["from_months"],
        to_months=facts.get("to_months", 1200),
        self_from_months=facts.get("self_from_months", facts["from_months"]),
        selfharm_items=harm,
        copyright=form["copyright"],
        **named,
    )


def _wrong(made: Instrument, form: Mapping[str, Any]) -> Iterable[str]:
    """Say what no single field can."""
    idents = [item.ident for item in made.items]
    if form.get("resourceType") != "Questionnaire" or not idents:
        yield "it is no Questionnaire with questions"
    if len(set(idents)) < len(idents):
        yield "two questions have one linkId"
    if unknown := {*made.counted, *made.selfharm_items} - set(idents):
        yield f'it names a question it does not have: "{min(unknown)}"'
    if made.who not in WHO or made.entry not in ENTRY:
        yield f"who answers is one of {WHO}, and what is typed one of {ENTRY}"
    if not 0 < made.needs <= len(made.counted):
        yield "it needs more answers than it counts, or none"
    if made.low_times < 1 or not isinstance(made.restricted, bool):
        yield "low answers are counted from one, and restricted is yes or no"
    if made.restricted and made.entry == "items":
        yield "its wording is protected: only totals may be here"
    if "da" not in made.languages():
        yield "something of it is not said in Danish"
    most = sum(item.high for item in made.items if item.ident in made.counted) * made.times
    if made.scoring != "none" and most != made.top:
        yield f"it counts to {most}, and says {made.top}"


@cache
def shelf() -> Mapping[tuple[str, str], Instrument]:
    """Read every instrument there is, by key and version. Raises `BadInstrument`, with the file's name."""
    found: dict[tuple[str, str], Instrument] = {}
    for path in sorted(FOLDER.glob("*.json")):
        try:
            made = parsed(json.loads(path.read_text(encoding="utf-8")))
        except (BadInstrument, json.JSONDecodeError) as why:
            raise BadInstrument(f"{path.name}: {why}") from why
        if path.stem != f"{made.key}-{made.version}":
            raise BadInstrument(f"{path.name} holds {made.key}-{made.version}")
        found[made.pin] = made
    return found


def get(key: str, version: str) -> Instrument | None:
    """Fetch an instrument in one version; None when there is none."""
    return shelf().get((key, version))


def newest(key: str) -> Instrument | None:
    """Fetch the newest version of an instrument; None when there is none."""
    return max((each for each in shelf().values() if each.key == key), key=lambda each: int(each.version), default=None)


# ---- Answered ----


def read(instrument: Instrument, said: Mapping[str, Any]) -> dict[str, int | str]:
    """Read answers: a number each, `SKIPPED` where they did not want to, `EMPTY` where nothing was said.

    Raises `BadAnswer` for what is none of them, and for a question nobody asked.
    """
    if unknown := sorted(set(said) - {item.ident for item in instrument.items}):
        raise BadAnswer(unknown[0])
    clean: dict[str, int | str] = {}
    for item in instrument.items:
        value = said.get(item.ident, EMPTY)
        if value in (SKIPPED, EMPTY):
            clean[item.ident] = value
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value not in item.values:
            raise BadAnswer(item.ident)
        clean[item.ident] = value
    return clean


def score(instrument: Instrument, answers: Mapping[str, int | str]) -> int | None:
    """Count what was answered, by the instrument's own rule; None where too little was, or nothing is counted.

    With some left out that may be, the mean of the rest stands for them.
    """
    given = [value for name in instrument.counted if isinstance(value := answers.get(name), int)]
    if instrument.scoring == "none" or len(given) < instrument.needs:
        return None
    return round(sum(given) * len(instrument.counted) / len(given)) * instrument.times
