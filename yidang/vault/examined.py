"""One thing that is not as it was kept: a value that those who look and those who mend share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One file, by its path in the object's folder, that is not as it was kept."""

    path: str
    kind: str
    expected: str = ""
    found: str = ""
