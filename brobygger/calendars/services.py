"""Deeds about calendar addresses: made and told once, taken back at once."""

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.privacy import services as audit
from brobygger.series.rules import NotSound

from . import rules
from .models import Feed

if TYPE_CHECKING:
    from brobygger.groups.models import Group


def make_feed(*, user: Any, shows: str, group: "Group | None" = None, place: str = "", by: Any) -> tuple[Feed, str]:
    """Make a secret calendar address, and give the secret: it is told this once, and only its hash is kept."""
    require(by, Permission.MAKE_FEEDS)
    if (shows == Feed.Shows.GROUP) != (group is not None) or (shows == Feed.Shows.PLACE) != bool(place):
        raise NotSound("shows")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        kept = {"shows": Feed.Shows(shows), "group": group, "place": place, "token": rules.token_hash(token)}
        made = Feed.objects.create(user=user, **kept)
        audit.record(by=by, action="calendars.feed_made", about=made, reason=shows)
    return made, token


def revoke_feed(*, feed: Feed, by: Any) -> None:
    """Take a calendar address back; from now on it opens nothing."""
    with transaction.atomic():
        if Feed.objects.filter(pk=feed.pk, revoked_on=None).update(revoked_on=clock.today()):
            audit.record(by=by, action="calendars.feed_revoked", about=feed)
            # An older copy that is put back does not open it again.
            audit.bury(ids=[feed.pk], by=by)
