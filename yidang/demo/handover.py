"""What one submission of the demonstration is made of, and the small tools that all kinds of papers share."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

FIRST, LAST = date(1998, 1, 5), date(2026, 6, 30)
CHINA = timezone(timedelta(hours=8))

ARCHIVED, RECEIVED, RETURNED, QUARANTINED, REFUSED = "archived", "received", "returned", "quarantined", "refused"

_SURNAMES = "安柏卞岑柴褚丛党狄窦樊费伏甘葛耿宫古谷关桂郭海郝洪胡华霍嵇纪季简姜焦靳康柯匡赖兰蓝黎李连梁林凌刘柳卢鲁陆路麻马麦毛梅孟米苗闵莫牟穆倪聂宁牛区庞裴彭皮戚齐祁阮桑尚佘申盛施史舒司宋孙谭汤陶田童屠汪王韦温文闻翁乌巫伍习夏项谢辛邢徐许宣薛荀严颜晏姚殷尹应尤游余俞虞喻岳云臧詹张章赵甄钟仲朱诸庄卓左"
_GIVEN_FIRST = "安秉昌承春德东方芳凤福国海汉洪鸿怀惠吉继佳建金锦景静君俊开兰礼立丽连良林美明慕宁培庆秋荣瑞少世淑树思松素天文晓新兴秀玄学雅彦艳一宜永友玉元月云泽振正志仲子宗"
_GIVEN_SECOND = "安邦彬波才昌晨诚川春达丹德迪东栋芳飞芬峰凤福刚贵桂国海涵翰豪浩和恒虹华辉慧吉佳建江洁娟军凯康兰岚磊莉林玲龙梅敏明楠宁培鹏琴清泉荣蓉瑞珊生胜霜涛婷伟文霞香祥翔欣秀萱雪燕阳怡英影勇玉远云珍芝志忠舟竹"


@dataclass(frozen=True)
class DemoFile:
    """One file to hand over.

    :param content: its bytes, or what makes them; the files of a submission are made in their order
    :param declared: the digest that its sender states, if one does
    """

    name: str
    content: bytes | Callable[[], bytes]
    role: str = "正本"
    declared: str = ""

    def read(self) -> bytes:
        """The bytes, made now if they are not there yet."""
        return self.content if isinstance(self.content, bytes) else self.content()


@dataclass(frozen=True)
class Handover:
    """One submission: who hands it over, what is said of it, its files, and what is to become of it.

    :param kind: the kind of paper, a key of :data:`yidang.demo.classes.CLASSES`
    :param fate: archived, received, returned, quarantined or refused
    """

    kind: str
    sender: str
    title: str
    files: Sequence[DemoFile]
    day: date | None = None
    department: str = ""
    number: str = ""
    creator: str = ""
    retention: str = ""
    security: str = ""
    source: str = "oa"
    parties: Sequence[str] = ()
    keywords: Sequence[str] = ()
    description: str = ""
    patient: str = ""
    owner: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    workflow: Sequence[dict[str, str]] = ()
    fate: str = ARCHIVED
    reason: str = ""


@dataclass(frozen=True)
class Stage:
    """What every maker of papers is told.

    :param seed: the seed of the whole hospital
    :param records: how many records it will have
    """

    seed: int
    records: int

    def rng(self, *names: object) -> random.Random:
        """Chances that depend on the seed and these names alone, so that the order of making does not matter."""
        text = "/".join(map(str, (self.seed, *names)))
        return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


Maker = Callable[[Stage, random.Random, int], Handover]


def person_name(rng: random.Random) -> str:
    """An invented name of two or three characters."""
    second = rng.choice(_GIVEN_SECOND) if rng.random() < 0.82 else ""
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN_FIRST) + second


def day_between(rng: random.Random, first: date = FIRST, last: date = LAST, *, recent: bool = True) -> date:
    """A working day; with ``recent`` late days come more often, as papers grew more with the years."""
    chance = rng.random() ** (0.6 if recent else 1.0)
    day = first + timedelta(days=round((last - first).days * chance))
    return day - timedelta(days=max(0, day.weekday() - 4))


def moment(day: date, rng: random.Random) -> datetime:
    """A moment in the working hours of a day."""
    return datetime.combine(day, time(rng.randint(8, 17), rng.randrange(60)), CHINA)


def hex_digits(rng: random.Random, count: int = 32) -> str:
    """So many hexadecimal digits."""
    return f"{rng.getrandbits(4 * count):0{count}x}"


def safe(title: str) -> str:
    """A title as part of a file name."""
    return "".join("_" if char in '\\/:*?"<>|' else char for char in title)[:60]
