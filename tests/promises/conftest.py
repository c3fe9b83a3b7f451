"""Real houses for the proofs: web server, worker and databases of their own, shared by the proofs that harm nothing."""

from collections.abc import Iterator

import pytest

from tests import running

#: A Monday night in November: the house is closed, and answers the same day.
NIGHT = "2026-11-23T02:10"


@pytest.fixture(scope="session")
def house() -> Iterator[running.House]:
    """A running house with cheap return keys (KDF version 0), so that the proofs take seconds."""
    with running.house("ditrum", BROBYGGER_CLOCK=NIGHT) as built:
        yield built


@pytest.fixture(scope="session")
def dear_house() -> Iterator[running.House]:
    """A running house whose return keys cost what they cost families (KDF version 1)."""
    with running.house("ditrum", BROBYGGER_CLOCK=NIGHT, BROBYGGER_KDF_VERSION="1") as built:
        yield built


@pytest.fixture
def own_house() -> Iterator[running.House]:
    """A running house for one test alone, which may break it."""
    with running.house("ditrum", BROBYGGER_CLOCK=NIGHT) as built:
        yield built
