"""Which database a table lives in."""

from typing import Any

from django.conf import settings

#: room -> database; every other room lives in `default`.
ELSEWHERE = {"door": "door"}
#: single tables that live apart from their room.
APART = dict.fromkeys([("privacy", "datakey"), ("privacy", "blindtoken"), ("privacy", "tombstone")], "keys")


class Rooms:
    """Send every table to its own database and refuse relations across them."""

    def home(self, app_label: str, model_name: str | None) -> str:
        """Name the database where a table lives."""
        return APART.get((app_label, model_name or "")) or ELSEWHERE.get(app_label, "default")

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Read a table where it lives."""
        return self.home(model._meta.app_label, model._meta.model_name)

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow a relation inside one database alone."""
        # Not type(one): a signed-in person comes wrapped in a lazy object.
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Build a table in its own database alone; never through the street's login."""
        if db == "street" or (db != "default" and db == settings.STREET and db != "door"):
            return False
        return self.home(app_label, model_name) == db
