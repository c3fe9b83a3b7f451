"""A house on a busy morning, for pictures: `house.ask("from tests import busy; busy.fill()")` after it was built.

Referrals not rung and late, a number that came twice, a therapist who called off, a message that did not get through.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from brobygger.access import queries as people
from brobygger.appointments import queries as times
from brobygger.appointments import services as booking
from brobygger.consents import services as consents
from brobygger.consents.models import Consent, Referral
from brobygger.consents.tests.families import refer
from brobygger.ground import clock
from brobygger.intake import rules
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.outbox.models import Notice
from brobygger.privacy import seal
from tests.letters import keeper, working_hours


def fill() -> None:
    """Let all of it have happened."""
    alma, bo, finn = (people.person(handle) for handle in ("alma", "bo", "finn"))
    for worker in (alma, bo):
        working_hours(worker)
    _referrals(alma, finn)
    _times(alma)
    _times(bo)
    _failed()
    for profession in ("teacher", "health_visitor", "health_visitor"):
        call = rules.Call(channel="phone", door="professional", what="sparring", profession=profession)
        intake.count_call(number=uuid4(), call=call, by=finn)


def agreed(worker: str) -> str:
    """Let a family agree with somebody on a time tomorrow by telephone, and give its box number."""
    by = people.person(worker)
    choice = next(each for each in times.free(by, where="phone") if clock.local(each.starts_at).date() > clock.today())
    return _agree(by, choice, "phone").thread.number


def failed() -> str:
    """Let a message to a family not get through, and give its box number."""
    thread = Enquiry.objects.select_related("thread").filter(thread__ending="").first().thread
    Notice.objects.create(
        thread=thread, kind="answer", channel="sms", state="failed", problem="refused", due_at=clock.now(), attempts=3
    )
    return thread.number


def _agree(worker: Any, choice: Any, where: str) -> Enquiry:
    """Let a family ring, and agree with somebody on a time."""
    call = rules.Call(channel="phone", door="parent", what="time", where=where)
    enquiry, _new = intake.open_call(number=uuid4(), key=seal.new_return_key(), call=call, by=worker)
    enquiry = intake.take(enquiry=enquiry, by=worker)
    intake.agree(enquiry=enquiry, choice=choice, where=where, by=worker)
    return enquiry


def _referrals(alma: Any, finn: Any) -> None:
    one, _twin, other = refer(), refer(), refer(phone="+4520304099")
    consents.move(referral=other.referral, to="trying", by=alma)
    late = refer(phone="+4520304077")
    now = clock.now()
    Referral.objects.filter(pk=other.referral.pk).update(
        talk_by=now + timedelta(days=2), talk_latest=now + timedelta(16)
    )
    Referral.objects.filter(pk=late.referral.pk).update(
        talk_by=now - timedelta(days=3), talk_latest=now + timedelta(12)
    )
    Enquiry.objects.filter(thread=late.thread).update(arrived_at=now - timedelta(2), due_at=now - timedelta(hours=1))
    Enquiry.objects.filter(thread=one.thread).update(taken_by=alma)
    Consent.objects.filter(thread=other.thread, kind="status").update(until=clock.today() + timedelta(days=3))


def _day(time: Any) -> Any:
    return clock.local(time.starts_at).date()


def _times(worker: Any) -> None:
    """Let somebody have two families today and one tomorrow, who is called off."""
    for nth in (0, -1):
        # Asked anew each time: the one before may have taken an hour of it.
        today = [each for each in times.free(worker, where="house") if _day(each) == clock.today()]
        if today:
            _agree(worker, today[nth], "house")
    later = next(each for each in times.free(worker, where="house") if _day(each) > clock.today())
    enquiry = _agree(worker, later, "house")
    booking.call_off_and_tell(appointment=enquiry.thread.appointments.get(), by=worker)
    keeper()


def _failed() -> None:
    thread = Enquiry.objects.filter(due_at__isnull=True).first().thread
    for state, problem in (("failed", "bad_address"), ("uncertain", "unknown_end")):
        Notice.objects.create(
            thread=thread, kind="answer", channel="sms", state=state, problem=problem, due_at=clock.now(), attempts=3
        )
