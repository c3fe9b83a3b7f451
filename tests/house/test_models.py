"""What the database holds: it looks back, every field has a fate, every word is explained, nobody is scored."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from brobygger.privacy.fields import Fate
from tests.house import source

#: No score, points, ranking or "concern level" of a family, ever; no CPR number.
FORBIDDEN = {
    "score", "scores", "scoring", "point", "points", "risk", "rank", "ranking", "rating", "concern", "severity",
    "cpr", "cprnr", "personnummer", "ssn",
}  # fmt: skip


def ours() -> list[Any]:
    """Give the models of the rooms."""
    return [model for model in apps.get_models() if model.__module__.startswith("brobygger.")]


def forward(model: Any) -> list[str]:
    """Name the relations that point at a later room."""
    order = source.ORDER
    found = []
    for field in model._meta.get_fields():
        if not (field.concrete and field.is_relation) or isinstance(field.related_model, str | None):
            continue
        there, here = field.related_model._meta.app_label, model._meta.app_label
        if there in order and order.index(there) > order.index(here):
            found.append(f"{model._meta.label}.{field.name} points forward to {there}")
    return found


def fateless(model: Any) -> list[str]:
    """Name the columns without a fate, and the fates without a column."""
    columns = {column.name for column in model._meta.concrete_fields}
    declared = set(vars(model).get("FATES", {}))
    return [f"{model._meta.label}.{name}: no fate" for name in sorted(columns - declared)] + [
        f"{model._meta.label}.{name}: a fate without a field" for name in sorted(declared - columns)
    ]


def judging(model: Any) -> list[str]:
    """Name the columns whose word is a judgement of somebody, or a CPR number."""
    found = []
    for field in model._meta.concrete_fields:
        words = set(re.split(r"[_\W]+", f"{field.name}_{field.column}".lower()))
        words |= set(re.sub(r"(?<=[a-z])([A-Z])", r"_\1", model.__name__).lower().split("_"))
        if words & FORBIDDEN:
            found.append(f"{model._meta.label}.{field.name}: {', '.join(sorted(words & FORBIDDEN))}")
    return found


def unexplained(names: Iterable[str], glossary: str) -> list[str]:
    """Name the models that have no row of their own in the glossary."""
    explained = set(re.findall(r"^\|[^|]*`(\w+)`[^|]*\|", glossary, re.MULTILINE))
    return sorted(set(names) - explained)


def fields(complaints: list[str]) -> list[str]:
    """Give the field each complaint is about."""
    return [line.split(":")[0].split(".")[-1] for line in complaints]


def test_foreign_keys_look_back() -> None:
    """A row may point at a row of an earlier room, never of a later one."""
    source.clean(line for model in ours() for line in forward(model))


def test_every_field_has_a_fate() -> None:
    """Nobody adds a column without saying how it ends."""
    source.clean(line for model in ours() for line in fateless(model))


def test_nobody_is_scored_and_nobody_is_numbered() -> None:
    """The schema has no place for a score, a ranking or a CPR number."""
    source.clean(line for model in ours() for line in judging(model))


def test_every_model_is_in_the_glossary() -> None:
    """What we keep has a name in both languages and a meaning."""
    glossary = source.text(Path("docs/glossary.md"))
    source.clean(unexplained((model.__name__ for model in ours()), glossary))


def test_every_fate_is_explained_to_people() -> None:
    """What becomes of a field stands in docs/privacy.md, in the very words the code uses."""
    told = source.text(Path("docs/privacy.md"))
    source.clean(fate.value for fate in Fate if f"| {fate.value} | {fate.means} |" not in told)


@isolate_apps("config")
def test_planted_faults_in_tables_are_seen() -> None:
    """Planted: a table that looks forward, forgets a fate, keeps an old one, scores a family and asks for a number."""

    class Later(models.Model):
        class Meta:
            app_label = "today"

    class Family(models.Model):
        later = models.ForeignKey(Later, on_delete=models.CASCADE)
        risk_level = models.IntegerField()
        child_cpr = models.CharField(max_length=10)
        appointment = models.IntegerField()
        FATES = {"id": "kept", "appointment": "kept", "gone": "kept"}

        class Meta:
            app_label = "ground"

    class FamilyScore(models.Model):
        class Meta:
            app_label = "ground"

    assert len(forward(Family)) == 1
    assert fields(fateless(Family)) == ["child_cpr", "later", "risk_level", "gone"]
    assert fields(judging(Family)) == ["risk_level", "child_cpr"]
    assert judging(FamilyScore)


def test_an_unexplained_word_is_seen() -> None:
    """Planted: a model that is only mentioned in passing."""
    glossary = "| word | dansk | meaning |\n|---|---|---|\n| `Box` | postboks | not a `Letter` |\n"
    assert unexplained(["Box", "Letter"], glossary) == ["Letter"]
