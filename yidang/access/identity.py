"""Numbers of identity cards after GB 11643: checked when they are typed or read, shown with their middle covered."""

import re
from datetime import date

from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

_CARD = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OTHER = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"


def check_digit(first: str) -> str:
    """The eighteenth character that belongs to seventeen digits."""
    return _DIGITS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def is_card_number(text: str) -> bool:
    """Whether a text is the number of an identity card: form, day of birth and check digit."""
    if not _CARD.fullmatch(text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return born.year > 1880 and check_digit(text[:17]) == text[17]


def read_number(text: str) -> str:
    """The number of an identity card, or of another paper such as a passport, as it was typed or read.

    :raises InvalidInput: it looks like an identity card's and is none, or is no number at all
    """
    number = re.sub(r"[\s-]", "", text).upper().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if not number or is_card_number(number):
        return number
    if _OTHER.fullmatch(number) and not re.fullmatch(r"[0-9]{11,}X?", number):
        return number
    raise InvalidInput(
        _("«%(number)s» is no number of an identity card: its check digit does not fit.") % {"number": number[:20]},
        field="id_number", code="bad_identity_number",
        remedy=_("Read the card again, or type the eighteen characters anew."),
    )  # fmt: skip


def covered(number: str) -> str:
    """The number as pages show it: enough to compare with the card, not enough to use."""
    if len(number) < 7:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]
