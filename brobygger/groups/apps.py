"""Groups as a Django app."""

from django.apps import AppConfig

from brobygger.privacy import retention


class Groups(AppConfig):
    """The room of groups that roll."""

    name = "brobygger.groups"
    label = "groups"

    def ready(self) -> None:
        """Register what happens every night: dates made ahead, and endings."""
        from brobygger.casework import rules as casework

        from . import answers, evening, services

        retention.SWEEPS.append(services.sweep)
        retention.SWEEPS.append(evening.sweep)
        retention.SWEEPS.append(answers.sweep)
        casework.LETTING_GO.append(answers.let_go)
