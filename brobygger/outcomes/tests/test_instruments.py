"""The questions as files: whole by FHIR, WHO-5 word for word, counted as written, none that a child must not meet."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from brobygger.door.rules import form_code
from brobygger.outcomes import instruments
from brobygger.outcomes.instruments import BadInstrument

FILES = sorted(instruments.FOLDER.glob("*.json"))
#: law.md C1, and the sheet of 1998.
WHO5 = {
    "da": [
        "I de sidste 2 uger har jeg været glad og i godt humør",
        "I de sidste 2 uger har jeg følt mig rolig og afslappet",
        "I de sidste 2 uger har jeg følt mig aktiv og energisk",
        "I de sidste 2 uger er jeg vågnet frisk og udhvilet",
        "I de sidste 2 uger har min dagligdag været fyldt med ting der interesserer mig",
    ],
    "en": [
        "Over the last two weeks I have felt cheerful and in good spirits",
        "Over the last two weeks I have felt calm and relaxed",
        "Over the last two weeks I have felt active and vigorous",
        "Over the last two weeks I woke up feeling fresh and rested",
        "Over the last two weeks my daily life has been filled with things that interest me",
    ],
}
ANSWERS = {
    "da": ["Hele tiden", "Det meste af tiden", "Lidt mere end halvdelen af tiden", "Lidt mindre end halvdelen af tiden",
           "Lidt af tiden", "På intet tidspunkt"],
    "en": ["All of the time", "Most of the time", "More than half of the time", "Less than half of the time",
           "Some of the time", "At no time"],
}  # fmt: skip


def who5() -> instruments.Instrument:
    """The one that is shipped."""
    found = instruments.get("who5", "1")
    assert found is not None
    return found


def form(key: str) -> dict[str, Any]:
    """Read a file, to be spoilt."""
    made: dict[str, Any] = json.loads((instruments.FOLDER / f"{key}-1.json").read_text(encoding="utf-8"))
    return deepcopy(made)


# ---- FHIR R4 ----

#: What a Questionnaire may hold of what we use (hl7.org/fhir/R4/questionnaire.html), and its items.
TOP = {"resourceType", "url", "version", "name", "title", "status", "language", "description", "copyright", "extension",
       "item"}  # fmt: skip
ITEM = {"linkId", "text", "type", "required", "answerOption", "extension"}
TYPES = {"choice", "integer"}


def complaints(made: dict[str, Any]) -> list[str]:
    """Say what R4 does not know, or does not allow."""
    return [*_names(made, TOP), *_texts(made), *_extensions(made), *_items(made)]


def _names(node: dict[str, Any], known: set[str]) -> Iterator[str]:
    for name in node:
        if name.lstrip("_") not in known or (name.startswith("_") and name[1:] not in node):
            yield f"{name} is not known"


def _texts(node: Any) -> Iterator[str]:
    """R4: a string is not empty, and has no blank at its ends."""
    if isinstance(node, str) and (not node or node != node.strip()):
        yield f"an empty text, or one with a blank at its end: {node!r}"
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _texts(each)


def _extensions(node: Any) -> Iterator[str]:
    """R4 ext-1: an extension has a value or extensions, never both; each has a url."""
    if isinstance(node, dict):
        for each in node.get("extension", []):
            values = [name for name in each if name.startswith("value")]
            if "url" not in each or len(values) + ("extension" in each) != 1:
                yield f"an extension that is not one: {each.get('url')}"
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _extensions(each)


def _items(made: dict[str, Any]) -> Iterator[str]:
    if made["resourceType"] != "Questionnaire" or made["status"] not in ("draft", "active", "retired", "unknown"):
        yield "no Questionnaire, or in no state R4 knows"
    links = [item["linkId"] for item in made["item"]]
    if len(set(links)) < len(links):
        yield "que-2: two items with one linkId"
    for item in made["item"]:
        yield from _names(item, ITEM)
        if item["type"] not in TYPES or (item["type"] == "choice") != ("answerOption" in item and "text" in item):
            yield f"que-5: {item['linkId']} is a {item['type']} with the wrong answers"
        for option in item.get("answerOption", []):
            if set(option) != {"valueCoding"} or not re.fullmatch(r"\S+( \S+)*", option["valueCoding"]["code"]):
                yield f"an answer to {item['linkId']} is no coding"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_a_questionnaire_by_fhir_s_own_rules(path: Path) -> None:
    assert complaints(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda made: made.update(titel="x"), "titel is not known"),
        (lambda made: made["item"][0].update(text=""), "an empty text"),
        (lambda made: made["item"][1].update(linkId="1"), "que-2"),
        (lambda made: made["item"][0].pop("answerOption"), "que-5"),
        (lambda made: made["extension"][0].update(valueString="x"), "an extension that is not one"),
        (lambda made: made.update(status="on"), "no state"),
    ],
)
def test_what_breaks_fhir_s_rules_is_seen(spoil, said) -> None:
    made = form("who5")
    spoil(made)
    assert any(said in each for each in complaints(made))


# ---- Word for word ----


@pytest.mark.parametrize("language", ["da", "en"])
def test_who_5_is_word_for_word_what_was_published(language) -> None:
    found = who5()
    assert [item.text[language] for item in found.items] == WHO5[language]
    for item in found.items:
        assert [words[language] for _value, words in item.choices] == ANSWERS[language]
        assert [value for value, _words in item.choices] == [5, 4, 3, 2, 1, 0]
    licence = (instruments.FOLDER / "who5-1.LICENSE.md").read_text(encoding="utf-8")
    assert "CC BY-NC-SA 3.0 IGO" in licence and "World Health Organization" in licence and "charge nothing" in licence
    assert "World Health Organization" in found.attribution and found.licence == "CC BY-NC-SA 3.0 IGO"


def test_who_5_counts_four_times_its_sum_and_only_when_all_five_are_there() -> None:
    found = who5()
    for values in product((0, 2, 5), repeat=5):
        said = dict(zip("12345", values, strict=True))
        assert instruments.score(found, said) == 4 * sum(values)
    for left_out in "12345":
        for nothing in ("skipped", "empty"):
            assert instruments.score(found, dict.fromkeys("12345", 5) | {left_out: nothing}) is None


# ---- What must not be ----


def test_no_file_asks_a_child_under_nine_itself_or_asks_about_one_under_three() -> None:
    for each in instruments.shelf().values():
        about_children = each.from_months < 18 * 12
        assert each.from_months >= 36 or each.entry == "totals", each.key
        if about_children and each.entry == "items" and each.who != "adult":
            assert (each.from_months if each.who == "self" else each.self_from_months) >= 108, each.key


def test_what_is_protected_is_here_as_totals_alone_and_waits_for_a_licence() -> None:
    protected = {each.key for each in instruments.shelf().values() if each.restricted}
    assert protected == {"sdq", "ors", "srs"}
    for each in instruments.shelf().values():
        assert each.restricted == (each.entry == "totals")
        assert not each.restricted or not any(each.may_be_shown(mode) for mode in instruments.UNATTENDED)
    made = form("who5")
    facts = {each["url"]: each for each in made["extension"][0]["extension"]}
    facts["restricted"]["valueBoolean"] = True
    with pytest.raises(BadInstrument, match="protected"):
        instruments.parsed(made)


@pytest.mark.parametrize("mode", instruments.UNATTENDED)
def test_a_question_about_self_harm_is_in_no_form_that_nobody_sits_beside(mode) -> None:
    made = form("who5")
    made["extension"][0]["extension"].append({"url": "selfharm_items", "valueString": "5"})
    harm = instruments.parsed(made)
    assert not harm.may_be_shown(mode)
    assert harm.may_be_shown("paper") and harm.may_be_shown("interview")
    words = " ".join(
        text for each in instruments.shelf().values() for item in each.items for text in item.text.values()
    )
    assert not re.search(r"selvmord|skade(t)? (dig|mig|sig)|suicid|self-harm|hurt (your|my)self", words, re.IGNORECASE)


def test_no_two_questionnaires_have_one_name_at_the_door() -> None:
    codes = [form_code(*pin) for pin in instruments.shelf()]
    assert len(set(codes)) == len(codes) and all(re.fullmatch(r"[0-9a-f]{4}", each) for each in codes)
    assert not any(key in code for code, (key, _version) in zip(codes, instruments.shelf(), strict=True))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda made, ours: made.update(item=[]), "no Questionnaire with questions"),
        (lambda made, ours: ours["scoring"].update(valueString="mean"), "no way of counting"),
        (lambda made, ours: ours["scoring"].update(valueString="sum(1,9)*4"), "a question it does not have"),
        (lambda made, ours: ours["top"].update(valueInteger=25), "it counts to 100, and says 25"),
        (lambda made, ours: ours["needs"].update(valueString="6"), "more answers than it counts"),
        (lambda made, ours: ours["low_times"].update(valueInteger=0), "counted from one"),
        (lambda made, ours: ours["who"].update(valueString="dog"), "who answers"),
        (lambda made, ours: made["item"][0].update(type="text"), "neither a choice nor"),
        (lambda made, ours: made.pop("copyright"), "it lacks something"),
    ],
)
def test_a_file_that_is_not_whole_keeps_the_house_from_starting(spoil, said) -> None:
    made = form("who5")
    spoil(made, {each["url"]: each for each in made["extension"][0]["extension"]})
    with pytest.raises(BadInstrument, match=re.escape(said)):
        instruments.parsed(made)
