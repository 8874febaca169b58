"""How a figure is printed: beside its aim, and whether it reached it."""

from dataclasses import dataclass


def percentile(times: list[float], share: float) -> float:
    """The value below which ``share`` of the times lie."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``aim`` is the most it may be, or the least when ``at_least``."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the aim was met; a figure without an aim always is."""
        if self.aim is None:
            return True
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    def __str__(self) -> str:
        text = f"  {self.name:<58} {self.value:>10.{1 if self.unit else 4}f} {self.unit}"
        if self.aim is not None:
            text += f"   aim {'≥' if self.at_least else '≤'} {self.aim:g}"
            if not self.reached:
                text += f"   MISSED by {abs(self.value - self.aim) / self.aim * 100:.0f} %" if self.aim else "   MISSED"
        return f"{text}   {self.note}".rstrip()


def spread(name: str, times: list[float], *, p50: float | None = None, p95: float | None = None) -> list[Figure]:
    """p50 and p95 of times in milliseconds, each with its aim."""
    return [
        Figure(f"{name}, p50", percentile(times, 0.5), "ms", p50, note=f"n={len(times)}"),
        Figure(f"{name}, p95", percentile(times, 0.95), "ms", p95),
    ]
