"""What the tracing mark survives, how often it names somebody wrongly, what it costs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside

PAGES = 10


@dataclass(frozen=True)
class Row(Figure):
    """A figure that is printed as its line of the table in docs/developer/tracing.md."""

    def __str__(self) -> str:
        return f"| {self.name.removeprefix('named rightly: ')} | {self.note} |"


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures: drawn pages, ten however many records were asked for; those of survival and wrong names as the page has them."""
    for figure in inside("tracing", folder, PAGES):
        yield Row(**asdict(figure)) if figure.name.startswith("named ") else figure
