"""What the pages of the street weigh, and how large the table of who may open what is; for `python -m tests.bench`."""

import os

import django

from tests import running
from tests.house import addresses
from tests.letters import Visitor
from tests.promises import test_t8_nothing_but_the_page as t8


def pages() -> None:
    """Print the weight of each public page, all its answers together, and the size of the table of addresses."""
    # For the names of the addresses; the house itself runs in processes of its own.
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    with running.house("ditrum", BROBYGGER_CLOCK="2026-11-23T02:10") as house:
        ea = Visitor(house.url, headers={"Accept-Encoding": "gzip"})
        weights = {}
        for name, page in t8._all_pages(house, ea):
            linked = t8.Links(t8.unpacked(page).text).loads
            weights[name] = t8.on_the_wire(page) + sum(t8.on_the_wire(ea.get(each)) for each in linked)
    for name, weight in sorted(weights.items(), key=lambda each: -each[1])[:8]:
        print(f"  {weight / 1024:6.2f} KB   {name}")
    print(f"  the referral form: {weights['refer'] / 1024:.2f} KB of {t8.MOST / 1024:.0f} KB")
    table = addresses.read(addresses.TABLE.read_text(encoding="utf-8"))
    knocks = len(table) * len(addresses.WHO)
    print(f"  the table of addresses: {len(table)} lines x {len(addresses.WHO)} people, in two languages: {2 * knocks}")
