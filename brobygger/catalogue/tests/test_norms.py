"""A norm to lay children's answers beside: read from the house's file with its source, and refused without it."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from brobygger.catalogue import queries, services
from conftest import HOUSES

pytestmark = pytest.mark.django_db
NORM = """
[[norms]]
instrument = "who5"
mean = 68.5
sd = 19
source = "Somebody, Something"
year = 2022
age_from = 11
age_to = 15
"""


def written(folder: Path, norm: str) -> Path:
    """Write Dit Rum's file with a norm."""
    path = folder / "house.toml"
    path.write_text((HOUSES / "ditrum.toml").read_text() + norm)
    return path


def test_a_norm_is_read_with_its_source_and_gone_when_the_file_has_it_no_more(furnished: Any, tmp_path: Path) -> None:
    assert "norms" not in queries.house().report
    services.furnish(path=written(tmp_path, NORM), by="keeper")
    assert queries.house().report["norms"] == [
        {
            **{"instrument": "who5", "mean": 68.5, "sd": 19.0, "source": "Somebody, Something"},
            **{"year": 2022, "age_from": 11, "age_to": 15},
        }
    ]
    services.furnish(path=HOUSES / "ditrum.toml", by="keeper")
    assert "norms" not in queries.house().report


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('source = "Somebody, Something"\n', "", "source"),
        ("year = 2022\n", "", "year"),
        ("mean = 68.5", "mean = 680", "number of points"),
        ("mean = 68.5", 'mean = "68"', "number of points"),
        ("age_from = 11", "age_from = 16", "must come after"),
    ],
)
def test_a_norm_without_its_source_is_no_norm(furnished: Any, tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in NORM
    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=written(tmp_path, NORM.replace(old, new)), by="keeper")
    assert why in "\n".join(map(str, bad.value.problems))
