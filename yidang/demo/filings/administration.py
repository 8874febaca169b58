"""Papers of the administration and the Party: notices, rules, minutes, plans, reports, with the routing of the office system."""

import random
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from yidang.demo.cast import HOSPITAL, NAMES, clerk_of, department_name
from yidang.demo.filings import care_texts, office_texts
from yidang.demo.filings.topics import Topic
from yidang.demo.handover import DemoFile, Handover, Stage, day_between, hex_digits, moment, person_name, safe
from yidang.demo.papers import ofd, ooxml, pdf, pictures, plain, sheets
from yidang.demo.papers.paper import Paper, Table
from yidang.demo.papers.plain import Step

_SIGN = {"YB": "仁医发", "DW": "仁医党发", "YW": "仁医医发", "HL": "仁医护发", "RS": "仁医人发", "HQ": "仁医后发", "BW": "仁医保发",
         "YG": "仁医感发", "JX": "仁医教发", "GH": "仁医工发", "JW": "仁医纪发", "XX": "仁医信发", "CW": "仁医财发"}  # fmt: skip


# Offices and care by turns.
TOPICS = tuple(sorted((*office_texts.TOPICS, *care_texts.TOPICS), key=lambda topic: topic.title[-3:]))


class Written(NamedTuple):
    """A topic on a day: the paper and what the catalogue says of it."""

    topic: Topic
    paper: Paper
    day: date
    number: str


def write(stage: Stage, rng: random.Random, index: int, topics: tuple[Topic, ...]) -> Written:
    """The paper of the next topic on some day, under its department's number."""
    topic = topics[index % len(topics)]
    day = day_between(rng, date(max(1998, topic.since), 1, 5))
    if topic.month:
        day = day.replace(month=topic.month, day=min(day.day, 28))
    running = 1 + index % 97
    sign = _SIGN.get(topic.department, "仁医发")
    number = f"{sign}〔{day.year}〕{running}号" if topic.numbered else ""
    facts = {
        "year": day.year, "next": day.year + 1, "last": day.year - 1, "name": person_name(rng), "other": person_name(rng),
        "count": rng.randint(18, 96), "share": rng.randint(86, 99), "week": rng.randint(1, 4), "phone": f"8{rng.randint(100, 999)}",
        "month": day.month, "day": day.day, "hospital": HOSPITAL,
    }  # fmt: skip
    signer = HOSPITAL if topic.department in {"YB", "YLD"} else HOSPITAL + department_name(topic.department, day)
    if topic.department == "DW":
        signer = "中共仁和医院委员会"
    tables = tuple(Table(head, [[cell.format(**facts) for cell in row] for row in rows]) for head, rows in topic.tables)
    paper = Paper(
        topic.title.format(**facts), [part.format(**facts) for part in topic.paragraphs],
        issuer=(("中共仁和医院委员会文件" if topic.department == "DW" else "仁和医院文件") if topic.numbered else ""),
        number=number, addressee=topic.addressee, signer=signer, day=day, tables=tables,
        copies=f"仁和医院院长办公室　　　　　{day.year}年{day.month}月{day.day}日印发" if topic.numbered else "",
    )  # fmt: skip
    return Written(topic, paper, day, number)


def routing(written: Written, rng: random.Random, drafter: str) -> list[Step]:
    """The steps of a paper through the office system before its day."""
    start = written.day - timedelta(days=rng.randint(3, 9))
    leader = rng.choice(("周文", "任景渊", "邱雨霖"))
    return [
        Step("拟稿", drafter, moment(start, rng), f"请审阅《{written.paper.title}》送审稿。"),
        Step("部门审核", NAMES[clerk_of(written.topic.department)], moment(start + timedelta(days=1), rng), rng.choice(("同意，请办公室核稿。", "内容属实，同意上报。"))),
        Step("办公室核稿", "许芳", moment(start + timedelta(days=2), rng), rng.choice(("格式已核，文号已编。", "文字已核改，请领导签发。"))),
        Step("签发", leader, moment(written.day - timedelta(days=1), rng), rng.choice(("同意。", "同意印发。", "发。请各科室抓好落实。"))),
    ]  # fmt: skip


def official_paper(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A paper of the hospital in the form that its year used: scanned before 2012, Word or OFD or PDF later."""
    written = write(stage, rng, index, TOPICS)
    topic, paper, day = written.topic, written.paper, written.day
    drafter = person_name(rng)
    steps = routing(written, rng, drafter)
    files = _main_files(written, rng)
    workflow: list[dict[str, str]] = []
    if day.year >= 2012:
        workflow = [step.as_json() for step in steps]
        if index % 3 == 0:
            fields = [("标题", paper.title), ("文号", written.number or "无"), ("拟稿部门", department_name(topic.department, day)),
                      ("拟稿人", drafter), ("紧急程度", "平件"), ("主送", paper.addressee.rstrip("：") or "院内各科室")]  # fmt: skip
            files.append(
                DemoFile(
                    f"发文处理单_{safe(paper.title)}.html",
                    partial(plain.form_snapshot, "仁和医院发文处理单", fields, steps),
                    "处理单",
                )
            )
    if topic.sheet and day.year >= 2008:
        head, rows = topic.sheet
        cells: list[list[sheets.Cell]] = [[row, *(rng.randint(1, 60) for _ in head[1:])] for row in rows]
        files.append(
            DemoFile(f"附件1_{safe(paper.title)}.xlsx", partial(sheets.xlsx, f"{paper.title}附表", head, cells), "附件")
        )
    return Handover(
        topic.kind, clerk_of(topic.department), paper.title, files, day=day, department=topic.department, number=written.number,
        creator=paper.signer, retention=topic.retention, keywords=topic.keywords, workflow=workflow,
        parties=(drafter,), metadata={"recipient": paper.addressee.rstrip("：")} if paper.addressee else {},
    )  # fmt: skip


def _main_files(written: Written, rng: random.Random) -> list[DemoFile]:
    topic, paper, day = written.topic, written.paper, written.day
    name = safe(paper.title)
    if topic.form == "mail":
        sent = moment(day, rng)
        return [
            DemoFile(
                f"{name}.eml",
                partial(
                    plain.mail, paper, sender="yuanban@renhe.example", recipients="quanyuan@renhe.example", sent=sent
                ),
            )
        ]
    if day.year < 2006:
        return [DemoFile(f"{name}.tif", partial(pictures.scanned_tiff, paper, rng), "扫描件")]
    if day.year < 2012:
        if rng.random() < 0.4:
            return [DemoFile(f"{name}.txt", partial(plain.text, paper, encoding="gb18030"))]
        return [DemoFile(f"{name}.pdf", partial(pictures.scanned_book, paper, rng), "扫描件")]
    if topic.form == "docx":
        return [DemoFile(f"{name}.docx", partial(ooxml.docx, paper))]
    if topic.form == "txt":
        return [DemoFile(f"{name}.txt", partial(plain.text, paper))]
    if topic.numbered and rng.random() < 0.3:
        return [DemoFile(f"{name}.ofd", partial(ofd.ofd, paper, document_id=hex_digits(rng)))]
    main = DemoFile(f"{name}.pdf", partial(pdf.official, paper) if paper.issuer else partial(pdf.plain, paper))
    if rng.random() < 0.3:
        return [main, DemoFile(f"{name}（送审稿）.docx", partial(ooxml.docx, paper), "定稿")]
    return [main]
