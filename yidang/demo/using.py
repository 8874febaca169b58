"""Uses of the last weeks: the counter and the telephone, certified copies, an emergency, a freeze, lists of source systems."""

from datetime import datetime, timedelta
from decimal import Decimal

from yidang.access import certificates, emergency
from yidang.access.uses import Came, register_use
from yidang.catalogue.models import Document, Record
from yidang.demo.staffing import Staff
from yidang.intake.actions import reconciling
from yidang.intake.list_reading import Line
from yidang.intake.models import Submission, SubmittedDocument
from yidang.permissions import freezing

USED = (
    # days ago, how, who came, unit, purpose, class or what is looked for, result, paper and why, seconds, who registered
    (0, "phone", "冯女士", "市医疗保障局", "inspection", "?2025 年骨科高值耗材结算明细", "waiting", "", 19, "lin"),
    (0, "counter", "赵磊", "财务科", "work", "KJ·SB", "given", "", 14, "lin"),
    (1, "counter", "陆先生", "", "patient", "ZY·BA", "given", "", 21, "he"),
    (1, "phone", "区人民法院 邵法官", "区人民法院", "justice", "ZY·BA", "waiting", "", 18, "he"),
    (3, "remote", "彭一帆", "科研科", "research", "WS·GZ", "given", "", 25, "lin"),
    (5, "counter", "萧立明", "基建科", "work", "KJ·JJ", "given", "竣工图为蓝图晒本，现场比对需原件", 33, "lin"),
    (8, "counter", "保险公司 柳经理", "人寿保险股份有限公司", "insurance", "ZY·BA", "refused", "", 40, "he"),
    (12, "phone", "董成泽", "人事科", "work", "WS·GZ", "given", "", 12, "lin"),
    (16, "counter", "区志办公室 温老师", "区地方志办公室", "history", "WS·XZ", "partly", "", 52, "lin"),
    (23, "counter", "何女士", "", "patient", "ZY·BA", "given", "", 17, "he"),
    (31, "remote", "院史馆", "宣传科", "history", "?1978 年建院初期门诊楼照片", "nothing", "", 28, "lin"),
    (44, "counter", "审计组", "市审计局", "inspection", "CW", "given", "", 36, "lin"),
)
NEVER_FILED = (
    ("OA-2026-0917", "关于调整夜间急诊值班安排的通知"),
    ("OA-2026-1022", "关于开展第四季度消防演练的请示"),
    ("OA-2026-1105", "关于印发医用气体安全管理规定的通知"),
)


def use_the_archive(staff: Staff, *, now: datetime) -> None:
    """Let people come and call, patients be in need, and systems say what they finished."""
    for days, kind, name, unit, purpose, what, result, paper, seconds, keeper in USED:
        record = None if what.startswith("?") else _record(what, skip=days)
        register_use(
            kind, came=Came(name=name, unit=unit), purpose=purpose, record=str(record.public_id) if record else "",
            asked=what.removeprefix("?") if record is None else "", result=result if record or result != "given" else "partly",
            paper=bool(paper), paper_reason=paper, seconds=seconds, actor=staff.actor(keeper),
            now=now - timedelta(days=days, hours=1 + days % 5),
        )  # fmt: skip
    _certify(staff, now)
    _open_in_need(staff, now)
    _freeze(staff, now)
    _list(staff, now)


def _record(code: str, *, skip: int) -> Record | None:
    found = list(
        Record.objects.filter(record_class__code__startswith=code, state=Record.ARCHIVED).order_by("pk")[: skip + 1]
    )
    return found[-1] if found else None


def _certify(staff: Staff, now: datetime) -> None:
    document = (
        Document.objects.filter(
            record__record_class__code="ZY·BA", record__state=Record.ARCHIVED, pages__gte=1, pages__lte=6
        )
        .select_related("record")
        .order_by("pk")
        .first()
    )
    if document is not None:
        asked = certificates.Ask(
            came=Came(name="区人民法院 邵法官", unit="区人民法院", contact="（2026）民初 318 号"), purpose="justice",
            ground="office", ground_detail="调取证据通知书、介绍信", pages={document.number: ""}, fee=Decimal(0),
        )  # fmt: skip
        certificates.issue_certificate(
            document.record, asked, address="/verify/?code={code}", actor=staff.actor("he"), now=now
        )


def _open_in_need(staff: Staff, now: datetime) -> None:
    """A reviewed one, and one that the medical affairs office has before it."""
    stays = Record.objects.filter(record_class__code="ZY·BA", department__key="XN").order_by("-pk")
    numbers = list(dict.fromkeys(stays.values_list("patient_number", flat=True)[:40]))[:2]
    for number, (who, hours, reason) in zip(
        numbers,
        (("duyh", 29, "夜间急诊胸痛转入，需既往心电图与造影结果"), ("qinzl", 2, "术前突发低血压，查过敏史与用药")),
        strict=False,
    ):
        opened = emergency.open_in_emergency(
            number, reason=reason, actor=staff.actor(who), now=now - timedelta(hours=hours)
        )
        if hours > 24:
            emergency.review_emergency(
                opened,
                verdict="justified",
                note="急会诊，已核对值班表",
                actor=staff.actor("wu"),
                now=now - timedelta(hours=20),
            )


def _freeze(staff: Staff, now: datetime) -> None:
    record = Record.objects.filter(record_class__code="ZY·BA", state=Record.ARCHIVED).order_by("-pk").first()
    if record is not None:
        freezing.freeze_access(
            record_id=record.pk, record=str(record.public_id), patient_number="", named=[staff.users["wu"]], care_goes_on=True,
            reason="医疗损害争议，依申请限制查阅", actor=staff.actor("he"), now=now - timedelta(days=4),
        )  # fmt: skip


def _list(staff: Staff, now: datetime) -> None:
    """What the OA and the finance system finished: of the OA's, three papers never came."""
    for system, name, lost in (
        ("oa", "OA 办结清单（2026 年 11 月导出）", NEVER_FILED),
        ("finance", "财务系统凭证清单", ()),
    ):
        filed = Submission.objects.filter(source_system=system).order_by("pk")
        digests: dict[int, list[str]] = {}
        for key, sha256 in SubmittedDocument.objects.filter(submission__in=filed).values_list(
            "submission_id", "sha256"
        ):
            digests.setdefault(key, []).append(sha256)
        lines = [Line(one.source_id, one.title, {"sha256": sorted(digests.get(one.pk, []))}) for one in filed]
        lines += [Line(source_id, title) for source_id, title in lost]
        if lines:
            reconciling.take_list(
                lines, source_system=system, name=name, everything=True, period=(None, None), actor=staff.actor("lin"),
                now=now - timedelta(hours=3),
            )  # fmt: skip
