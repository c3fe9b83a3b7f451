"""The machinery itself: what runs the tests is tested too."""

import os
from collections import Counter

import pytest
from django.conf import settings
from django.db import connections

from tests import cluster, promises_plugin, run


@pytest.mark.django_db
def test_every_database_is_open() -> None:
    """A test that opens one opens all three, on the engine this run is about."""
    for alias in ("default", "keys", "door"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    wanted = "sqlite" if os.environ.get("BROBYGGER_DB", "sqlite") == "sqlite" else "postgresql"
    assert {connections[alias].vendor for alias in ("default", "keys", "door")} == {wanted}


def test_a_fixture_opens_them_too(db: None) -> None:
    """The mark need not be said."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT 1")


def test_the_tests_have_databases_of_their_own(db: None) -> None:
    """Nothing a test writes can reach a running house."""
    names = [str(connections[alias].settings_dict["NAME"]) for alias in settings.DATABASES]
    assert all("test_" in name or "memory" in name for name in names), names


def test_a_sentence_is_said_only_when_every_proof_holds() -> None:
    """Planted: T2 has a broken proof beside a good one; T10 comes after T2, by number."""
    proofs = {
        ("T10", "Vi husker ikke, hvor du kom fra.", "We forget where you came from."): {"a": True},
        ("T2", "Døren har ingen nøgler.", "The door has no keys."): {"b": True, "c": False},
    }
    said = promises_plugin.sentences(proofs)
    assert said == [
        "T2   may not be said: Døren har ingen nøgler.",
        "       not proved by c",
        "T10  Vi husker ikke, hvor du kom fra.",
    ]


def test_the_closing_line_is_pytests_own() -> None:
    """Two runs are summed; a failure stands first."""
    assert run.closing_line(Counter(passed=7, failed=1, skipped=2), 3.14159).strip("= ") == (
        "1 failed, 7 passed, 2 skipped in 3.14s"
    )
    assert run.closing_line(Counter(passed=7, error=2), 1).strip("= ") == "7 passed, 2 errors in 1.00s"


@pytest.mark.parametrize(
    "line",
    [
        "= 3 passed in 0.12s =",
        "1 failed, 3 passed, 2 warnings in 63.05s (0:01:03)",
        "\x1b[32m\x1b[1m3 passed\x1b[0m in 1.2s",
    ],
)
def test_pytests_closing_line_is_read(line: str) -> None:
    """Long, short and coloured."""
    assert run.CLOSING.search(line)
    assert ("3", "passed") in run.COUNTED.findall(line)


def test_a_machine_without_postgresql_hears_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: no server programs, and nobody who may install them."""
    monkeypatch.setattr(cluster, "binaries", lambda: None)
    monkeypatch.setattr(run, "browser", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(run.Missing, match="sudo apt-get install --yes --no-install-recommends postgresql"):
        run.prepare(["sqlite", "postgres"])
    assert run.prepare(["sqlite"])["BROBYGGER_TESTING"] == "1"
    with pytest.raises(cluster.NoServer), cluster.postgres():
        raise AssertionError("there is no server")
