"""Play a year of an invented service under several rules of placing: `manage.py simulate --seeds 20 --weeks 52`."""

import time
from argparse import ArgumentParser
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.placement import services, simulation


class Command(BaseCommand):
    """Play, tell how far it is, and keep what came of it for the leader's page."""

    help = "Play a year of an invented service under several rules of placing, and keep the result for the page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read how often and how long."""
        parser.add_argument("--seeds", type=int, default=10, help="how many times, each with its own chance (10)")
        parser.add_argument("--weeks", type=int, default=52, help="how many weeks are counted (52)")
        parser.add_argument("--groups", type=int, default=15, help="how many groups the invented service has (15)")

    def handle(self, *args: Any, seeds: int, weeks: int, groups: int, **options: Any) -> None:
        """Play it."""
        if not 2 <= seeds <= 500 or not 4 <= weeks <= 520 or not 1 <= groups <= 60:
            raise CommandError("Give 2 to 500 seeds, 4 to 520 weeks and 1 to 60 groups.")
        usual = simulation.Service()
        # As many families a group as usual, so that a small service is as busy as a large one.
        service = replace(usual, groups=groups, families=usual.families * groups / usual.groups, weeks=weeks)
        began, total, done = time.monotonic(), seeds * len(simulation.RULES), 0

        def tell(line: str) -> None:
            nonlocal done
            done += 1
            self.stderr.write(f"{done} of {total}: {line}, {time.monotonic() - began:.0f} s")

        played = simulation.simulate(service, seeds=range(seeds), tell=tell)
        rules = [
            {
                "rule": each.rule.key,
                "counts": {name: asdict(span) for name, span in each.counts.items()},
                "against": {name: asdict(span) for name, span in each.against.items()},
            }
            for each in played
        ]
        services.keep_year(seeds=seeds, weeks=weeks, result={"rules": rules, "groups": groups}, by="operator")
        for each in played:
            wait = each.counts["mean_wait"]
            span = f"{max(0.0, wait.low):.1f} to {wait.high:.1f}"
            self.stdout.write(f"{each.rule.key:>14}  {wait.mean:.1f} weeks ({span})")
