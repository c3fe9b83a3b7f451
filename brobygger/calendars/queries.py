"""Reading about calendar addresses: one's own, and the meetings behind a secret."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import queries as seating

from . import rules
from .models import Feed

if TYPE_CHECKING:
    from brobygger.groups.models import Meeting

#: A calendar shows what was a fortnight ago, and everything that has a date.
BACK, ON = timedelta(days=14), timedelta(days=500)


def feeds(viewer: Any) -> list[Feed]:
    """List somebody's own calendar addresses that still open, newest first."""
    rows = Feed.objects.filter(user_id=viewer.pk, revoked_on=None).select_related("group")
    return list(rows.order_by("-made_on", "shows", "pk"))


def get_feed(viewer: Any, ident: UUID) -> Feed | None:
    """Fetch one of somebody's own calendar addresses; None when it is not theirs, or revoked."""
    return Feed.objects.filter(pk=ident, user_id=viewer.pk, revoked_on=None).first()


def feed(token: str) -> "list[Meeting] | None":
    """List the meetings behind a calendar address, in order; None when it opens nothing, or nothing any more."""
    row = Feed.objects.filter(token=rules.token_hash(token), revoked_on=None).select_related("user", "group").first()
    if row is None or not may(row.user, Permission.MAKE_FEEDS):
        return None
    first, last, own = clock.today() - BACK, clock.today() + ON, row.shows == Feed.Shows.MINE
    return seating.between(row.user, first, last, place=row.place, group=row.group, own=own)


def feed_choices(viewer: Any) -> dict[str, dict[str, Any]]:
    """Give what somebody's calendar may show: what a page sends back, and the values of it."""
    own = {"mine": {"shows": "mine"}} if may(viewer, Permission.RUN_GROUPS) else {}
    places = {f"place:{each.key}": {"shows": "place", "place": each.key} for each in catalogue.places()}
    one = {f"group:{each.group.pk}": {"shows": "group", "group": each.group} for each in seating.groups(viewer)}
    return {**own, "house": {"shows": "house"}, **places, **one}
