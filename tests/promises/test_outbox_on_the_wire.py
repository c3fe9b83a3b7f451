"""Words to telephones: once, though the worker is killed and though there are two; never a number in a log."""

import time
from pathlib import Path

from brobygger.outbox.tests import wires
from tests import running
from tests.bench_outbox import DAY, LEASE, postbox, pour
from tests.promises import searching

#: `python -m tests.bench outbox` sends a thousand; the suite fewer, so that it stays short.
MESSAGES = 60


def test_a_worker_killed_on_the_wire_loses_no_message_and_doubles_none() -> None:
    with wires.gateway() as state, postbox(state) as house:
        state.hang = 0.02
        poured = pour(house, state, MESSAGES, kills=2)
        print(poured)
        assert poured.kills == 2
        assert poured.lost == []
        assert poured.doubled == []
        assert poured.states == {"sent": MESSAGES}


def test_two_workers_at_once_begin_no_message_twice() -> None:
    with wires.gateway() as state, postbox(state) as house:
        state.hang = 0.02
        poured = pour(house, state, MESSAGES, workers=2)
        print(poured)
        assert poured.asked == MESSAGES
        assert poured.lost == []
        assert poured.doubled == []


def test_a_mail_whose_worker_was_killed_waits_for_a_person_and_none_is_sent_twice() -> None:
    with wires.post(hang=0.02) as state:
        wire = {"BROBYGGER_SMTP_HOST": "127.0.0.1", "BROBYGGER_SMTP_PORT": str(state.port), "BROBYGGER_CLOCK": DAY}
        wire |= {"BROBYGGER_SMTP_FROM": "besked@brev.example", "BROBYGGER_OUTBOX_LEASE": LEASE}
        with running.house("ditrum", start=False, **wire) as house:
            poured = pour(house, state, MESSAGES, kills=2, channel="mail")
        print(poured)
        assert poured.doubled == []
        uncertain = poured.states.get("uncertain", 0)
        assert 0 < uncertain <= 2, "killed while the mail server had it"
        assert poured.states["sent"] == MESSAGES - uncertain
        assert len(poured.lost) <= uncertain, "only those a person is told of may be missing"


def test_no_number_lies_in_a_log_or_clear_in_a_database(tmp_path: Path) -> None:
    began = time.time()
    with wires.gateway() as state, postbox(state) as house:
        state.statuses = [400]
        poured = pour(house, state, 8, refused=1)
        assert len(poured.delivered) == 7
        digits = [number.removeprefix("+45") for number in poured.written]
        assert searching.found_in(house, digits, began, tmp_path) == []
