"""Requests for records in every state, so that everybody who asks or signs has something to do on the first day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from yidang.access import requests
from yidang.access.models import AccessRequest
from yidang.access.requests import Ask
from yidang.approval import actions as approval
from yidang.approval import seating
from yidang.catalogue.models import Record
from yidang.demo.staffing import Staff

ASKED = (
    # who asks, class, how many, what is done, what for, days, legal basis, hours ago, what the signers said
    ("chen", "ZY·BA", 3, ("view",), "research", "“心衰患者再入院因素”课题随访（伦理批件 YX-LL-2026-033）", 30, "research", 31, ()),
    ("shiyq", "ZY·BA", 1, ("view", "print"), "care", "会诊需要既往住院病历", 3, "care", 5, ("wu",)),
    ("zhao", "KJ·SB", 2, ("view", "copy"), "inspection", "年度固定资产清查，核对合同与验收单", 14, "duty", 20, ("yeqh",)),
    ("zhao", "WS·XZ", 1, ("view",), "work", "核对院长办公会对设备采购预算的决定", 7, "", 2, ()),
    ("chen", "WS·YL", 1, ("view", "print"), "work", "科室制度修订参考", 10, "", 26, ("wu",)),
    ("chen", "ZY·BA", 2, ("view", "copy"), "research", "单病种质量分析", 20, "research", 50, ("wu!请补课题编号和伦理批件",)),
    ("wanhq", "ZY·BA", 1, ("copy",), "research", "教学片选材", 90, "", 40, ("wu-科研用途请先申请查看",)),
    ("houyp", "KJ·JJ", 1, ("borrow",), "work", "消防改造核对竣工图", 5, "", 3, ()),
    ("zhou", "ZY·BA", 1, ("view",), "inspection", "投诉复核", 3, "duty", 6, ()),
)  # fmt: skip


def ask_and_sign(staff: Staff, *, now: datetime) -> int:
    """Let people ask through the door that everybody asks through, and signers decide some of it; how many asked."""
    for username, code, count, actions, purpose, reason, days, basis, hours, signed in ASKED:
        asker = staff.actor(username)
        records = _records(code, count, skip=hours % 5)
        if not records:
            continue
        asked = Ask(
            records=[str(record.public_id) for record in records], actions=actions, purpose=purpose, days=days,
            reason=reason, basis=basis, urgent=hours == 3,
        )  # fmt: skip
        made = requests.ask(asked, actor=asker, now=now - timedelta(hours=hours))
        for said in signed:
            _sign(made, said, staff, now)
    seating.delegate(
        staff.users["renjy"], begins_at=now + timedelta(days=6), ends_at=now + timedelta(days=9),
        actor=staff.actor("zhou"), now=now,
    )  # fmt: skip
    evening = now.replace(minute=0, second=0, microsecond=0)
    seating.set_watch(
        staff.users["qiuyl"],
        begins_at=evening,
        ends_at=evening + timedelta(hours=14),
        actor=staff.actor("lin"),
        now=now,
    )
    return AccessRequest.objects.count()


def _records(code: str, count: int, *, skip: int) -> Sequence[Record]:
    archived = Record.objects.filter(record_class__code=code, state=Record.ARCHIVED)
    found = list(archived.order_by("accession_number")[: skip + count])
    return found[skip:] or found[:count]


def _sign(made: AccessRequest, said: str, staff: Staff, now: datetime) -> None:
    """``wu`` agrees, ``wu!note`` returns, ``wu-note`` refuses."""
    made.refresh_from_db()
    if made.case is None:
        return
    choice, mark = ("return", "!") if "!" in said else ("refuse", "-") if "-" in said else ("approve", "!")
    username, _mark, note = said.partition(mark)
    approval.decide(
        made.case.pk, choice=choice, actor=staff.actor(username), now=now, note=note or "同意", step=made.case.step,
        confirmed=True,
    )  # fmt: skip
