"""Any part of a text finds its record, and no other record is found."""

import random

import pytest

from yidang.catalogue.models import Record
from yidang.search.asking import Query
from yidang.search.indexing import index_once
from yidang.search.normal import BLANK, normalise
from yidang.search.queries import search
from yidang.search.tests.corpus import SENTENCES, TITLES


def found(stage, who, text, **more):
    results = search(stage.actor(who), Query(text, limit=200, **more))
    assert results.total == len(results.hits)
    return {hit.record.pk for hit in results.hits}


@pytest.fixture
def corpus(stage):
    """Sixty records in three departments and four classes; texts of pages by record."""
    chance = random.Random(20260305)
    texts = {}
    for _ in range(60):
        title = f"{chance.choice(TITLES)}{chance.choice(TITLES)}"
        pages = ["".join(chance.sample(SENTENCES, 4)) for _ in range(2)]
        record = stage.record(
            title, of=chance.choice(["WS", "KJ", "KJ·KY", "RS"]), department=chance.choice(["YB", "CW", "XN"]), pages=pages,
            level=chance.choice([0, 1, 2]), parties=[chance.choice(["张三", "单志强", "欧阳春"])],
        )  # fmt: skip
        texts[record.pk] = (record, pages)
    index_once()
    return texts


@pytest.mark.promise("J3")
@pytest.mark.parametrize("who", ["lin", "zhao", "chen"])
def test_two_hundred_random_terms_find_exactly_the_records_that_hold_them(stage, corpus, who):
    actor = stage.actor(who)
    seen = set(Record.objects.visible_to(actor).values_list("pk", flat=True))
    viewed = set(Record.objects.visible_to(actor, "view").values_list("pk", flat=True))
    normal = {}
    for pk, (record, pages) in corpus.items():
        entry = [record.title, record.accession_number, record.documents.get().name, *record.parties]
        normal[pk] = [normalise(text) for text in entry if pk in seen] + [
            normalise(text) for text in pages if pk in viewed
        ]
    chance = random.Random(7)
    whole = [text for record, pages in corpus.values() for text in [normalise(record.title), *map(normalise, pages)]]
    for _ in range(200):
        text = chance.choice(whole)
        length = chance.randint(2, 4)
        at = chance.randrange(len(text) - length)
        term = text[at : at + length]
        if BLANK in term or '"' in term or term.startswith("-"):
            continue
        truth = {pk for pk, texts in normal.items() if any(term in text for text in texts)}
        assert found(stage, who, f'"{term}"') == truth, term
        if ":" not in term:
            assert found(stage, who, term) == truth, term


def test_each_single_character_finds_exactly_the_records_that_hold_it(stage, corpus):
    for character in "的院张P1年α":
        truth = {
            pk
            for pk, (record, pages) in corpus.items()
            if any(
                normalise(character) in normalise(text)
                for text in [
                    record.title,
                    record.accession_number,
                    record.documents.get().name,
                    *record.parties,
                    *(pages if record.record_class.code != "RS" else []),
                ]
            )
        }
        assert found(stage, "lin", character) == truth, character


def test_both_terms_are_required_wherever_they_stand(stage):
    both = stage.record("设备采购合同", pages=["磁共振 MRI 一台", "验收合格"])
    stage.record("设备采购申请", pages=["呼吸机"])
    stage.record("会议记录", pages=["磁共振"])
    index_once()
    assert found(stage, "lin", "采购 磁共振") == {both.pk}
    assert found(stage, "lin", "磁共振 验收") == {both.pk}
    assert found(stage, "lin", "采购 -磁共振") == {both.pk + 1}
    assert found(stage, "lin", "PET-CT") == set()


def test_pet_ct_and_figures_inside_codes_are_found(stage):
    record = stage.record("PET-CT中心建设方案", code="Y012-KJ·2026-D30-0007", pages=["购置 PET‑CT 一台，型号 GE710X"])
    stage.record("CT室排班", pages=["PET 扫描与 CT 扫描"])
    index_once()
    for asked in ["PET-CT", "pet-ct", "ＰＥＴ－ＣＴ", "T-C", "GE710", "710X", "0007"]:
        assert found(stage, "lin", asked) == {record.pk}, asked


def test_a_word_cut_by_a_line_end_is_found(stage):
    record = stage.record("查房记录", pages=["患者诊断为冠状动\n脉粥样硬化性心脏病，给予阿司\r\n匹林治疗"])
    index_once()
    for asked in ["冠状动脉", "动脉粥样", "阿司匹林"]:
        assert found(stage, "lin", asked) == {record.pk}


def test_traditional_and_simplified_find_each_other(stage):
    simple = stage.record("医疗质量管理办法", pages=["档案"])
    traditional = stage.record("醫療糾紛處理", pages=["檔案室"])
    index_once()
    assert found(stage, "lin", "檔案") == found(stage, "lin", "档案") == {simple.pk, traditional.pk}
    assert found(stage, "lin", "医疗纠纷") == {traditional.pk}


def test_field_prefixes_look_into_that_part_only(stage):
    titled = stage.record("护理规范", pages=["手术"])
    texted = stage.record("手术规范", pages=["护理"], creator="护理部")
    index_once()
    assert found(stage, "lin", "题名:护理") == {titled.pk}
    assert found(stage, "lin", "正文:护理") == {texted.pk}
    assert found(stage, "lin", "责任者：护理") == {texted.pk}
