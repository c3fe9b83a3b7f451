"""The weeks in which no group meets: school holidays, when letters are answered all the same."""

from datetime import date
from typing import Any

import pytest

from brobygger.catalogue import queries, services
from brobygger.catalogue.sections import Wrong, week_numbers
from conftest import HOUSES


@pytest.mark.django_db
def test_no_group_meets_on_a_holiday_in_a_closure_or_in_a_closed_week(furnished: Any) -> None:
    free = queries.days_without_groups(date(2026, 9, 1), date(2027, 6, 30))

    for day in (date(2026, 10, 14), date(2027, 2, 16), date(2027, 2, 28)):  # weeks 42, 7 and 8
        assert day in free
    assert date(2026, 12, 29) in free  # the house's own Christmas
    assert date(2027, 3, 25) in free  # Maundy Thursday
    assert date(2026, 10, 20) not in free
    assert date(2027, 2, 12) not in free


@pytest.mark.django_db
def test_letters_are_answered_in_a_closed_week(furnished: Any) -> None:
    assert date(2026, 10, 14) not in queries.calendar(date(2026, 10, 14)).closed


@pytest.mark.django_db
def test_the_weeks_are_read_from_the_house_s_file_and_furnished_anew(furnished: Any, tmp_path: Any) -> None:
    changed = tmp_path / "ditrum.toml"
    text = (HOUSES / "ditrum.toml").read_text()
    assert "closed_weeks = [7, 8, 42] " in text
    changed.write_text(text.replace("closed_weeks = [7, 8, 42]", "closed_weeks = [42, 7, 7]"))

    services.furnish(path=changed, by="keeper")

    assert queries.house().closed_weeks == [7, 42]
    assert date(2027, 2, 23) not in queries.days_without_groups(date(2027, 2, 1), date(2027, 3, 1))


@pytest.mark.parametrize("wrong", [7, ["7"], [0], [54], [7.0], [True]])
def test_what_is_no_week_number_is_refused(wrong: Any) -> None:
    with pytest.raises(Wrong):
        week_numbers(wrong)
