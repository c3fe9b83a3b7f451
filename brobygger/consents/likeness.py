"""Referrals that gave the same number: seen by a machine, decided by a person, merged by nobody."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.ground.rounds import alone
from brobygger.privacy import services as audit
from brobygger.threads import services as threads

from .models import Lookalike, Referral

if TYPE_CHECKING:
    from brobygger.threads.models import Thread


@alone
def look_for_others(thread: "Thread", *, by: str) -> None:
    """Note which referrals gave the same number, for a person to see; nothing is merged, nobody is told.

    Only referrals are compared with referrals: a family that wrote by itself is never found by its number.
    """
    found = {each.thread_id: each for each in Referral.objects.select_related("thread")}
    referral = found.pop(thread.pk, None)
    if referral is None:
        return
    for ident in threads.same_number(thread=thread, among=[each.thread for each in found.values()], by=by):
        one, other = sorted((referral, found[ident]), key=lambda each: each.pk)
        Lookalike.objects.get_or_create(one=one, other=other)


def forget(*, referral: Referral, by: str) -> None:
    """Forget with whom a referral shared a number, when nobody has decided about it and the number has gone."""
    with transaction.atomic():
        Lookalike.objects.filter(Q(one=referral) | Q(other=referral), decided="").delete()


def decide(*, pair: Lookalike, same: bool, by: Any) -> None:
    """Say whether two referrals are the same family. It changes nothing else: a person does what follows."""
    require(by, Permission.SEE_REFERRALS)
    with transaction.atomic():
        Lookalike.objects.filter(pk=pair.pk).update(decided="same" if same else "different")
        audit.record(by=by, action="consents.lookalike_decided", about=pair.one.thread)
