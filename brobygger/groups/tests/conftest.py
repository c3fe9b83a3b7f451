"""A group Alma leads, on the evening of its first meeting."""

from typing import Any
from uuid import UUID

import pytest

from brobygger.groups.models import Group, Meeting

from . import rows


@pytest.fixture
def stars(furnished: Any, alma: Any, at: Any) -> Group:
    """A group Alma leads; it is the evening of its first meeting."""
    at("2026-11-11T16:30")
    group = rows.group()
    rows.leads(group, alma)
    return group


@pytest.fixture
def first(stars: Group) -> Meeting:
    """Its first meeting, tonight."""
    return rows.meeting(stars)


@pytest.fixture
def three(stars: Group, first: Meeting, alma: Any) -> list[UUID]:
    """Three children of Alma's who have seats."""
    children = [rows.child(alma, name) for name in ("Asta", "Bertil", "Carla")]
    for each in children:
        rows.seat(stars, each)
    return [each.pk for each in children]
