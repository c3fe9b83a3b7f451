"""How long a record is kept, over plain values: the longest rule among those who wrote, to the day."""

from dataclasses import dataclass
from datetime import date

import pytest

from brobygger.rights import rules


@dataclass(frozen=True)
class Rule:
    rule: str
    years: int
    valid_from: date | None = None
    valid_to: date | None = None


FIVE, TEN, OURS = Rule("psychologist", 5), Rule("midwife", 10), Rule("default", 5)
PERIODS = [OURS, FIVE, TEN]


def first(last_entry: date, wrote: set[str], periods: list[Rule] = PERIODS, on: date = date(2021, 1, 1)) -> date:
    found = rules.first_day_over(last_entry, wrote, periods, on)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("last_entry", "wrote", "day"),
    [
        (date(2021, 3, 1), {"psychologist"}, date(2026, 3, 2)),
        (date(2021, 3, 1), set(), date(2026, 3, 2)),
        (date(2021, 3, 1), {"pedagogue"}, date(2026, 3, 2)),
        (date(2021, 3, 1), {"psychologist", "midwife", "pedagogue"}, date(2031, 3, 2)),
        (date(2021, 12, 31), {"psychologist"}, date(2027, 1, 1)),
        # No 29th of February five years on: the period's last day is the last of that month.
        (date(2024, 2, 29), {"psychologist"}, date(2029, 3, 1)),
        (date(2024, 2, 28), {"psychologist"}, date(2029, 3, 1)),
        (date(2023, 2, 28), {"psychologist"}, date(2028, 2, 29)),
        (date(2024, 2, 29), {"midwife"}, date(2034, 3, 1)),
    ],
)
def test_a_period_is_so_many_years_and_a_day(last_entry, wrote, day):
    assert first(last_entry, wrote) == day


def test_the_longest_rule_holds_and_one_with_a_law_is_named_before_our_own():
    assert rules.longest({"midwife", "psychologist"}, PERIODS) == TEN
    assert rules.longest({"pedagogue", "psychologist"}, PERIODS) == FIVE
    assert rules.longest({"pedagogue"}, PERIODS) == rules.longest(set(), PERIODS) == OURS


def test_a_house_without_any_rule_lets_nothing_end():
    assert rules.longest({"psychologist"}, []) is None
    assert rules.first_day_over(date(2000, 1, 1), {"psychologist"}, [TEN], date(2026, 1, 1)) is None


def test_what_is_long_over_is_over_today():
    assert first(date(2001, 1, 1), {"psychologist"}, on=date(2026, 5, 5)) == date(2026, 5, 5)


def test_a_rule_that_changes_decides_from_its_own_day():
    changing = [OURS, Rule("midwife", 10, valid_to=date(2027, 1, 1)), Rule("midwife", 5, valid_from=date(2027, 1, 1))]
    longer = [OURS, Rule("midwife", 5, valid_to=date(2026, 1, 1)), Rule("midwife", 10, valid_from=date(2026, 1, 1))]

    # Five years are over in 2026, but the rule says ten until the new year.
    assert first(date(2021, 3, 1), {"midwife"}, changing) == date(2027, 1, 1)
    assert first(date(2022, 3, 1), {"midwife"}, changing) == date(2027, 3, 2)
    assert first(date(2021, 3, 1), {"midwife"}, longer) == date(2031, 3, 2)
    # Over before the longer rule came: it went that day.
    assert first(date(2020, 3, 1), {"midwife"}, longer) == date(2025, 3, 2)


def test_a_law_looked_up_more_than_a_year_ago_is_old():
    assert not rules.stale(date(2025, 11, 22), date(2026, 11, 22))
    assert rules.stale(date(2025, 11, 22), date(2026, 11, 23))
