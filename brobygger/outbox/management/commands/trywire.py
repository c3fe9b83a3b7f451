"""See whether a wire works: `manage.py trywire alma` (a mail to a colleague), or `--number +4520304050`."""

import uuid
from argparse import ArgumentParser
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from brobygger.access import queries as people
from brobygger.outbox import channels, queries, services, words

PATIENCE = 30.0


class Command(BaseCommand):
    """Send one test message, and say what came of it."""

    help = "Send a test mail to a colleague by the worker, or a test text message to a number straight away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read where to."""
        parser.add_argument("handle", nargs="?", help="a colleague, such as alma")
        parser.add_argument("--number", help="a telephone of your own, as +45 and eight digits; it is not kept")

    def handle(self, *args: Any, handle: str | None, number: str | None, **options: Any) -> None:
        """Send it."""
        with translation.override(settings.LANGUAGE_CODE):
            if number:
                self.text(number)
            elif handle:
                self.mail(handle)
            else:
                raise CommandError("Say to whom: a colleague's handle, or --number.")

    def text(self, number: str) -> None:
        """Hand a text message to the gateway, past every list."""
        wire = channels.offered("sms")
        if wire is None:
            raise CommandError(str(words.PROBLEMS["no_channel"]))
        try:
            said = words.text("test", {}, settings.LANGUAGE_CODE)
            wire.send(ident=uuid.uuid4(), to=number.replace(" ", ""), text=said, subject="")
        except channels.NotThrough as why:
            raise CommandError(str(words.PROBLEMS[why.problem])) from None
        self.stdout.write("The gateway took it. Look at the telephone.")

    def mail(self, handle: str) -> None:
        """Write a mail for the worker to send, and wait for what comes of it."""
        colleague = people.person(handle)
        if colleague is None:
            raise CommandError("Nobody of that name works here.")
        notice = services.notify_staff(user=colleague, kind="test", by="operator")
        until = monotonic() + PATIENCE
        while (state := queries.state(notice)) in (("waiting", ""), ("sending", "")) and monotonic() < until:
            sleep(0.2)
        if state[0] == "sent":
            self.stdout.write("The mail server took it. Look in the mailbox.")
        elif state[0] in ("waiting", "sending"):
            raise CommandError("It is not sent yet. Does the worker run? It is tried again by itself.")
        else:
            raise CommandError(str(words.PROBLEMS.get(state[1], state[1])))
