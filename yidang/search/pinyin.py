"""Pinyin of names and titles and its initials."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from yidang.search.normal import normalise

# Characters that are read differently when they are a surname.
SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "曾": "zeng", "查": "zha", "区": "ou", "任": "ren", "华": "hua", "朴": "piao",
    "翟": "zhai", "盖": "ge", "乐": "yue", "冼": "xian", "缪": "miao", "种": "chong", "宓": "mi", "员": "yun", "覃": "qin",
    "召": "shao", "折": "she", "黑": "he", "逄": "pang", "郗": "xi", "晁": "chao", "繁": "po", "秘": "bi", "卜": "bu",
    "谌": "chen", "褚": "chu", "洗": "xian", "尹": "yin", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun",
    "澹台": "tan tai", "皇甫": "huang fu", "令狐": "ling hu", "宇文": "yu wen", "呼延": "hu yan", "欧阳": "ou yang",
    "司马": "si ma", "上官": "shang guan", "诸葛": "zhu ge", "夏侯": "xia hou", "慕容": "mu rong", "单于": "chan yu",
}  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTERS = re.compile(r"[a-z]+")
_RUNS = re.compile(r"[a-z]+|[0-9]+|[\u3400-\u9fff]")
_U = str.maketrans(dict.fromkeys("üǖǘǚǜ", "v"))
LONGEST = 120  # characters of a title whose pinyin is kept


@cache
def _tables() -> tuple[dict[str, list[list[str]]], dict[int, str], Callable[[str], Iterable[str]]]:
    """pypinyin's phrases, its characters and what parts a text into phrases; every command would pay 270 ms for them."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.seg.mmseg import seg

    return PHRASES_DICT, PINYIN_DICT, seg.cut


def syllables(text: str, *, name: bool = False) -> list[str]:
    """The syllables of the Chinese characters of a text, other runs of letters and digits as they are.

    :param name: it is a person's name, so a surname is read as one
    """
    normal = normalise(text)[:LONGEST]
    if not _HAN.search(normal):
        return []
    if name:
        for length in (2, 1):
            reading = SURNAMES.get(normal[:length])
            if reading is not None and len(normal) > length:
                return [*reading.split(), *syllables_of(normal[length:])]
    return syllables_of(normal)


@lru_cache(maxsize=4096)
def syllables_of(normal: str) -> list[str]:
    """Readings of a normal text by pypinyin's table of phrases; its own converter does the same in three times the time."""
    read: list[str] = []
    phrases, _characters, cut = _tables()
    for word in cut(normal):
        phrase = phrases.get(word)
        if phrase is not None:
            read += [_plain(options[0]) for options in phrase]
        else:
            read += [reading for run in _RUNS.findall(word) for reading in _single(run)]
    return [part for part in read if part]


def _single(run: str) -> list[str]:
    """Letters and digits as they are; a Chinese character by its first reading."""
    if run[0].isascii():
        return [run]
    known = _tables()[1].get(ord(run))
    return [_plain(known.split(",")[0])] if known else []


def initials(read: list[str]) -> str:
    """The first letters of syllables."""
    return "".join(part[0] for part in read if part)


@cache
def _known() -> frozenset[str]:
    every = {reading for readings in _tables()[1].values() for reading in readings.split(",")}
    plain = {_plain(reading) for reading in every}
    return frozenset(
        reading
        for reading in plain
        if re.fullmatch(r"[a-z]{1,6}", reading) and reading not in {"n", "m", "ng", "hm", "hng"}
    )


@cache
def _plain(reading: str) -> str:
    """A syllable without its tone; ü is v."""
    parted = unicodedata.normalize("NFD", unicodedata.normalize("NFC", reading).translate(_U))
    return "".join(part for part in parted if part.isascii())


def readings(typed: str, *, most: int = 8) -> list[list[str]]:
    """The ways to read typed letters as syllables, longest syllables first; the last one may be unfinished.

    An unfinished last syllable ends with ``*``.
    """
    if not _LETTERS.fullmatch(typed):
        return []
    known = _known()
    found: list[list[str]] = []

    def go(at: int, before: list[str]) -> None:
        if len(found) >= most:
            return
        if at == len(typed):
            found.append(before)
            return
        for length in range(min(6, len(typed) - at), 0, -1):
            part = typed[at : at + length]
            if part in known:
                go(at + length, [*before, part])
        rest = typed[at:]
        if before and len(rest) <= 5 and rest not in known and any(syllable.startswith(rest) for syllable in known):
            found.append([*before, rest + "*"])

    go(0, [])
    return found[:most]
