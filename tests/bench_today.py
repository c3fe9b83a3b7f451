"""How long the morning, a therapist's day and the gauges take, as the house grows: part `today` of tests.bench.

Of the threads at most 2,000 wait and 2,000 are referrals with clocks; 500 times stand or were called off around today.
"""

from tests import running

SIZES = (1_000, 100_000)
PAGES = (("finn", "morning"), ("alma", "day"), ("clara", "gauges"))

_FILL = """
import datetime, uuid
from brobygger.access.models import User
from brobygger.appointments.models import Appointment, WorkingHours
from brobygger.consents.models import Consent, Lookalike, Referral, TalkCount
from brobygger.ground import clock
from brobygger.intake.models import Enquiry, Tally
from brobygger.outbox.models import Notice
from brobygger.privacy import keyring
from brobygger.threads.models import Thread
have, want = Enquiry.objects.count(), {size}
staff = list(User.objects.filter(memberships__role="therapist"))
now, today = clock.now(), clock.today()
day = datetime.timedelta(days=1)
many = min(2000, want // 5)
facts = {{"door": "parent", "wish": "write", "language": "da", "written_at": "2026-11-20T02:10:00+01:00"}}
weeks = ["%04d-W%02d" % (today - back * 7 * day).isocalendar()[:2] for back in range(26)]
Enquiry.objects.filter(due_at__isnull=False).update(due_at=None, arrived_at=None, promise_kept=True)
for model in (Appointment, WorkingHours, Lookalike, Consent, Referral, Notice, TalkCount):
    model.objects.all().delete()
waits = []
for start in range(have, want, 5000):
    ids = [uuid.uuid4() for _each in range(min(5000, want - start))]
    keys = keyring.new_data_keys(ids)
    sealed = keyring.seal_many([(key, facts, f"thread:{{each}}:facts:1") for each, key in zip(ids, keys)])
    Thread.objects.bulk_create(
        Thread(id=each, key=key, box=uuid.uuid4(), number=each.hex[:4].upper(), week=weeks[at % 26], facts=fact)
        for at, (each, key, fact) in enumerate(zip(ids, keys, sealed)))
    Enquiry.objects.bulk_create(
        Enquiry(thread_id=each, week=weeks[at % 26], answered=True, promise_kept=at % 17 > 0, offered=at % 3 > 0,
            taken_by=staff[at % len(staff)]) for at, each in enumerate(ids))
    waits = (ids + waits)[:many]
rows = {{each.thread_id: each for each in Enquiry.objects.filter(thread__in=waits)}}
for at, ident in enumerate(waits):
    row = rows[ident]
    row.arrived_at, row.promise_kept = now - day, None
    row.due_at = now + datetime.timedelta(minutes=at * 4 - 60)
    row.taken_by = None if at % 2 else staff[at % len(staff)]
Enquiry.objects.bulk_update(rows.values(), ["arrived_at", "promise_kept", "due_at", "taken_by"], batch_size=500)
steps = ("received", "trying", "contact", "started")
sent = [Referral(thread_id=ident, step=steps[at % 4], sealed=b"-", talk_by=now + (at % 28 - 4) * day,
    talk_latest=now + (at % 28 + 12) * day) for at, ident in enumerate(waits)]
Referral.objects.bulk_create(sent)
Consent.objects.bulk_create(Consent(thread_id=ident, kind="status", sealed=b"-", given_on=today - 30 * day,
    until=today + (at % 180) * day) for at, ident in enumerate(waits))
Lookalike.objects.bulk_create(Lookalike(one=one, other=two) for one, two in zip(sent[:40:2], sent[1:40:2]))
Notice.objects.bulk_create(Notice(thread_id=ident, kind="answer", channel="sms", state="failed", problem="refused",
    due_at=now) for ident in waits[:30])
for how, count in (("in_time", 300), ("late", 20), ("too_late", 3), ("none", 40)):
    TalkCount.objects.bulk_create(TalkCount(week=week, how=how, count=count) for week in weeks)
if not Tally.objects.exists():
    Tally.objects.bulk_create(
        Tally(week=week, channel=channel, door=door, theme=f"theme-{{theme}}", age_band=f"{{band}}", promise=promise,
            outcome="helped", profession="teacher" if door == "professional" else "", count=3)
        for week in weeks for channel in ("door", "phone") for door in ("parent", "child", "professional")
        for theme in range(6) for band in range(5) for promise in ("kept", "not", "none"))
nine = datetime.time(9)
for at in range(min(500, want // 4)):
    worker, slot = staff[at % len(staff)], at // len(staff)
    begins = datetime.datetime.combine(today + (slot // 8 - 2) * day, nine, clock.TZ) + (slot % 8) * day / 24
    Appointment.objects.create(thread_id=waits[at % many], number="BOKS", worker=worker, where="phone", room=None,
        starts_at=begins, ends_at=begins + day / 48, cancelled=at % 10 == 0)
for worker in staff:
    for weekday in range(5):
        WorkingHours.objects.create(worker=worker, weekday=weekday, opens=nine, closes=datetime.time(16),
            place="glostrup", valid_from=datetime.date(2020, 1, 1))
from django.db import connections
for alias in ("default", "keys"):
    with connections[alias].cursor() as cursor:
        cursor.execute("ANALYZE")
"""
_TIME = """
import statistics, time
from django.test import Client
from django.urls import reverse
from brobygger.access.models import User
for who, page in {pages!r}:
    client = Client(); client.force_login(User.objects.get(handle=who))
    session = client.session
    session["account_authentication_methods"] = [{{"method": "mfa", "at": time.time(), "type": "totp"}}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    times = []
    for _each in range(25):
        began = time.perf_counter()
        answer = client.get(reverse("today:" + page))
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200 and answer.content.count(b"<li") + answer.content.count(b"<dd") > 8
    print(who, page, statistics.median(times[5:]) * 1000)
"""


def today() -> None:
    """Time the three pages, whole request, at a thousand and at a hundred thousand threads."""
    print("The morning, the day and the gauges, milliseconds of server time (median of 20)")
    found: dict[str, list[float]] = {}
    with running.house("ditrum", start=False) as house:
        for size in SIZES:
            house.ask(_FILL.format(size=size))
            for line in house.ask(_TIME.format(pages=PAGES)).splitlines():
                _who, page, milliseconds = line.split()
                found.setdefault(page, []).append(float(milliseconds))
    for page, times in found.items():
        shown = ", ".join(f"{size:,}: {each:.1f} ms" for size, each in zip(SIZES, times, strict=True))
        print(f"  {page}: {shown}; from the smallest to the largest {times[-1] / times[0]:.2f} x")
