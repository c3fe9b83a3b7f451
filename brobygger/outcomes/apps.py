"""Outcomes as a Django app."""

from django.apps import AppConfig


class Outcomes(AppConfig):
    """The room that asks whether it helped."""

    name = "brobygger.outcomes"
    label = "outcomes"

    def ready(self) -> None:
        """Read every instrument, listen for courses that begin and end, and register what a night brings."""
        from brobygger.casework import rules as casework
        from brobygger.outbox import rules as outbox
        from brobygger.privacy import retention
        from brobygger.threads import rules as threads

        from . import asking, instruments, letters, rules, services

        instruments.shelf()
        casework.BEGINNING.append(asking.begin)
        casework.ENDING.extend((asking.end, letters.end_told))
        casework.GOING_ON.extend((asking.go_on, letters.gone_on))
        casework.LETTING_GO.append(letters.let_go)
        outbox.STILL |= {"again": asking.still_waits, "asked": asking.still_opens}
        rules.ANSWERED.append(letters.answered)
        threads.TAKING["sheet_by_link"] = letters.take_in
        retention.SWEEPS.extend((services.sweep, letters.sweep))
