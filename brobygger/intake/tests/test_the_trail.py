"""The leader reads who has looked, in words."""

import re
from types import SimpleNamespace

import pytest

from brobygger.intake import trail
from tests.house import source

ACTION = re.compile(r'action=f?"([a-z_]+\.[a-z_{}\[\]\']+)"')


def test_every_deed_in_the_house_has_words() -> None:
    """A deed that is recorded somewhere is said in words here."""
    paths = [path for path in (source.ROOT / "brobygger").rglob("*.py") if "tests" not in path.parts]
    recorded = {action for path in paths for action in ACTION.findall(path.read_text()) if "{" not in action}

    assert len(recorded) > 20
    assert {action for action in recorded if trail.told(action) == action} == set()


def test_a_deed_without_words_is_shown_by_its_name() -> None:
    assert trail.told("attic.swept") == "attic.swept"


@pytest.mark.parametrize(
    ("action", "reason", "said"),
    [
        ("consents.disclosed", "contact", "I kontakt"),
        ("outbox.sent", "reminder:sms", "Påmindelse om en tid, på sms"),
        ("threads.contact_looked", "contact", "contact"),
        ("access.role_given", "leader", "Leder"),
        ("today.looks_taken_out", "roles:file", "efter arbejde, uden navne, som en fil"),
        ("consents.duty_weighed", "second: bo", "bo læser som den anden"),
        ("intake.handed_over", "to bo", "til bo"),
        ("access.glass_broken", "to bo, who is ill", "to bo, who is ill"),
    ],
)
def test_what_a_machine_wrote_as_a_key_is_said_and_what_a_person_wrote_stands(
    action: str, reason: str, said: str
) -> None:
    assert str(trail._why(SimpleNamespace(action=action, reason=reason))) == said
