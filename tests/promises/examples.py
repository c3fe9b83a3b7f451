"""What the state machines share: each example in a house of its own, with words in it that exist nowhere else."""

from contextlib import ExitStack

from django.apps import apps
from django.conf import settings as django_settings
from django.db import router, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

#: Examples are drawn anew in every run; what was found once is told as a list of steps.
_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def bounded(examples: int, steps: int) -> settings:
    """Say how long a machine runs."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=_CHECKS,
        print_blob=True,
    )


class InAHouse(RuleBasedStateMachine):
    """A machine whose every example begins with the house the test made, and leaves nothing behind in it."""

    def __init__(self) -> None:
        """Begin what will be undone."""
        super().__init__()
        self.undone = ExitStack()
        self.databases = [alias for alias in django_settings.DATABASES if alias != "street"]
        for alias in self.databases:
            self.undone.enter_context(transaction.atomic(using=alias))
        self.said = 0

    def teardown(self) -> None:
        """Undo everything."""
        for alias in self.databases:
            transaction.set_rollback(True, using=alias)
        self.undone.close()

    def canary(self, kind: str = "") -> str:
        """Breed a word of letters alone."""
        self.said += 1
        return f"qxv{kind}" + "".join("bcdfghjklm"[int(digit)] for digit in f"{self.said:05}") + "zw"

    def number(self) -> str:
        """Breed a telephone number."""
        self.said += 1
        return f"{71_000_000 + self.said * 977}"


def everything_stored() -> str:
    """Print every value of every row of every table in every database."""
    found = []
    for model in apps.get_models():
        rows = model._base_manager.using(router.db_for_read(model)).values_list()
        found += [str(bytes(each) if isinstance(each, memoryview) else each) for row in rows for each in row]
    return "\n".join(found)
