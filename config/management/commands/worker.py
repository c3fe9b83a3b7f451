"""`manage.py worker`: opens letters, does what families ask for, sweeps and turns the keys. One beside each house."""

import logging
import signal
import time
from collections.abc import Callable, Iterable
from threading import Thread
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from brobygger.appointments import services as appointments
from brobygger.casework import naming
from brobygger.consents import services as consents
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.groups import answers as seating
from brobygger.groups import services as groups
from brobygger.intake import services as intake
from brobygger.outbox import services as outbox
from brobygger.outcomes import letters as measuring
from brobygger.privacy import keyring, retention
from brobygger.reports import services as reports
from brobygger.rights import services as rights
from brobygger.threads import opening
from brobygger.threads import services as threads

log = logging.getLogger(__name__)
#: Sweeping and turning keys once an hour; each does nothing when there is nothing to do.
EVERY = 3600
#: A letter to ourselves every minute: when none has been opened for five, the door says so (door.rules.PULSE_LIVES).
#: As often the public finder is told which groups have a place: not at once, so that nobody sees who took one when.
DRILL = 60


#: One round: letters opened, requests done, the worklist kept up, answers delivered, and last what other wires carry.
STEPS = (
    opening.open_letters,
    appointments.keep_up,
    consents.keep_up,
    naming.keep_up,
    seating.keep_up,
    measuring.keep_up,
    rights.keep_up,
    intake.keep_up,
    threads.deliver,
    outbox.send_due,
)
#: What takes a minute and may take many: beside the rounds, so that no letter waits for it.
LONG = (reports.keep_up,)


def once() -> int:
    """Do one round and tell how much there was to do."""
    return sum(step() for step in (*STEPS, *LONG))


def bravely(steps: Iterable[Callable[[], int]] | None = None) -> int:
    """Do one round in which a step that fails is said by type and place, and keeps no other step from being done."""
    done = 0
    for step in STEPS if steps is None else steps:
        try:
            done += step()
        except Exception:
            log.exception("a step of the round failed")
            close_old_connections()
            time.sleep(1)
    return done


def tidy() -> None:
    """Destroy what has had its day, and make, wrap anew or destroy keys as the calendar asks."""
    now = clock.now()
    keyring.rotate(now, pending_weeks=retention.pending_weeks())
    retention.sweep(now)


class Command(BaseCommand):
    """The house's own hands, running beside the web server."""

    help = "Open letters and do what families ask for, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Allow a single round, for a timer or a test."""
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--pause", type=float, default=0.4, help="seconds to rest when there is nothing to do")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round until somebody says stop; a round that fails is said by type and place, and tried again."""
        if options["once"]:
            tidy()
            while once():
                pass
            return
        self.running = True
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        # It dies with the worker: what it was at is begun anew.
        Thread(target=self.at_length, args=(options["pause"],), daemon=True).start()
        tidied = drilled = float("-inf")
        while self.running:
            done = 0
            try:
                if time.monotonic() - tidied > EVERY:
                    tidied = time.monotonic()
                    tidy()
                if time.monotonic() - drilled > DRILL:
                    drilled = time.monotonic()
                    door.send_drill(by="machine")
                    groups.publish(by="machine")
                done = bravely()
            except Exception:
                log.exception("a round failed")
                close_old_connections()
                time.sleep(2)
            if not done:
                time.sleep(options["pause"])

    def at_length(self, pause: float) -> None:
        """Do long work, one piece at a time, until somebody says stop."""
        while self.running:
            if not bravely(LONG):
                close_old_connections()
                time.sleep(max(pause, 0.4))

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Finish the round that runs, then stop."""
        self.running = False
