"""A house to move into, on a day."""

from typing import Any

import pytest


@pytest.fixture
def house(furnished: Any, at: Any, alma: Any, bo: Any, operator: Any) -> Any:
    """Dit Rum in November 2026, with Alma and Bo at work and somebody who runs the machine."""
    at("2026-11-22T10:00")
    return furnished
