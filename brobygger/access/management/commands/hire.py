"""Let somebody begin to work here: `manage.py hire alma --email … --name Alma --role therapist`."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from brobygger.access import services
from brobygger.access.roles import Profession, Role


class Command(BaseCommand):
    """Hire one person; the phone is set up at the first sign-in."""

    help = "Let somebody begin to work here. The password is asked for, never given on the command line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read who it is."""
        parser.add_argument("handle", help="a short name colleagues know, such as alma")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="first name, shown to families")
        parser.add_argument("--title", default="", help="what families may know the person's work as, in Danish")
        parser.add_argument("--title-en", default="", help="the same in English")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, help="may be given twice")
        parser.add_argument(
            "--profession",
            default=Profession.OTHER.value,
            choices=Profession.values,
            help="decides how long what the person writes in a course is kept",
        )

    def handle(self, *args: Any, **asked: Any) -> None:
        """Hire, or say what is wrong and change nothing."""
        try:
            services.hire(
                email=asked["email"],
                handle=asked["handle"],
                first_name=asked["name"],
                title={"da": asked["title"], "en": asked["title_en"] or asked["title"]},
                roles=[Role(role) for role in asked["role"]],
                password=getpass.getpass("First password: "),
                by="keeper",
                profession=asked["profession"],
            )
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        except IntegrityError:
            raise CommandError("Somebody already has that handle or that e-mail.") from None
        self.stdout.write(f"{asked['name']} works here now.")
