"""Proposals for the form: title, document number, date, creator, keywords, each with where it was found.

People accept or change them; nothing here decides. Works on text that the cage has read, so it needs no cage.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value and where it stands: ``body title``, ``body number``, ``body date``, ``signature``, ``file name``, ``text``.

    :param line: the line of the first text it stands on, from 1; nothing if it is from the file's name
    """

    value: str
    source: str
    line: int | None = None


_KINDS = (
    "通知|通报|通告|公告|公报|决定|决议|命令|令|意见|请示|批复|报告|函|纪要|议案|办法|规定|细则|制度|方案|计划|总结|预案|"
    "规范|指南|规划|协议|合同|协议书|任务书|申请书|申请|证明|汇报|讲话|简报|要点|章程|条例|标准|流程|公示|情况说明|说明|"
    "承诺书|责任书|倡议书|聘书|任命|记录|登记表|审批表|一览表|清单|目录|台账|病历|小结|出院记录|知情同意书"
)
_TITLE = re.compile(rf"关于.{{2,80}}?的?(?:{_KINDS})(?:[（(][^（）()]{{1,20}}[）)])?$")
_OTHER_TITLE = re.compile(
    rf"^(?!第[一二三四五六七八九十\d]+[章节条]).{{2,50}}(?:{_KINDS})(?:[（(][^（）()]{{1,20}}[）)])?$"
)
_NUMBER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{1,12})\s*[〔\[［【(（〈﹝]\s*(?P<year>(?:19|20)\d\d)\s*[〕\]］】)）〉﹞]\s*第?\s*(?P<number>\d{1,5})\s*号"
)
_NUMBER_BARE = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{2,8}(?:发|字|函|办|通|令|文))\s*(?P<year>(?:19|20)\d\d)\s*[-－—年]\s*第?\s*(?P<number>\d{1,5})\s*号?"
)
_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "O": "0",
}
_DATE = re.compile(r"(?P<y>(?:19|20)\d\d)\s*[年./\-－]\s*(?P<m>\d{1,2})\s*[月./\-－]\s*(?P<d>\d{1,2})\s*日?(?!\d)")
_DATE_CHINESE = re.compile(
    r"(?P<y>[一二][〇零○OＯ一二三四五六七八九]{3})\s*年\s*(?P<m>[一二三四五六七八九十]{1,2})\s*月\s*(?P<d>[一二三四五六七八九十廿卅]{1,3})\s*日"
)
_DATE_SOLID = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?P<y>(?:19|20)\d\d)\s*[年.\-]\s*(?P<m>\d{1,2})\s*月?(?![\d.\-])")
_BODY = re.compile(
    r"(?:医院|委员会|卫生局|健康委|党委|委|局|厅|部|科|室|处|办公室|中心|公司|学院|大学|协会|学会|支部|工会|集团)$"
)
_HEAD = re.compile(
    r"^(?P<body>.{2,30}?(?:医院|委员会|委|局|厅|部|中心|公司|大学|学院|党委|办公室))(?:文件|函|令|简报)$"
)
_DOMAIN = [
    "医疗质量", "医疗安全", "院感", "感染", "护理", "药事", "抗菌药物", "病历", "病案", "设备", "采购", "招标", "基建", "财务",
    "预算", "审计", "人事", "职称", "招聘", "培训", "继续教育", "科研", "伦理", "教学", "规培", "党建", "工会", "纪检", "信息化",
    "网络安全", "数据安全", "消防", "安全生产", "应急", "疫情", "疾控", "医保", "绩效", "考核", "档案", "值班", "会议", "合同",
]  # fmt: skip
_NOISE = re.compile(
    r"^(?:新建|副本|复件|扫描件?|scan|img|image|doc|document|未命名|untitled|无标题|wps|\d+|[0-9a-f-]{16,})[\s\d()（）_-]*$",
    re.I,
)


def propose(name: str, text: str) -> dict[str, Proposal]:
    """What the form may be filled with: ``title``, ``document_number``, ``date``, ``creator``, ``keywords``.

    :param name: the file's name as its sender gave it
    :param text: the beginning of its text, lines joined to paragraphs
    """
    lines = [unicodedata.normalize("NFC", line).strip().lstrip("#> ").strip("*") for line in text.split("\n")]
    found: dict[str, Proposal] = {}
    for key, candidates in (
        ("title", _titles(name, lines)),
        ("document_number", _document_numbers(name, lines)),
        ("date", _dates(name, lines)),
        ("creator", _creators(lines)),
        ("keywords", _keywords(name, text)),
    ):
        first = next(candidates, None)
        if first is not None:
            found[key] = first
    return found


def _titles(name: str, lines: list[str]) -> Iterator[Proposal]:
    head = [(number, line) for number, line in enumerate(lines[:40], 1) if line]
    for position, (number, line) in enumerate(head[:15]):
        following = head[position + 1][1] if position + 1 < len(head) else ""
        # Lines of a title are often centred and cut: two lines are tried together, then three.
        for whole in (
            line,
            line + following,
            line + following + (head[position + 2][1] if position + 2 < len(head) else ""),
        ):
            squeezed = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", whole)
            match = _TITLE.search(squeezed)
            if match and not re.search(r"[。；：:]", match[0]) and "根据" not in squeezed[: match.start()]:
                before = squeezed[: match.start()]
                kept = (
                    before if len(before) <= 30 and (_BODY.search(before) or not before) and "号" not in before else ""
                )
                yield Proposal(kept + match[0], "body title", number)
    for number, line in head[:6]:
        squeezed = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", line)
        if _OTHER_TITLE.match(squeezed) and not _HEAD.match(squeezed) and not re.search(r"[。；，：:]", squeezed):
            yield Proposal(squeezed, "body title", number)
    stem = _stem(name)
    if stem and not _NOISE.match(stem):
        yield Proposal(stem, "file name")
    for number, line in head[:3]:
        if 3 < len(line) <= 60:
            yield Proposal(line, "body title", number)
    if stem:
        yield Proposal(stem, "file name")


def _stem(name: str) -> str:
    stem = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem)
    stem = re.sub(r"^\d{8}[\s_-]*", "", stem)
    stem = re.sub(r"[\s_-]*[（(]\d{4}[-.年]\d{1,2}[-.月]\d{1,2}日?[）)]$", "", stem)
    stem = _NUMBER.sub("", stem)
    stem = re.sub(r"[\s_-]*(?:\(\d+\)|（\d+）|副本|终稿|定稿|最终版?|修改版?|v\d+(?:\.\d+)*)+$", "", stem, flags=re.I)
    return re.sub(r"[_\s]+", " ", stem).strip(" -—_·")


def _document_numbers(name: str, lines: list[str]) -> Iterator[Proposal]:
    for number, line in enumerate(lines[:30], 1):
        for match in _NUMBER.finditer(line):
            # Inside a sentence it is another document that is referred to.
            if len(line) < 60 and not re.search(r"根据|按照|依据|贯彻|转发|印发的|《", line[: match.start()]):
                yield Proposal(_as_number(match), "body number", number)
    for pattern in (_NUMBER, _NUMBER_BARE):
        in_name = pattern.search(name)
        if in_name:
            yield Proposal(_as_number(in_name), "file name")


def _as_number(match: re.Match[str]) -> str:
    word = re.sub(r"^.*(?:文件|号|日|年|：|发文字号)", "", match["word"]) or match["word"]
    return f"{word}〔{match['year']}〕{int(match['number'])}号"


def _dates(name: str, lines: list[str]) -> Iterator[Proposal]:
    whole = list(enumerate(lines, 1))
    # The date of signing stands alone at the end; a date after 印发 is the printer's.
    for number, line in reversed(whole):
        date = _date_in(line)
        if date and len(line) <= 24 and "印发" not in line:
            yield Proposal(date, "body date", number)
    for number, line in reversed(whole):
        date = _date_in(line[-30:])
        if date and "印发" in line:
            yield Proposal(date, "body date", number)
    for number, line in whole[:15]:
        date = _date_in(line)
        if date:
            yield Proposal(date, "body date", number)
    date = _date_in(name) or _solid(name)
    if date:
        yield Proposal(date, "file name")
    month = _MONTH.search(name)
    if month and 1 <= int(month["m"]) <= 12:
        yield Proposal(f"{month['y']}-{int(month['m']):02d}", "file name")
    year = re.search(r"(?<!\d)((?:19|20)\d\d)\s*年", name)
    if year:
        yield Proposal(year[1], "file name")


def _date_in(text: str) -> str:
    match = _DATE.search(unicodedata.normalize("NFKC", text))
    if match:
        return _checked(int(match["y"]), int(match["m"]), int(match["d"]))
    match = _DATE_CHINESE.search(text)
    if match:
        year = "".join(_DIGITS.get(char, "") for char in match["y"])
        return _checked(int(year) if len(year) == 4 else 0, _small(match["m"]), _small(match["d"]))
    return ""


def _solid(text: str) -> str:
    match = _DATE_SOLID.search(text)
    return _checked(int(match["y"]), int(match["m"]), int(match["d"])) if match else ""


def _small(text: str) -> int:
    """三十一 and the like."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    value = (int(_DIGITS.get(tens, "1") or 1) if tens else 1) * 10 if ten else 0
    return value + (int(_DIGITS.get(ones, "0")) if ones else 0)


def _checked(year: int, month: int, day: int) -> str:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def _creators(lines: list[str]) -> Iterator[Proposal]:
    whole = [(number, line) for number, line in enumerate(lines, 1) if line]
    for position, (number, line) in enumerate(whole):
        squeezed = re.sub(r"\s+", "", line)
        if position and _date_in(line) and len(squeezed) <= 24:
            before_date = re.sub(r"(?:二|一|1|2)[〇零○\d一二三四五六七八九]{3}年.*$", "", squeezed)
            above_number, above = whole[position - 1]
            for where, candidate in ((number, before_date), (above_number, re.sub(r"\s+", "", above))):
                if 2 < len(candidate) <= 30 and _BODY.search(candidate):
                    yield Proposal(candidate, "signature", where)
    for number, line in whole[:8]:
        match = _HEAD.match(re.sub(r"\s+", "", line))
        if match:
            yield Proposal(match["body"], "body title", number)


def _keywords(name: str, text: str) -> Iterator[Proposal]:
    labelled = re.search(r"(?:关键词|主题词)\s*[:：]\s*([^\n]{2,80})", text)
    if labelled:
        words = [word for word in re.split(r"[\s;；,，、]+", labelled[1]) if word]
        yield Proposal("、".join(words[:8]), "text")
    counted = sorted(((text.count(word) + 3 * name.count(word), word) for word in _DOMAIN), reverse=True)
    kept = [word for count, word in counted if count >= 2][:5]
    if kept:
        yield Proposal("、".join(kept), "text")
