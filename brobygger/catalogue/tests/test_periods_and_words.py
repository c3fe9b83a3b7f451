"""How long a course is kept and the words staff choose from come from the house's file, dated, with who says so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from brobygger.access.roles import Profession
from brobygger.catalogue import queries, rules, services
from brobygger.catalogue.models import Retention, Word
from conftest import HOUSES

pytestmark = pytest.mark.django_db


def with_lines(tmp_path: Path, *exchanged: tuple[str, str]) -> Path:
    """Write Dit Rum's file with something exchanged."""
    text = (HOUSES / "ditrum.toml").read_text(encoding="utf-8")
    for old, new in exchanged:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("house", ["ditrum", "familiesupporten"])
def test_every_house_names_a_period_for_every_profession_and_who_says_so(house: str) -> None:
    services.furnish(path=HOUSES / f"{house}.toml", by="keeper")

    found = {profession: queries.retention(profession) for profession in Profession.values}
    assert {profession: period.years for profession, period in found.items()} == {
        **dict.fromkeys(Profession.values, 5),
        "midwife": 10,
    }
    assert {period.rule for period in found.values()} == {
        "psychologist", "health_visitor", "nurse", "midwife", "default",
    }  # fmt: skip
    for period in found.values():
        assert period.law["da"] and period.law["en"] and period.checked_on >= date(2026, 11, 22)
        assert period.source.startswith("https://") or (period.rule == "default" and "Assumption" in period.law["en"])


def test_a_house_may_name_just_the_professions_people_have_here() -> None:
    assert tuple(Profession.values) == rules.PROFESSIONS


def test_who_has_no_rule_of_their_own_has_the_houses(furnished: Any) -> None:
    assert queries.retention("pedagogue").rule == queries.retention("what nobody is").rule == "default"


def test_a_new_period_holds_from_its_own_day(tmp_path: Path) -> None:
    rule = 'key = "midwife"\nyears = 10\n'
    tail = 'law = { da = "Ny", en = "New" }\nchecked_on = 2026-12-01\n'
    newer = f'[[retention]]\nkey = "midwife"\nyears = 12\nvalid_from = 2027-01-01\n{tail}\n[[retention]]\n'
    path = with_lines(tmp_path, ("[[retention]]\n", newer), (rule, f"{rule}valid_to = 2027-01-01\n"))
    services.furnish(path=path, by="keeper")

    assert queries.retention("midwife", date(2026, 12, 31)).years == 10
    assert queries.retention("midwife", date(2027, 1, 1)).years == 12


def test_a_house_that_says_no_period_at_all_is_refused(tmp_path: Path) -> None:
    path = with_lines(tmp_path, ('key = "default"\nyears', 'key = "pedagogue"\nyears'))

    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")
    assert 'a period with the key "default"' in str(bad.value)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('key = "midwife"', 'key = "plumber"', "must be one of: psychologist"),
        ('number = "34.15.05"', 'number = "34.15"', 'must be a KLE number such as "34.15.05".'),
        ("years = 10\n", "years = 0\n", "must be a whole number from 1 to 100."),
        ("checked_on = 2026-11-22\n", "", 'lacks "checked_on".'),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, why: str) -> None:
    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=with_lines(tmp_path, (old, new)), by="keeper")
    assert why in str(bad.value)


def test_lists_keep_to_themselves_and_to_the_order_of_the_file(furnished: Any) -> None:
    assert [word.key for word in queries.substances()] == ["alkohol", "hash", "stoffer", "piller"]
    assert len(queries.elements()) == 7
    assert {word.of for word in queries.problems()} == {"problems"} and len(queries.problems()) > 5
    assert {word.of for word in queries.tags()} == {"tags"}
    assert queries.kle()[0].number == "34.15.05" and queries.kle()[0].checked_on


def test_a_word_that_leaves_one_list_leaves_the_others_alone(tmp_path: Path) -> None:
    services.furnish(path=HOUSES / "ditrum.toml", by="keeper")
    before = set(Word.objects.exclude(of="substances").values_list("pk", flat=True))
    gone = '[[substances]]\nkey = "hash"\nlabel = { da = "Hash", en = "Cannabis" }\n'

    with translation.override("en"):
        changes = services.furnish(path=with_lines(tmp_path, (gone, "")), by="keeper")

    assert changes[0] == "substances: 1 removed (hash)"
    assert set(Word.objects.exclude(of="substances").values_list("pk", flat=True)) == before
    assert [word.key for word in queries.substances()] == ["alkohol", "stoffer", "piller"]


def test_the_database_holds_no_word_twice_in_a_list_and_no_period_of_nothing(furnished: Any) -> None:
    word = Word.objects.filter(of="problems", key="andet").get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Word.objects.create(of=word.of, key=word.key, label=word.label, valid_from=word.valid_from)
    Word.objects.create(of="tags", key=word.key, label=word.label, valid_from=word.valid_from)
    with pytest.raises(IntegrityError), transaction.atomic():
        Retention.objects.filter(key="default").update(years=0)
