"""How a house wishes seats to be proposed: read from its file, refused with the line and the reason."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from brobygger.catalogue import queries, rules, services
from conftest import HOUSES

pytestmark = pytest.mark.django_db
LINE = 'order = ["overdue", "placed", "weeks", "siblings", "parents", "kept", "few", "comfort"]\n'


def written(folder: Path, old: str, new: str) -> Path:
    """Write Dit Rum's file with one thing otherwise."""
    text, path = (HOUSES / "ditrum.toml").read_text(), folder / "house.toml"
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_order_and_the_limits_are_read_from_the_house_s_file(furnished: Any, tmp_path: Path) -> None:
    other = 'order = ["siblings", "overdue", "placed", "weeks", "parents", "kept", "few", "comfort"]\n'
    changes = services.furnish(path=written(tmp_path, LINE, other), by="keeper")

    assert len(changes) == 1
    told = queries.house().placement
    assert told["order"][:2] == ["siblings", "overdue"] and sorted(told["order"]) == sorted(rules.WISHES)
    assert (told["limit_weeks"], told["fewest_meetings_left"]) == (26, 3)
    services.furnish(path=written(tmp_path, "limit_weeks = 26", "limit_weeks = 12"), by="keeper")
    assert queries.house().placement["limit_weeks"] == 12


def test_a_house_whose_file_says_nothing_of_it_has_what_most_would_have(furnished: Any, tmp_path: Path) -> None:
    text = (HOUSES / "ditrum.toml").read_text()
    start, end = text.index("[placement]"), text.index("# ---- Whom the house is for")
    path = tmp_path / "house.toml"
    path.write_text(text[:start] + text[end:])

    assert services.furnish(path=path, by="keeper") == []
    assert queries.house().placement == rules.placement()


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        (LINE, 'order = ["overdue", "placed"]\n', "placement.order", "must name each of these once"),
        (LINE, LINE.replace('"few"', '"placed"'), "placement.order", "must name each of these once"),
        (LINE, LINE.replace('"few"', '"income"'), "placement.order", "overdue, placed, weeks"),
        (LINE, 'order = "placed"\n', "placement.order", "must name each of these once"),
        ("limit_weeks = 26", "limit_weeks = 0", "placement.limit_weeks", "whole number from 1 to 520"),
        ("fewest_meetings_left = 3", 'fewest_meetings_left = "3"', "placement.fewest_meetings_left", "whole number"),
        ("limit_weeks = 26", "limit = 26", "placement.limit", "no field we know"),
    ],
)
def test_what_is_no_setting_is_refused_by_its_line(furnished: Any, tmp_path: Path, old, new, where, why) -> None:
    path = written(tmp_path, old, new)
    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")

    problem = bad.value.problems[0]
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if text.startswith(new.strip()[:8]))
    assert (problem.where, problem.line) == (where, line)
    assert why in problem.why and queries.house().placement == rules.placement()


@pytest.mark.parametrize("name", ["placement", "house"])
def test_what_there_can_be_one_of_is_refused_the_second_time(furnished: Any, tmp_path: Path, name) -> None:
    """Else the file's second word on it would be passed over, and nobody would know why."""
    text, path = (HOUSES / "ditrum.toml").read_text(), tmp_path / "house.toml"
    start = text.index(f"[{name}]")
    end = text.index("\n[", start) + 1
    one = text[start:end].replace(f"[{name}]", f"[[{name}]]", 1)
    path.write_text(text[:start] + one + "\n" + one + text[end:])
    second = [n for n, line in enumerate(path.read_text().splitlines(), 1) if line == f"[[{name}]]"][1]
    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")

    (problem,) = (each for each in bad.value.problems if "write it only once" in each.why)
    assert (problem.where, problem.line) == (f"{name}.2", second)

    path.write_text(text[:start] + one + text[end:])
    assert services.furnish(path=path, by="keeper") == [], "written once, it is the same in either way"
