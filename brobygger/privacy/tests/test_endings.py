"""The commands that run at night, and what every field comes to."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from brobygger.ground import clock
from brobygger.privacy import fields, keyring, queries, retention
from brobygger.privacy.models import AuditEntry, DataKey
from brobygger.privacy.tests.keys import found_in


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty list of sweeps and of those who hold letters."""
    monkeypatch.setattr(retention, "SWEEPS", [])
    monkeypatch.setattr(retention, "PENDING_WEEKS", [])
    return retention


def _run(name: str) -> str:
    out = StringIO()
    call_command(name, stdout=out)
    return out.getvalue()


def test_one_sweep_that_fails_stops_no_other(registry, caplog) -> None:
    def breaks(now: datetime) -> int:
        raise ValueError("words of a family")

    def ends_three(now: datetime) -> int:
        ended.append(now)
        return 3

    ended: list[datetime] = []
    registry.SWEEPS += [breaks, ends_three]

    with pytest.raises(retention.SweepFailed, match="breaks"):
        registry.sweep(datetime(2026, 11, 19))
    assert len(ended) == 1
    assert "words of a family" not in caplog.text


def test_the_weeks_of_unopened_letters_are_gathered(registry) -> None:
    registry.PENDING_WEEKS += [lambda: {"2026-W46"}, lambda: {"2026-W47"}, set]

    assert registry.pending_weeks() == {"2026-W46", "2026-W47"}


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the clock, and leave the keys alone (the cast's own `at` makes them)."""
    return lambda day: monkeypatch.setattr(clock, "now", lambda: datetime(2026, *day, 1, 10, tzinfo=UTC))


@pytest.mark.django_db
def test_rotate_turns_the_keys_and_leaves_a_line(registry, tmp_path, settings, on) -> None:
    on((11, 19))
    found_in(tmp_path / "november", settings)
    assert "Nothing to make" in _run("rotate")
    assert queries.trail("house:keys") == []

    on((12, 19))
    registry.PENDING_WEEKS.append(lambda: {"2026-W47"})
    said = _run("rotate")

    assert "month key 2026-12" in said
    assert "week key 2026-W47" not in said
    assert queries.trail("house:keys") == [("machine", "privacy.keys_turned")]


@pytest.mark.django_db
def test_rotate_without_a_ring_is_a_sentence(registry, tmp_path, settings) -> None:
    found_in(tmp_path / "house", settings).ring.unlink()

    with pytest.raises(CommandError, match="backup"):
        _run("rotate")


@pytest.mark.django_db
def test_rotate_tells_of_damage(registry, keys, tmp_path, settings, on) -> None:
    on((11, 19))
    found_in(tmp_path / "november", settings)
    DataKey.objects.filter(pk=keyring.new_data_key(about=uuid4())).update(wrapped=b"x")
    on((12, 19))

    with pytest.raises(CommandError, match="damaged"):
        _run("rotate")


@pytest.mark.django_db
def test_sweep_says_what_ended(registry) -> None:
    registry.SWEEPS.append(len_of_nothing)

    assert "2  brobygger.privacy.tests.test_endings.len_of_nothing" in _run("sweep")
    registry.SWEEPS.append(lambda now: 1 / 0)
    with pytest.raises(CommandError, match="lambda"):
        _run("sweep")


def len_of_nothing(now: datetime) -> int:
    """Pretend that two things ended."""
    return 2


@pytest.mark.django_db
def test_install_makes_a_new_house_and_nothing_over_an_old_one(tmp_path, settings) -> None:
    places = found_in(tmp_path / "house", settings)
    key = keyring.new_data_key(about=uuid4())
    assert str(places.master) in _run("install")

    places.ring.unlink()
    with pytest.raises(CommandError, match="Bring it back"):
        _run("install")
    assert not places.ring.exists()
    keyring.shred(key)
    _run("install")
    assert places.ring.exists()
    places.master.unlink()
    with pytest.raises(CommandError, match="master key"):
        _run("install")


def test_every_fate_is_a_sentence() -> None:
    assert all(fate.means.endswith(".") and fate.value == str(fate) for fate in fields.Fate)
    assert len({fate.means for fate in fields.Fate}) == len(fields.Fate)


def test_every_column_of_this_room_has_a_fate() -> None:
    assert fields.without_fate(AuditEntry) == fields.without_fate(DataKey) == []


def test_a_column_without_a_fate_is_named() -> None:
    class Planted:
        _meta = AuditEntry._meta
        FATES = {"id": fields.Fate.AUDIT, "gone": fields.Fate.KEPT}

    assert fields.without_fate(Planted) == ["about", "action", "at", "by", "gone", "reason"]
