"""What a card reader types: several fields in one go, parted by tabs, new lines or marks, in an order of the maker's own."""

import re
from dataclasses import dataclass

from yidang.access.identity import is_card_number

_PARTS = re.compile(r"[\t\r\n|^;；,，]+")
_LABEL = re.compile(r"^(?:姓名|名字|住址|地址|公民身份号码|身份证号码?|证件号码?|号码)[:：\s]*")
_NAME = re.compile(r"[㐀-鿿]{2,15}(?:·[㐀-鿿]{1,15})*|[A-Za-z]{2,}(?: [A-Za-z]{2,})+")
# What stands on a card beside the name and is as short as one.
_NO_NAME = re.compile(r"性别|民族|出生|签发|有效|长期|[男女]性?|.{1,4}族|.*(?:公安|分局|派出所).*")
_ADDRESS = re.compile(r".*[省市区县州盟旗乡镇村路街道巷号室].*")


@dataclass(frozen=True)
class Card:
    """Number, name and address as far as they were found."""

    number: str = ""
    name: str = ""
    address: str = ""


def read_card(text: str) -> Card | None:
    """The fields of a card in what a reader typed; nothing where it is no more than one field.

    The nationality of most cards is written without its 族 («汉»); one character is no name.
    """
    parts = [_LABEL.sub("", part.strip()).strip() for part in _PARTS.split(text) if part.strip()]
    numbers = [part.upper() for part in parts if is_card_number(part.upper())]
    if len(parts) < 2 or not numbers:
        return None
    rest = [part for part in parts if part.upper() != numbers[0]]
    address = max((part for part in rest if _ADDRESS.fullmatch(part) and not _office(part)), key=len, default="")
    names = [part for part in rest if _NAME.fullmatch(part) and not _NO_NAME.fullmatch(part) and part != address]
    return Card(numbers[0], names[0] if names else "", address if len(address) > 5 else "")


def _office(part: str) -> bool:
    """Whether it is the police station that issued the card."""
    return "公安" in part or "派出所" in part
