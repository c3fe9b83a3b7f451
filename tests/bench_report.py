"""How long the whole yearly report takes, and in how much memory: part `report` of tests.bench, beside DuckDB.

A year of courses that have ended: a child in each, what is known of the family, and its answers to WHO-5, each a round
and a sheet sealed under the child's key. The same answers are in a plain file DuckDB counts: the number of pairs and
their mean change must be the same. Filling, counting and DuckDB are each a process of its own, so that a peak of memory
is its own. BROBYGGER_REPORT_SIZES="10000 100000 1000000" chooses the sizes.
"""

import os
import resource
import subprocess
import sys
import time

from tests import running

SIZES = [int(each) for each in os.environ.get("BROBYGGER_REPORT_SIZES", "10000 100000 1000000").split()]
#: The written rule in SQL: the first answer within the days of the start, the last within those of the end, once a row.
_PAIRS = """
WITH told AS (SELECT * FROM read_csv(?)),
ends AS (
  SELECT course,
    arg_min({first: answered, score: score}, answered) FILTER (day BETWEEN -28 AND 28) AS first,
    arg_max({last: answered, score: score}, answered) FILTER (from_end BETWEEN -28 AND 56) AS last
  FROM told GROUP BY course)
SELECT count(*), avg(last.score - first.score) FROM ends WHERE first.first < last.last
"""


def report() -> None:
    """Make the yearly report of each size, in a house of its own, and ask DuckDB for the same pairs."""
    print("The yearly report: seconds and peak memory, beside DuckDB counting the same pairs from plain numbers")
    for size in SIZES:
        with running.house("ditrum", start=False) as house:
            file = house.var / "answers.csv"
            filled = _ask(house, f"fill({size}, {str(file)!r})").split()
            told = _ask(house, "count()").split()
            duck = subprocess.run(
                [sys.executable, "-m", "tests.bench_report", str(file)], capture_output=True, text=True, check=True
            ).stdout.split()
            print(f"  {size:,} answers in {int(filled[0]):,} courses (written in {filled[1]} s, {filled[2]} MB)")
            print(f"    report {told[2]} s ({told[3]} of the processor): {', '.join(told[6:])}")
            print(f"    peak {told[5]} MB, {told[4]} before it began", flush=True)
            print(f"    DuckDB {duck[2]} s, peak {duck[3]} MB", flush=True)
            assert told[0] == duck[0] and abs(float(told[1]) - float(duck[1])) < 1e-6, (told, duck)
            print(f"    both: {int(told[0]):,} pairs, mean change {float(told[1]):.4f}", flush=True)


def _ask(house: running.House, what: str) -> str:
    return house.ask(f"from tests import bench_answers; bench_answers.{what}").splitlines()[-1]


def duck(file: str) -> None:
    """Count the pairs of a plain file and their mean change."""
    import duckdb

    began = time.perf_counter()
    found = duckdb.execute(_PAIRS, [file]).fetchone()
    assert found is not None
    seconds, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found[0]} {found[1]:.9f} {seconds:.2f} {peak:.0f}")


if __name__ == "__main__":
    duck(sys.argv[1])
