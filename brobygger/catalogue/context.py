"""Lends every page the house's name, its neutral title and its way out; fails never, even before there is a house."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from brobygger.ground.rules import pick

from .models import House
from .queries import NotFurnished, spaced
from .queries import house as this_house


class HouseOnPage:
    """What a page may say about the house; texts are in the reader's language."""

    def __init__(self, house: House) -> None:
        """Take what pages need, and nothing that is not for everybody."""
        language = get_language() or "da"
        self.key = house.key
        self.name = house.name
        self.neutral_title = pick(house.neutral_title, language)
        self.exit_url = house.exit_url
        self.phone = spaced(house.phone)
        self.dial = house.phone
        self.address = house.address
        self.version = self.colours_version = house.version


def house(request: HttpRequest) -> dict[str, Any]:
    """Lend a page `house`; it is read when the page first asks for it."""
    return {"house": SimpleLazyObject(_house)}


def _house() -> HouseOnPage:
    try:
        return HouseOnPage(this_house())
    except (NotFurnished, DatabaseError):
        # An error page must come out even when the database does not answer.
        return HouseOnPage(House(exit_url="https://www.dmi.dk/"))
