"""One thing that is not well."""

from dataclasses import dataclass

BAD, WARN = "bad", "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not well and what to do about it.

    :param level: ``bad`` needs somebody, ``warn`` is told and does not count against the installation
    :param detail: words of another program, for whoever owns the machine; they may quote values and go nowhere else
    """

    area: str
    level: str
    sentence: str
    remedy: str
    detail: str = ""
