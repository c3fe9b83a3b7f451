"""Pytest plugin: every test that touches a database opens all three, and a bare `pytest` is a test run."""

import os
from pathlib import Path

import pytest

# Loaded before pytest-django reads the settings, so that these are in place when it does.
os.environ.setdefault("BROBYGGER_TESTING", "1")
# Playwright's plain interface keeps a loop running in this thread; the tests know what they are doing.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DATABASES = ["default", "keys", "door"]
OPENING_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_configure() -> None:
    """Let the pages speak the Danish that stands in the catalogue now."""
    from config import wordbook

    po = Path(__file__).resolve().parent.parent / wordbook.PO
    mo = po.with_suffix(".mo")
    if po.exists() and (not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime):
        wordbook.compile_to(po)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Widen every `django_db` mark, said or implied by a fixture, to the three databases."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is None and OPENING_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            continue
        wishes = dict(mark.kwargs) if mark else {}
        positional = mark.args if mark else ()
        item.add_marker(pytest.mark.django_db(*positional, **{"databases": DATABASES, **wishes}), append=False)


def pytest_report_header() -> str:
    """Say which database this run is about."""
    return f"databases: {', '.join(DATABASES)} on {os.environ.get('BROBYGGER_DB', 'sqlite')}"
