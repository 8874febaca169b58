"""Which class each kind of paper belongs to, and how many of every hundred records are of this kind."""

from yidang.demo.filings import administration, finance, patients, people_and_media, projects
from yidang.demo.handover import Maker

CLASSES = {
    "administration": "WS·XZ",
    "rules": "WS·GZ",
    "party": "WS·DQ",
    "union": "WS·DQ",
    "medical_affairs": "WS·YL",
    "nursing": "WS·HL",
    "personnel_affairs": "WS·RS",
    "logistics": "WS·HQ",
    "security_affairs": "WS·HQ",
    "infection": "ZY·GW",
    "mail": "YJ",
    "medical_record": "ZY·BA",
    "teaching": "ZY·JX",
    "research": "KJ·KY",
    "construction": "KJ·JJ",
    "equipment": "KJ·SB",
    "information": "KJ·XX",
    "voucher": "KU·PZ",
    "ledger": "KU·ZB",
    "financial_report": "KU·BG",
    "other_accounting": "KU·QT",
    "personnel": "RS",
    "photograph": "ZP",
    "audio": "LY",
    "object": "SW",
}

# Of every hundred records; the order in which they come is mixed by `order`.
SHARES: tuple[tuple[Maker, int], ...] = (
    (patients.medical_record, 30),
    (administration.official_paper, 26),
    (finance.voucher, 8),
    (finance.electronic_invoice, 3),
    (finance.ledger, 2),
    (finance.report, 2),
    (projects.research, 5),
    (projects.teaching, 4),
    (projects.equipment, 5),
    (projects.construction, 4),
    (projects.information, 2),
    (people_and_media.personnel_file, 3),
    (people_and_media.retired_staff, 1),
    (people_and_media.photographs, 3),
    (people_and_media.recording, 1),
    (people_and_media.thing, 1),
)


def order() -> tuple[tuple[Maker, int], ...]:
    """A hundred makers, each kind spread over the hundred, with how many of its kind came before."""
    places: list[tuple[float, int, Maker, int]] = []
    for kind, (maker, share) in enumerate(SHARES):
        places += [((number + 0.5) / share, kind, maker, number) for number in range(share)]
    return tuple((maker, number) for _, _, maker, number in sorted(places, key=lambda place: place[:2]))


ORDER = order()
SHARE_OF = dict(SHARES)


def maker_of(place: int) -> tuple[Maker, int]:
    """Who makes the record of this place, and which of its kind it is."""
    maker, number = ORDER[place % len(ORDER)]
    return maker, place // len(ORDER) * SHARE_OF[maker] + number
