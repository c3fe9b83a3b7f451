"""Prove that what was erased cannot be read any more, by the number on its receipt."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from brobygger.backups import services
from brobygger.backups.archive import Refused
from brobygger.backups.management import typed


class Command(BaseCommand):
    """Restore the newest copy that still has it, try everything, and say what opened."""

    help = (
        "Restore the newest copy from before an erasure into a scratch house and try every key there is. "
        "Ends with 0 when nothing opens, 1 when something does, 2 when it cannot be told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the receipt's number."""
        parser.add_argument("ref", help="the number on the receipt")
        parser.add_argument("--english", action="store_true", help="say it in English")
        typed.add_arguments(parser)

    def handle(self, *args: Any, ref: str, english: bool, **options: Any) -> None:
        """Prove it, and say what was found."""
        with translation.override("en" if english else settings.LANGUAGE_CODE):
            try:
                proof = services.prove_erased(ref=ref, sheets=typed.sheets(options["sheets"]), by="machine")
            except (Refused, OSError) as why:
                raise CommandError(str(why), returncode=2) from None
        for sentence in proof.said:
            self.stdout.write(sentence)
        if proof.verdict:
            sys.exit(proof.verdict)
