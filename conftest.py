"""The cast, and the house they stand in.

Alma, family therapist · Bo, her colleague who must see nothing · Clara, who leads · Dan, a partner's coordinator ·
Ea, who came by return key and therefore is nobody here · Finn, the administrator.
"""

import shutil
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from brobygger.ground import clock

OPENING_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
HOUSES = Path(__file__).parent / "houses"
#: Everybody's password, and what everybody's phone holds.
PASSWORD = "three words in a row"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Hire = Callable[..., Any]
At = Callable[[str], datetime]


@pytest.fixture(scope="session")
def cut_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut one set of keys for the whole run; every test gets a copy of its own."""
    from brobygger.privacy import keyring

    directory = tmp_path_factory.mktemp("keys")
    keyring.found(directory)
    return directory


@pytest.fixture
def keys(cut_keys: Path, tmp_path: Path, settings: LazySettings) -> Path:
    """Lay the house's keys out in this test's own directory and point the settings there."""
    own = tmp_path / "keys"
    shutil.copytree(cut_keys, own)
    settings.MASTER_KEY_FILE = own / "secret" / "master.key"
    settings.KEY_RING_FILE = own / "ring" / "ring.json"
    settings.DOOR_KEYS_FILE = own / "door" / "public-keys.json"
    return own


@pytest.fixture(autouse=True)
def _keys_for_every_database(request: pytest.FixtureRequest) -> None:
    """Give every test that touches a database its keys."""
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or not OPENING_FIXTURES.isdisjoint(request.fixturenames):
        request.getfixturevalue("keys")


@pytest.fixture(scope="session", autouse=True)
def _a_test_database_may_be_emptied() -> None:
    """Let the append-only trail be emptied after a test that commits."""
    from brobygger.casework.migrations import _kept as courses
    from brobygger.consents.migrations import _kept
    from brobygger.privacy.tests import emptying
    from brobygger.reports.migrations import _kept as reports
    from brobygger.rights.migrations import _kept as holds

    emptying.allow(_kept, courses, holds, reports)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Forget what another test left in the process: used codes, counted guesses, the language of its last page."""
    from django.core.cache import cache
    from django.utils import translation

    cache.clear()
    translation.activate("da")


@pytest.fixture
def hire(db: None) -> Hire:
    """Let somebody begin to work here: `hire("alma", Role.THERAPIST)`."""
    from brobygger.access import services

    def begin(handle: str, *roles: Any, title: dict[str, str] | None = None, **more: Any) -> Any:
        return services.hire(
            email=f"{handle}@huset.example",
            handle=handle,
            first_name=handle.capitalize(),
            title=title or {},
            roles=roles,
            password=PASSWORD,
            by="keeper",
            # Long ago, so that a test may stop the clock where it likes.
            **{"totp_secret": TOTP_SECRET, "since": date(2020, 1, 1), **more},
        )

    return begin


THERAPIST = {"da": "familieterapeut", "en": "family therapist"}


@pytest.fixture
def alma(hire: Hire) -> Any:
    """Alma, family therapist."""
    return hire("alma", "therapist", title=THERAPIST)


@pytest.fixture
def bo(hire: Hire) -> Any:
    """Bo, her colleague, who must see nothing of what is hers."""
    return hire("bo", "therapist", title=THERAPIST)


@pytest.fixture
def clara(hire: Hire) -> Any:
    """Clara, who leads."""
    return hire("clara", "leader", title={"da": "leder", "en": "leader"})


@pytest.fixture
def dan(hire: Hire) -> Any:
    """Dan, a partner's coordinator."""
    return hire("dan", "partner", title={"da": "koordinator", "en": "coordinator"})


@pytest.fixture
def finn(hire: Hire) -> Any:
    """Finn, the administrator."""
    return hire("finn", "administrator", title={"da": "administrator", "en": "administrator"})


@pytest.fixture
def gro(hire: Hire) -> Any:
    """Gro, who writes the public pages."""
    return hire("gro", "communications", title={"da": "kommunikation", "en": "communications"})


@pytest.fixture
def operator(hire: Hire) -> Any:
    """The person who runs the machine."""
    return hire("operator", "operator", title={"da": "drift", "en": "operations"})


@pytest.fixture
def staff_client() -> Callable[[Any], Client]:
    """Give a browser that is signed in with both steps done: `staff_client(alma).get(...)`."""

    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time()},
            {"method": "mfa", "at": time.time(), "type": "totp"},
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return signed_in


@pytest.fixture
def furnished(db: None) -> Any:
    """Furnish the house as Dit Rum."""
    from brobygger.catalogue import services

    return services.furnish(path=HOUSES / "ditrum.toml", by="keeper")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, keys: Path) -> At:
    """Stop the clock at a moment in Denmark: `at("2026-11-20T02:10")`. It may be set again.

    The keys of that week, month and year are made too, as the keeper would have done by then.
    """

    def stop(local: str) -> datetime:
        moment = datetime.fromisoformat(local).replace(tzinfo=clock.TZ).astimezone(UTC)

        class Stopped(datetime):
            """A clock that does not go."""

            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                """Tell the same moment every time."""
                return moment

        monkeypatch.setattr(clock, "datetime", Stopped)
        _keys_of(moment)
        return moment

    return stop


def _keys_of(moment: datetime) -> None:
    from brobygger.privacy import ring

    places = ring.Places.ours()
    with ring.locked(places):
        opened = deepcopy(ring.load_ring(places))
        if opened.make(moment):
            ring.store_ring(opened, places)
        ring.publish(opened, moment, places)
