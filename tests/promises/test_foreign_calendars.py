"""Calendars that other people's programs read over the wire: vdirsyncer fetches, khal shows, the page says the same."""

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from tests.running import House

pytestmark = pytest.mark.promise(
    "calendars",
    "Kalenderen på en telefon viser de samme dage som husets egne sider.",
    "A calendar on a telephone shows the same days as the house's own pages.",
)

#: From the night the house stands in, across two changes of the clock.
FIRST, LAST = date(2026, 11, 23), date(2027, 11, 14)
Held = tuple[str, str, str]

#: Groups of every kind of rule, one meeting moved and one called off, and two in the nights the clock is changed.
FILL = """
from datetime import date, datetime, time
from uuid import uuid4
from brobygger.access.guards import may
from brobygger.access.models import User
from brobygger.access.roles import Permission
from brobygger.calendars import services as calendars
from brobygger.ground import clock
from brobygger.groups import services
from brobygger.groups.models import Meeting
from brobygger.series import rules as series
finn = next(each for each in User.objects.order_by("pk") if may(each, Permission.ARRANGE_GROUPS))
alma = next(each for each in User.objects.order_by("pk") if may(each, Permission.RUN_GROUPS))
def make(name, offer, first, weeks, begins, ends, **more):
    said = {"name": name, "offer": offer, "place": "glostrup", "kind": "child", "starts_on": first, "seats": 9,
            "rule": series.every(weeks, first), "begins": begins, "ends": ends, "months_from": 108, "months_to": 144,
            "leaders": [alma], "leaders_at_once": 1, **more}
    return services.make_group(said=said, by=finn, once=uuid4())
def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.TZ)
stars = make("Stjernerne", "gruppe", date(2026, 11, 26), 2, time(15, 30), time(17, 30), room=1)
young = make("De unge", "gruppe", date(2026, 11, 25), 1, time(18), time(20), room=2, when_closed="week_later")
make("Seks gange", "gruppe", date(2026, 11, 24), 2, time(10), time(11), room=3, meetings_wanted=6, intake="fixed")
rows = list(Meeting.objects.filter(group=stars).order_by("number"))
def move(row, begins, ends):
    services.move_meeting(meeting=row, starts_at=local(begins), ends_at=local(ends), place="glostrup", room=4,
                          even_so=True, by=finn)
move(rows[1], "2026-12-11 09:00", "2026-12-11 11:00")
services.cancel_meeting(meeting=rows[2], by=finn)
spring = Meeting.objects.filter(group=young, starts_at__gt=local("2027-03-22 00:00")).order_by("number").first()
move(spring, "2027-03-28 01:30", "2027-03-28 04:00")
autumn = Meeting.objects.filter(group=young, starts_at__gt=local("2027-10-25 00:00")).order_by("number").first()
move(autumn, "2027-10-31 01:30", "2027-10-31 04:30")
print(calendars.make_feed(user=finn, shows="house", by=finn)[1])
"""
SHOWN = """
from datetime import date
from brobygger.access.guards import may
from brobygger.access.models import User
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.groups import queries
finn = next(each for each in User.objects.order_by("pk") if may(each, Permission.ARRANGE_GROUPS))
for each in queries.between(finn, date.fromisoformat("{first}"), date.fromisoformat("{last}")):
    begins, ends = clock.local(each.starts_at), clock.local(each.ends_at)
    print(each.state, begins.date(), f"{{begins:%H:%M}}", f"{{ends:%H:%M}}")
"""
VDIRSYNCER = """
[general]
status_path = "{folder}/status/"
[pair house]
a = "local"
b = "feed"
collections = null
[storage local]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
[storage feed]
type = "http"
url = "{url}"
"""
KHAL = """
[calendars]
[[house]]
path = {folder}/calendar/
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Copenhagen
default_timezone = Europe/Copenhagen
[default]
[sqlite]
path = {folder}/khal.db
"""


def run(folder: Path, *command: str) -> str:
    """Run a program that is not ours, at home in a folder of its own, and give what it printed."""
    program = Path(sys.executable).with_name(command[0])
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CACHE_HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *command[1:]], env=env, capture_output=True, text=True, input="y\ny\n")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(folder: Path, url: str) -> tuple[list[Held], int]:
    """Fetch a calendar and list when something is on, in order, as a stranger's program does; count the called off."""
    (folder / "calendar").mkdir()
    (folder / "vdirsyncer").write_text(VDIRSYNCER.format(folder=folder, url=url))
    (folder / "khal").write_text(KHAL.format(folder=folder))
    for step in ("discover", "sync"):
        run(folder, "vdirsyncer", "-c", str(folder / "vdirsyncer"), step)
    asked = ["--day-format", "", "--format", "{start} {end} {title}", str(FIRST), str(LAST + timedelta(days=1))]
    said = run(folder, "khal", "-c", str(folder / "khal"), "list", *asked).splitlines()
    found = [re.match(r"(\S+) (\S+) \S+ (\S+) (.*)", line) for line in said]
    lines = [(each[1], each[2], each[3], each[4]) for each in found if each]
    return sorted(each[:3] for each in lines if "Aflyst" not in each[3]), sum("Aflyst" in each[3] for each in lines)


def test_khal_and_vdirsyncer_show_the_dates_of_the_page(house: House, tmp_path: Path) -> None:
    """A year with two changes of the clock, a move, a call-off, closed weeks and holidays."""
    secret = house.ask(FILL).splitlines()[-1]
    page = [line.split() for line in house.ask(SHOWN.format(first=FIRST, last=LAST)).splitlines()]
    own = sorted((day, begins, ends) for state, day, begins, ends in page if state != "cancelled")
    found, called_off = read(tmp_path, house.url + reverse("calendars:feed", args=[secret]))

    assert len(own) > 60 and ("2026-12-11", "09:00", "11:00") in own
    assert [each for each in own if each[0] in ("2027-03-28", "2027-10-31")] == [
        ("2027-03-28", "01:30", "04:00"), ("2027-10-31", "01:30", "04:30"),
    ]  # fmt: skip
    assert found == own
    assert called_off == len(page) - len(own) == 1
