"""`python -m benchmarks.live`: this server and its peers on one live graph, the same three reads."""

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path

from benchmarks.live.compare import ENGINES, Plan, run
from benchmarks.live.queries import READS
from benchmarks.live.report import circumstances, picture, table
from benchmarks.live.servers import NAMES

DEFAULT = Plan()


def main() -> None:
    """Measure, print a table, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default=DEFAULT.engine)
    parser.add_argument("--servers", nargs="+", choices=sorted(NAMES), default=())
    parser.add_argument("--reads", nargs="+", choices=READS, default=READS)
    parser.add_argument("--connections", nargs="+", type=int, default=DEFAULT.connections)
    for name in ("seconds", "warm", "rounds", "customers"):
        parser.add_argument(f"--{name}", type=int, default=getattr(DEFAULT, name))
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--picture", type=Path, help="write a chart here (.svg or .png)")
    arguments = parser.parse_args()
    # ended by a signal, it still stops what it has started
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    plan = Plan(
        arguments.engine,
        tuple(arguments.servers),
        tuple(arguments.reads),
        tuple(arguments.connections),
        arguments.seconds,
        arguments.warm,
        arguments.rounds,
        arguments.customers,
    )
    comparison = run(plan)
    print(circumstances(comparison.graph, plan.customers), table(comparison.figures), sep="\n\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(dataclasses.asdict(comparison), indent=1))
    if arguments.picture:
        picture(comparison.figures, arguments.picture, f"The same reads from one live {comparison.graph}")


if __name__ == "__main__":
    main()
