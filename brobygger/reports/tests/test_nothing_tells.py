"""What no number beside a count may tell of it: rounded counts, stocks carried over, effects, and what moved."""

from datetime import date
from typing import Any

import pytest

from brobygger.reports import measures, releasing, rules
from brobygger.reports.rules import TOTAL, Table
from brobygger.statistics import attack, hiding
from brobygger.statistics.published import Release, Rules, Sum, plain

YEAR, NEXT = rules.year(2026), rules.year(2027)
SETTINGS = rules.SETTINGS


def ways(up: int, same: int, down: int) -> Table:
    table = Table("T.ways", ["up", "same", "down", TOTAL], ["n", "share"], sums=frozenset({"rows"}), of=(TOTAL, "n"))
    table.what, table.dims = "ways", ("way", "")
    counted = {"up": up, "same": same, "down": down, TOTAL: up + same + down}
    table.counts = {(row, "n"): n for row, n in counted.items()}
    for row, n in counted.items():
        table.worked[row, "share"] = (((row, "n"), (TOTAL, "n")), rules.shared(n, counted[TOTAL], 10))
    return table


def stock(running: int, ended: int, begun: int, before: int) -> Table:
    table = Table("T.ran", ["courses"], ["running", "ended", "begun"])
    table.counts = {("courses", "running"): running, ("courses", "ended"): ended, ("courses", "begun"): begun}
    table.same = {("courses", each): (each, {}) for each in table.columns}
    table.tied("ran", {"begun": begun, "ran|since=before": before})
    table.tied("ran", {"running": running, "ended": ended})
    table.of = "ran"
    return table


def release(tables: list[Table], period: Any, as_of: str, **more: Any) -> Release:
    return releasing.hidden(tables, SETTINGS | more.pop("said", {}), period=period, as_of=as_of, **more)


def test_a_share_of_rounded_counts_is_made_of_the_rounded_ones() -> None:
    table = ways(23, 18, 12)
    told = release([table], YEAR, "1", said={"rounding": 5})
    cells = releasing.shown(table, told, YEAR)["cells"]
    # 23 of 53 is 43 per cent; of what is shown, 25 of 55, it is 45.
    assert cells[0][0] == {"n": 25} and cells[3][0] == {"n": 55}
    assert (cells[0][1]["share"], cells[0][1]["of"]) == (45, 55)
    exact = releasing.shown(table, release([table], YEAR, "1"), YEAR)["cells"]
    assert (exact[0][1]["share"], exact[0][1]["of"]) == (43, 53)


def test_a_house_too_small_for_its_zeros_still_gets_a_report() -> None:
    # Four who began, each alone in its row: with every zero shown they could be nothing but one each.
    cells = [("a", "x"), ("b", "y"), ("c", "z"), ("d", "x")]
    table = rules.cross("T.few", cells, ["a", "b", "c", "d", "e"], ["x", "y", "z"], "few", ("r", "c"))
    with pytest.raises(hiding.CannotHide):
        hiding.hide(releasing.figures([table]), name="t", as_of="1", rules=Rules(zeros_hidden=False))
    told = release([table], YEAR, "1")
    assert set(told.counts.values()) == {None} and told.maybe == set(told.counts)
    assert attack.attack(told) == ()


def test_who_is_carried_over_is_who_ran_on_the_last_day() -> None:
    # Three ran on the last day of 2026: withheld. In 2027 nothing but 40 that ran and 37 that began would say it.
    first = release([stock(running=3, ended=30, begun=26, before=7)], YEAR, "1")
    assert first.counts["running|on=2026-12-31"] is None
    second = release([stock(running=12, ended=28, begun=37, before=3)], NEXT, "2", earlier=[(YEAR, first)])
    gone = {name.partition("|in=")[0] for name, count in second.counts.items() if count is None}
    assert "running|on=2026-12-31" in gone and gone & {"begun", "ran"}
    assert releasing.would_tell(plain(second), [plain(first)]) == []
    # Planted: the second made as if there were no first, and with nothing of its own to hide.
    bare = {name: count for name, count in first.counts.items()} | {"running|on=2026-12-31": None}
    careless = release([stock(running=12, ended=28, begun=37, before=3)], NEXT, "2")
    shown = {"begun|in=2027-01-01_2027-12-31": 37, "ran|in=2027-01-01_2027-12-31": 40}
    planted = plain(careless) | {"counts": {**careless.counts, **shown}, "growth": []}
    assert releasing.would_tell(planted, [plain(first) | {"counts": bare}]) != []


def test_what_truly_moved_is_kept_with_a_release_and_is_believed() -> None:
    first = release([ways(20, 18, 12)], YEAR, "1")
    assert None not in first.counts.values()
    # One more: hidden now. A reader who took it that nothing moved would be wrong, and so is no reason to refuse.
    second = release([ways(21, 18, 12)], YEAR, "2", earlier=[(YEAR, first)])
    assert second.counts[releasing._named("ways|way=up", YEAR)] is None
    assert {how for _name, _since, how in second.growth} == {attack.GREW}
    assert releasing.would_tell(plain(second), [plain(first)]) == []
    assert releasing.would_tell(plain(second) | {"growth": []}, [plain(first)]) != []


def test_which_others_are_hidden_hangs_on_the_houses_secret() -> None:
    rows = {"a": (12, 3, 20, 9), "b": (9, 14, 30, 11), "c": (11, 8, 10, 25), "d": (13, 17, 9, 14)}
    cells = [(row, "wxyz"[at]) for row, line in rows.items() for at, n in enumerate(line) for _each in range(n)]
    table = rules.cross("T.key", cells, list(rows), list("wxyz"), "key", ("r", "c"))

    def gone(key: bytes) -> frozenset[str]:
        made = release([table], YEAR, "1", key=key)
        return frozenset(name for name, count in made.counts.items() if count is None)

    assert gone(b"one") == gone(b"one")
    assert len({gone(bytes([number])) for number in range(8)}) > 2
    assert all(releasing._named("key|c=x|r=a", YEAR) in gone(bytes([number])) for number in range(8))


def test_an_effect_goes_when_the_change_it_is_made_of_goes() -> None:
    table = Table("T.well", [TOTAL], ["both", "start", "end", "change", "effect"], of=(TOTAL, "both"))
    table.what, table.measure, table.counts = "who5-both", "who5", {(TOTAL, "both"): 12}
    table.means = {(TOTAL, "change"): 8.2}
    table.worked = {(TOTAL, name): (((TOTAL, "both"),), lambda: {"mean": 8}) for name in ("change", "effect")}
    whole = Release("r", "1", {releasing._named(table.name((TOTAL, "both")), YEAR): 12}, rules=Rules())
    cells = releasing.shown(table, whole, YEAR)["cells"][0]
    assert cells[3] == cells[4] == {"hidden": True}


def test_the_years_of_a_stock_are_its_days() -> None:
    assert releasing._named("running", YEAR) == "running|on=2026-12-31"
    assert releasing._named("ran|since=before", NEXT) == "running|on=2026-12-31"
    assert releasing._named("begun", YEAR) == "begun|in=2026-01-01_2026-12-31"
    assert rules.Period(date(2026, 1, 1), date(2026, 6, 30)) != YEAR


def test_an_age_in_which_nobody_answered_twice_is_in_a_row_all_the_same() -> None:
    def measured(band: str, start: float, end: float | None) -> measures.Measured:
        kept = measures.Kept(None, None, None, None, ())
        return measures.Measured("who5", "child", "self", band, start, end, kept)

    rows = [measured("3-10", 40, 60) for _each in range(12)] + [measured("11-16", 40, 60) for _each in range(11)]
    groups = measures.by_band([*rows, measured("0-2", 40, None)], 10)
    assert sum(len(each) for group, each in groups.items() if group != TOTAL) == len(groups[TOTAL]) == 24
    assert [len(each) for each in groups.values()] == [12, 12, 24]


def test_a_release_that_gives_away_what_another_of_the_same_day_hid_is_named() -> None:
    whole = (Sum("all", ("few", "many")),)
    first = Release("year", "a day", {"all": 12, "few": None, "many": None}, whole, rules=Rules(5))
    second = Release("sheet", "a day", {"all": 12, "few": None, "many": 10}, whole, rules=Rules(5))
    harmless = Release("sheet", "a day", {"all": 12, "few": None, "many": None}, whole, rules=Rules(5))

    assert "few" in releasing.would_tell(plain(second), [plain(first)])
    assert releasing.would_tell(plain(harmless), [plain(first)]) == []
