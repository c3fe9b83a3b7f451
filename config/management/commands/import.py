"""`manage.py import LIST.csv`: move in from the list a house keeps today. docs/moving-in.md describes the list."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brobygger.access import queries as people
from brobygger.access.guards import NotAllowed
from brobygger.casework import services
from config import moving, moving_sheets, moving_template

#: So many mistakes are enough for one reading.
MOST = 200


class Command(BaseCommand):
    """Say what is wrong in a list, row by row, or what it would bring; with --write, and all right, bring it."""

    help = (
        "Move in from a list (CSV or XLSX). Says what is wrong by row and writes nothing, until --write and all right."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and who does it."""
        parser.add_argument("file", type=Path, nargs="?", help="the list, as docs/moving-in.md says")
        parser.add_argument("--write", action="store_true", help="write it down, if all of it is right")
        parser.add_argument("--by", default="", metavar="HANDLE", help="who does it; with --write")
        parser.add_argument("--list", default="", metavar="NAME", help="when lists use the same numbers: which this is")
        parser.add_argument("--template", type=Path, metavar="FILE", help="write an empty list, .xlsx or .csv")
        parser.add_argument("--language", choices=["da", "en"], default="da")

    def handle(self, *args: Any, **asked: Any) -> None:
        """Do it, in the language asked for."""
        with translation.override(asked["language"]):
            if asked["template"]:
                self.template(asked["template"])
            elif asked["file"] is None:
                raise CommandError(_("Which list? Or write an empty one: manage.py import --template list.xlsx"))
            else:
                self.take_in(asked["file"], asked["list"], asked["by"] if asked["write"] else None)

    def template(self, file: Path) -> None:
        """Write an empty list, never over another file."""
        try:
            moving_template.write(file)
        except FileExistsError:
            raise CommandError(_("There is a file called %s already. It was left alone.") % file) from None
        except (OSError, ValueError) as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(
            _("%s is written: the headings, and an invented family that shows how. It is left out.") % file
        )

    def take_in(self, file: Path, label: str, by: str | None) -> None:
        """Read a list, say what is wrong or what it brings, and write it for who is named."""
        try:
            made = moving.plan(moving_sheets.read(file), label=label.strip(), say=self.stdout.write)
        except moving_sheets.Unreadable as wrong:
            nothing = _("Nothing is written.")
            raise CommandError(f"{wrong}\n{nothing}") from None
        for notice in sorted(made.notices):
            self.stdout.write(str(notice))
        if made.problems:
            raise CommandError(self.complaints(made))
        if made.here:
            said = ngettext("%s course is here already.", "%s courses are here already.", made.here) % made.here
            self.stdout.write(said)
        if not made.arrivals:
            self.stdout.write(_("Nothing new in the list. Nothing is written."))
        elif by is None:
            said = _("All is right: %s. Nothing is written yet. Write it with: --write --by HANDLE")
            self.stdout.write(said % moving.summary(made))
        else:
            self.write(made, by)

    def complaints(self, made: moving.Plan) -> str:
        """List what is wrong, in the order of the list, and say that nothing is written."""
        found = sorted(set(made.problems))
        lines = [str(each) for each in found[:MOST]]
        if len(found) > MOST:
            lines.append(_("… and %s more.") % (len(found) - MOST))
        count = ngettext(
            "%s thing is wrong. Nothing is written.", "%s things are wrong. Nothing is written.", len(found)
        )
        return "\n".join([*lines, count % len(found)])

    def write(self, made: moving.Plan, by: str) -> None:
        """Write all of it, or nothing."""
        user = people.person(by) if by else None
        if user is None:
            raise CommandError(_("Say who does it: --by HANDLE. Nothing is written."))
        self.stdout.write(_("Writing …"))
        try:
            services.move_in(arrivals=made.arrivals, by=user)
        except NotAllowed:
            raise CommandError(_("%s may begin no courses here. Nothing is written.") % by) from None
        except (services.AlreadyHere, services.record.CourseIsClosed, services.TooManyPeople):
            raise CommandError(
                _("Somebody has changed the courses meanwhile. Nothing is written: run it again.")
            ) from None
        self.stdout.write(_("Taken in: %s. Now delete the list where it lies.") % moving.summary(made))
