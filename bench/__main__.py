"""`python -m bench [NAMES…] [--folder DIR] [--records N] [--database=postgresql] [--json FILE]`: run the benches and print their figures."""

import argparse
import importlib
import json
import os
import pkgutil
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import bench
from bench.machine import facts
from bench.results import Figure
from tools.postgres import Cluster
from tools.server import CannotStart

FRAME = {"__main__", "client", "inside", "machine", "results", "samples"}


def names() -> list[str]:
    """The benches there are, in the order of their names."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in FRAME)


def main() -> int:
    """Run the chosen benches; 1 when a figure misses its aim."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which benches: {', '.join(names())}; all by default")
    parser.add_argument(
        "--folder", type=Path, help="where to write: the disk that is measured; a new folder in it is used"
    )
    parser.add_argument("--records", type=int, default=100_000, help="generated records for search and pages")
    parser.add_argument("--minutes", type=float, default=10, help="how long the crowd of «load» is at work")
    parser.add_argument(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="PostgreSQL: a cluster of its own is started",
    )
    parser.add_argument("--json", type=Path, help="write the figures to a file as well")
    options = parser.parse_args()
    unknown = set(options.names) - set(names())
    if unknown:
        parser.error(f"there is no bench called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    folder = Path(tempfile.mkdtemp(prefix="yidang-bench-", dir=options.folder or Path.cwd() / "var"))
    figures: list[Figure] = []
    machine = facts(folder)
    print(f"Machine: {machine}\n")
    try:
        for name in options.names or names():
            module = importlib.import_module(f"bench.{name}")
            print(f"{name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
            start = time.perf_counter()
            cluster = Cluster() if options.database == "postgresql" else None
            try:
                if cluster is not None:  # a new one for each, as each has a data folder of its own
                    os.environ["YIDANG_DATABASE"] = cluster.start(flush=True)
                more = {"minutes": options.minutes} if name == "load" else {}
                for figure in module.run(folder / name, machine=machine, records=options.records, **more):
                    figures.append(figure)
                    print(figure, flush=True)
            except CannotStart as absent:
                print(f"  skipped: {absent}")
            finally:
                if cluster is not None:
                    cluster.stop()
            print(f"  ({time.perf_counter() - start:.0f} s)\n", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        report = {"machine": asdict(machine), "figures": [{**asdict(f), "reached": f.reached} for f in figures]}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    missed = [figure for figure in figures if not figure.reached]
    print(f"{len(figures)} figures, {len(missed)} missed their aim.")
    return 1 if missed else 0


if __name__ == "__main__":
    Path("var").mkdir(exist_ok=True)
    sys.exit(main())
