"""How good a placing is, and how long it takes: part `placement` of tests.bench, beside first come, first served.

Each size is placed in a process of its own, so that its peak of memory is its own. BROBYGGER_PLACEMENT_SECONDS is the
time for each wish (60); where it does not reach for a proof, the gap says how much better a placing could be at most.
The nation is placed first come, first served alone: dividing it into areas that overlap is not attempted.
"""

import os
import resource
import subprocess
import sys
import time
from dataclasses import replace

from brobygger.placement import proof, rules, simulation, solver
from brobygger.placement.rules import Instance, Placing
from tests.waiting import SIZES, invent

SECONDS = float(os.environ.get("BROBYGGER_PLACEMENT_SECONDS", "60"))
#: The service is small enough to be asked more than once.
SEEDS = {"service": 10}
#: A region is asked for the wishes of the design's own measurement; the service for all of them.
FIVE = ("overdue", "placed", "weeks", "siblings", "parents")
#: Too large to be solved whole.
SERVED_ONLY = {"nation"}


def placement() -> None:
    """Place every size, each in its own process, and play the year."""
    print(
        f"Placement: the best placing against first come, first served; {SECONDS:.0f} s for each wish at most",
        flush=True,
    )
    for size in SIZES:
        subprocess.run([sys.executable, "-m", "tests.bench_placement", size], check=True)
    subprocess.run([sys.executable, "-m", "tests.bench_placement", "year"], check=True)


def measure(name: str) -> None:
    """Place one size, seed by seed, and print both ways beside each other."""
    size, seeds = SIZES[name], SEEDS.get(name, 1)
    print(f"  {name}: {size.children:,} children, {size.groups:,} groups, {seeds} seed(s)")
    for seed in range(seeds):
        instance = invent(size, seed)
        instance = instance if name in SEEDS else replace(instance, order=FIVE)
        began = time.monotonic()
        served = proof.first_come(instance)
        print(f"    {seed} first come: {_said(instance, served)}; {time.monotonic() - began:.1f} s", flush=True)
        if name not in SERVED_ONLY:
            _solved(instance, seed)
    print(f"    peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


def _solved(instance: Instance, seed: int) -> None:
    answer = solver.solve(instance, limit=SECONDS)
    proved = (
        "proved"
        if answer.proved
        else "not proved: "
        + ", ".join(
            f"{level.wish} {level.value} of at most {level.bound} ({abs(level.gap / max(1, abs(level.bound))):.2%})"
            for level in answer.levels
            if not level.proved
        )
    )
    print(f"    {seed} best:       {_said(instance, answer.placing)}; {answer.seconds:.1f} s; {proved}", flush=True)


def _said(instance: Instance, placing: Placing) -> str:
    assert proof.verify(instance, placing) == []
    found = rules.worth(instance, placing)
    return (
        f"{found['overdue']} over the limit, {found['placed']} placed, {found['weeks']} weeks ended, "
        f"{len(rules.together(instance, placing))} families together, "
        f"{len(rules.half_placed(instance, placing))} half, {found['parents']} parents"
    )


def year(seeds: int = 10) -> None:
    """Play the invented year under every rule, and say how sure the differences are."""
    service = simulation.Service()
    print(
        f"  a year of {service.groups} groups, {seeds} seeds; differences from the first rule, seed by seed, 95 % (t)"
    )
    began = time.monotonic()
    for each in simulation.simulate(service, seeds=range(seeds)):
        words = [
            f"{name} {each.counts[name].mean:.1f} ({each.against[name].low:+.1f} to {each.against[name].high:+.1f})"
            for name in simulation.COUNTED
        ]
        print(f"    {each.rule.key}: {', '.join(words)}", flush=True)
    print(f"    {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    year() if sys.argv[1] == "year" else measure(sys.argv[1])
