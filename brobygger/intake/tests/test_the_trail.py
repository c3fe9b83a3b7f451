"""The leader reads who has looked, in words."""

import re
from types import SimpleNamespace

import pytest

from brobygger.intake import trail
from tests.house import source

ACTION = re.compile(r'action=f?"([a-z_]+\.[a-z_{}\[\]\']+)"')


def test_every_deed_in_the_house_has_words() -> None:
    """A deed that is recorded somewhere is said in words here, or is one of the machine's own."""
    machine = {"threads.noise_thrown_away", "threads.misshapen_letter"}
    text = "\n".join(path.read_text() for path in (source.ROOT / "brobygger").glob("*/services.py"))
    recorded = {action for action in ACTION.findall(text) if "{" not in action} - machine

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
    ],
)
def test_what_a_machine_wrote_as_a_key_is_said_and_what_a_person_wrote_stands(
    action: str, reason: str, said: str
) -> None:
    assert str(trail._why(SimpleNamespace(action=action, reason=reason))) == said
