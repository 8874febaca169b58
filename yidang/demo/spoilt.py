"""Submissions that the door does not let in, each for another reason, and one that it may not even keep."""

import hashlib
import io
from datetime import date

import pikepdf

from yidang.demo.handover import QUARANTINED, REFUSED, DemoFile, Handover, Stage
from yidang.demo.papers import ooxml, pdf, pictures
from yidang.demo.papers.paper import Paper


def spoilt(stage: Stage) -> list[Handover]:
    """All of them."""
    rng = stage.rng("spoilt")
    report, minutes = _paper("护理部第一季度工作小结", "HL"), _paper("设备科五月份科务会记录", "SB")
    contract, plan, notice = (
        _paper("超声诊断仪维修合同", "SB"),
        _paper("下半年进修人员安排", "RS"),
        _paper("关于更换门禁卡的通知", "BW"),
    )
    return [
        _spoilt("encrypted", "caoxy", "nursing", "HL", report, [DemoFile("护理部第一季度工作小结.pdf", _encrypted(pdf.plain(report)))]),
        _spoilt("lies", "hanbo", "equipment", "SB", contract, [DemoFile("超声诊断仪维修合同.pdf", pictures.scan(contract, rng))]),
        _spoilt("digest", "zhao", "other_accounting", "CW", _paper("六月份水费发票", "CW"), [
            DemoFile("六月份水费发票.pdf", pdf.plain(_paper("六月份水费发票", "CW")), declared=hashlib.sha256(b"another file").hexdigest())]),
        _spoilt("empty", "dengsh", "teaching", "JX", _paper("实习生考勤表", "JX"), [DemoFile("实习生考勤表.pdf", b"")]),
        _spoilt("macro", "hanbo", "administration", "SB", minutes, [DemoFile("设备科五月份科务会记录.docm", ooxml.docm_with_macro(minutes))]),
        _spoilt("cut", "shenml", "personnel_affairs", "RS", plan, [DemoFile("下半年进修人员安排.docx", ooxml.docx(plan)[:900])]),
        _spoilt("program", "yuanqc", "information", "XX", notice, [DemoFile("安装说明.pdf", pdf.plain(notice)), DemoFile("setup.exe", b"MZ" + bytes(510), "附件")]),
        _spoilt("eicar", "gaojr", "medical_affairs", "YW", _paper("外院会诊资料", "YW"), [
            DemoFile("外院会诊资料.pdf", pdf.plain(_paper("外院会诊资料", "YW"))), DemoFile("说明.txt", eicar(), "附件")]),
        _spoilt("fields", "he", "medical_record", "XN", _paper("缺少病案号的病历", "XN"), [DemoFile("病历.pdf", pdf.plain(_paper("缺少病案号的病历", "XN")))]),
        _state_secret(),
    ]  # fmt: skip


def eicar() -> bytes:
    """The harmless file with which every virus scanner is tried; put together here, so that the source is not found by one."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!" + b"$H+H*"


def _paper(title: str, department: str) -> Paper:
    return Paper(
        title,
        ("本件由科室在线移交，内容与纸质件一致，请档案室查收。", "经办人联系电话见院内通讯录。"),
        signer="仁和医院",
        day=date(2026, 6, 18),
    )


def _spoilt(reason: str, sender: str, kind: str, department: str, paper: Paper, files: list[DemoFile]) -> Handover:
    return Handover(
        kind,
        sender,
        paper.title,
        files,
        day=paper.day,
        department=department,
        creator="仁和医院",
        source="oa",
        fate=QUARANTINED,
        reason=reason,
    )


def _encrypted(content: bytes) -> bytes:
    result = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as book:
        book.save(result, encryption=pikepdf.Encryption(owner="renhe-owner", user="renhe-2026", R=6))
    return result.getvalue()


def _state_secret() -> Handover:
    # Put together at run time: a file with such a mark would be refused by this very program.
    mark = "机" + "密" + "★" + "10年"
    paper = Paper(f"关于战备药品储备情况的报告（{mark}）", ("内容略。",), signer="仁和医院", day=date(2026, 5, 11))
    return Handover(
        "administration",
        "houyp",
        paper.title,
        [DemoFile("报告.pdf", pdf.plain(paper))],
        day=paper.day,
        department="HQ",
        fate=REFUSED,
        reason="state secret",
    )
