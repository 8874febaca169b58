"""What narrows a grant besides its time: which pages of which document, from which address, how many printed sheets."""

import re
from ipaddress import ip_address, ip_network

from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

PLACES_MOST = 8
_GROUP = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,5}(?:-[0-9]{1,5})?(?:,[0-9]{1,5}(?:-[0-9]{1,5})?)*)")
_SAME = str.maketrans({"，": ",", "、": ",", "；": ";", "：": ":", "–": "-", "—": "-"})


def read_pages(text: str) -> str:
    """Pages as a grant keeps them: «1-3,5» of every document, «2:1-3;3:1» of the second and third alone.

    :raises InvalidInput: it names no pages
    """
    told = re.sub(r"\s+", "", text).translate(_SAME).strip(";,")
    for group in told.split(";") if told else []:
        match = _GROUP.fullmatch(group)
        if match is None or match[1] == "0" or any(not 1 <= first <= last for first, last in _ranges(match[2])):
            raise InvalidInput(
                _("«%(text)s» does not name pages.") % {"text": group[:40]}, field="pages",
                remedy=_("Write 1-3,5 for pages of every document, 2:1-3 for pages of the second one."),
            )  # fmt: skip
    if len(told) > 200:
        raise InvalidInput(_("So many page ranges do not fit; ask for fewer."), field="pages")
    return told


def admits_page(pages: str, document: int, page: int) -> bool:
    """Whether a page is among those that a grant names; a grant that names none admits all."""
    if not pages:
        return True
    groups = [match for match in map(_GROUP.fullmatch, pages.split(";")) if match is not None]
    return any(
        first <= page <= last
        for match in groups
        if match[1] is None or int(match[1]) == document
        for first, last in _ranges(match[2])
    )


def _ranges(text: str) -> list[tuple[int, int]]:
    ends = [part.partition("-") for part in text.split(",")]
    return [(int(first), int(last or first)) for first, _dash, last in ends]


def read_address(text: str) -> str:
    """Addresses or networks of terminals, as a grant keeps them, parted by spaces.

    :raises InvalidInput: one of them is none
    """
    parts = re.split(r"[\s,，;；、]+", text.strip())
    try:
        told = " ".join(dict.fromkeys(str(ip_network(part, strict=False)) for part in parts if part))
    except ValueError:
        raise InvalidInput(
            _("«%(text)s» is no address of a terminal.") % {"text": text[:60]}, field="address",
            remedy=_("Write 10.1.20.15, or 10.1.20.0/24 for a whole ward."),
        ) from None  # fmt: skip
    if len(parts) > PLACES_MOST or len(told) > 200:
        raise InvalidInput(_("So many addresses do not fit; name a network."), field="address")
    return told


def admits_address(places: str, address: str) -> bool:
    """Whether a grant holds at an address; one that names places holds nowhere else, nor where the address is unknown."""
    if not places:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(here, "ipv4_mapped", None)
    return any((mapped or here) in ip_network(place) for place in places.split())


def places_in_words(places: str) -> str:
    """The addresses as people write them, single ones without the length of a network."""
    return "、".join(place.removesuffix("/32").removesuffix("/128") for place in places.split())
