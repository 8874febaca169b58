"""The seed: classes, schemes, the draft of the retention schedule, what is proposed from them."""

import pytest

from tests.cast import FOUNDER
from yidang.audit.models import Entry
from yidang.catalogue import numbers, proposals
from yidang.catalogue.models import Fonds, MetadataScheme, RecordClass, RetentionRule, RetentionSchedule
from yidang.catalogue.queries import branch_ids
from yidang.catalogue.seed import load_hospital
from yidang.catalogue.tests.drafting import make_draft, the_class

EXPECTED = {"WS", "WS·DQ", "WS·XZ", "WS·YL", "WS·HL", "KJ·KY", "KJ·JJ", "KJ·SB", "KJ·XX", "ZY·BA", "ZY·JX", "ZY·YX", "ZY·GW",
            "KU·PZ", "KU·ZB", "KU·BG", "KU·QT", "RS", "ZP", "LY", "LX", "SW"}  # fmt: skip


@pytest.mark.gbt39784("11.2-1", "11.2-7", "4.6-2", "4.6-4")
def test_the_classes_of_a_hospital_are_there(fonds: Fonds) -> None:
    codes = set(RecordClass.objects.values_list("code", flat=True))
    assert codes >= EXPECTED
    for item in RecordClass.objects.select_related("parent", "scheme", "fonds"):
        assert item.labels["zh"] and item.labels["en"]
        assert (item.parent.code if item.parent else "") == item.code.rpartition("·")[0]
        assert not item.takes_records or (item.scheme is not None and item.code_template)
    assert the_class("ZY·BA").visibility == "care"
    assert the_class("RS").visibility == "entry_only"
    assert all(the_class(f"KU·{key}").without_gaps for key in ("PZ", "ZB", "BG", "QT"))


def test_every_template_of_the_seed_makes_codes(fonds: Fonds) -> None:
    drafts = [make_draft(item.code) for item in RecordClass.objects.filter(takes_records=True)]
    numbers.reserve_codes(drafts)
    for draft in drafts:
        assert draft.code.startswith("Y012-") == (draft.record_class.numbering != "none" and draft.code != "")
    assert len({draft.code for draft in drafts if draft.code}) == sum(bool(draft.code) for draft in drafts)


def test_a_class_stands_for_its_branch_at_any_depth(fonds: Fonds) -> None:
    parent = the_class("WS·XZ")
    for depth in range(1, 12):
        parent = RecordClass.objects.create(
            fonds=fonds,
            parent=parent,
            code=f"{parent.code}·{depth}",
            labels={"zh": "下", "en": "below"},
            visibility="department",
        )
    assert parent.pk in branch_ids("WS") and parent.pk in branch_ids("WS·XZ·1·2")
    assert parent.pk not in branch_ids("WS·DQ")


def test_loading_again_changes_nothing(fonds: Fonds) -> None:
    RecordClass.objects.filter(code="WS").update(labels={"zh": "行政文书", "en": "Office"})
    before = (
        RecordClass.objects.count(),
        RetentionRule.objects.count(),
        MetadataScheme.objects.count(),
        Entry.objects.count(),
    )
    assert load_hospital(code="Y012", name="仁和医院", actor=FOUNDER) == fonds
    assert before == (
        RecordClass.objects.count(),
        RetentionRule.objects.count(),
        MetadataScheme.objects.count(),
        Entry.objects.count(),
    )
    assert the_class("WS").labels["zh"] == "行政文书"


@pytest.mark.gbt39784("4.6-1")
def test_a_second_hospital_has_its_own_tree(fonds: Fonds) -> None:
    second = load_hospital(code="Y013", name="仁和分院", actor=FOUNDER)
    assert second.classes.count() == fonds.classes.count()
    assert RetentionSchedule.objects.filter(fonds=second).count() == 1


@pytest.mark.gbt39784("9.1-1")
def test_the_schedule_is_a_draft_with_its_bases(fonds: Fonds) -> None:
    schedule = RetentionSchedule.objects.get(fonds=fonds)
    assert (schedule.status, schedule.version) == ("draft_not_approved", "0.1-draft")
    rules = RetentionRule.objects.filter(schedule=schedule)
    assert rules.count() == 190
    assert not rules.exclude(class_code="").exclude(class_code__in=RecordClass.objects.values("code")).exists()
    voucher = rules.get(key="KU-01")
    assert (voucher.retention, voucher.trigger, voucher.basis) == ("D30", "FY_END", "DA/T 94-2022 表B.2-3")


@pytest.mark.gbt39784("11.2-2")
@pytest.mark.parametrize(
    ("code", "title", "retention"),
    [
        ("KU·PZ", "2026年3月会计凭证（记账凭证）1—50号", "D30"),
        ("KU·QT", "2026年3月银行对账单", "D10"),
        ("KU·BG", "2025年度部门决算", "Y"),
        ("KU·ZB", "固定资产卡片", "EVT+5"),
    ],
)
def test_a_period_is_proposed_from_the_schedule(fonds: Fonds, code: str, title: str, retention: str) -> None:
    rule = proposals.retention_rule(the_class(code), title=title)
    assert rule is not None and rule.retention == retention


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("仁和医院党委关于召开民主生活会的通知", "WS·DQ"),
        ("关于印发《医疗设备管理办法》的通知", "WS·GZ"),
        ("CT机采购合同", "KJ·SB"),
        ("李某某住院病历", "ZY·BA"),
        ("2026年3月记账凭证", "KU·PZ"),
        ("关于放假的通知", "WS"),
    ],
)
def test_a_class_is_proposed_from_the_title(title: str, code: str) -> None:
    assert proposals.class_code(title=title, text="", department_key="") == code
