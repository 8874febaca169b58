"""What an attack did and found."""

import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.torture.house import NotWell

SEED = os.environ.get("TORTURE_SEED") or str(random.SystemRandom().randrange(1 << 32))
# Broken promises after which an attack stops: by then somebody has enough to do.
MOST_FAULTS = 10


@dataclass
class Report:
    """One attack: points that were really reached, by kind, and what was found broken."""

    attack: str
    seed: str = SEED
    points: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    faults: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.say(f"seed {self.seed}")

    def chance(self, *of: object) -> random.Random:
        """Chance that is the same for the same seed and place."""
        return random.Random("/".join(map(str, (self.seed, self.attack, *of))))

    def where(self, *of: object) -> str:
        """The place as the reader of a fault needs it."""
        return f"seed {self.seed}, {self.attack} " + " ".join(map(str, of))

    def fault(self, fault: NotWell) -> None:
        """Write a broken promise down; the attack goes on with a new house."""
        self.faults.append(str(fault))
        self.say(f"FOUND: {fault}")

    def say(self, sentence: str) -> None:
        """Tell whoever waits."""
        minutes = (time.monotonic() - self.began) / 60
        print(
            f"[{self.attack} {minutes:5.1f} min, {self.points.total()} points] {sentence}", file=sys.stderr, flush=True
        )

    def __str__(self) -> str:
        minutes = (time.monotonic() - self.began) / 60
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.points.items()))
        notes = "".join(f"; {name} {count}" for name, count in sorted(self.notes.items()))
        return (
            f"{self.attack}: {self.points.total()} points in {minutes:.1f} min, seed {self.seed}, {len(self.faults)} faults"
            f" ({kinds}; chosen and not reached {self.missed}{notes})"
        )
