"""Every letter somebody holds a key for is there, though server and worker were killed while it was written."""

import os

from tests import flood
from tests.running import House

#: `python -m tests.flood` sends 2,000; the suite fewer, so that it stays short.
LETTERS = int(os.environ.get("BROBYGGER_FLOOD", "160"))


def test_no_acknowledged_letter_is_lost_and_none_is_doubled(own_house: House) -> None:
    poured = flood.pour(own_house, LETTERS, kills=2)
    counted = flood.count(own_house, poured)
    print(counted)

    assert counted.kills == 3
    assert len(counted.acknowledged) > LETTERS // 2
    assert counted.lost == []
    assert counted.doubled == []
    assert counted.opened == counted.tried > 0
