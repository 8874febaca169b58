"""Which sites take a group of objects before it is acknowledged."""

from collections.abc import Collection

from yidang.common.errors import Unavailable
from yidang.vault import sites as configured
from yidang.vault.errors import SiteReadOnly, TooFewSites
from yidang.vault.root import Root


def choose(numbers: Collection[int | None], size: int) -> tuple[list[Root], list[str]]:
    """The sites that a group is written to, and the ids of their markers; as many as its strictest member needs.

    A number is met by so many sites that answer and have room, those first that are required; None by every required site.

    :param size: bytes that each site has to take
    :raises TooFewSites: settings name fewer than a number asks for
    :raises SiteMissing, SiteFull, SiteReadOnly: so many do not take it now
    """
    roots = sorted(configured.roots(), key=lambda root: not root.required)
    least = max((number for number in numbers if number is not None), default=0)
    if least > len(roots):
        raise TooFewSites(least, len(roots))
    chosen: dict[Root, str] = {}
    refused: list[Unavailable] = []
    for root in roots:
        must = root.required and None in numbers
        if not must and len(chosen) >= least:
            continue
        try:
            marker_id = root.check()
            if not must and not root.is_writable:
                raise SiteReadOnly(root.key)
            root.check_room(size)
            chosen[root] = marker_id
        except Unavailable as problem:
            if must:
                raise
            refused.append(problem)
    if len(chosen) < least:
        raise refused[0]
    return list(chosen), list(chosen.values())
