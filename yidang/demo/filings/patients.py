"""Medical records of invented patients: the front page and what belongs to each admission, as its year kept it."""

import random
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from yidang.demo.cast import DEPARTMENTS, EVERYONE
from yidang.demo.filings.illnesses import ILLNESSES, Illness
from yidang.demo.handover import LAST, DemoFile, Handover, Stage, day_between, hex_digits, person_name
from yidang.demo.papers import cda, pdf, pictures, plain
from yidang.demo.papers.paper import Paper, Table, chinese_day

_JOBS = "工人 农民 教师 公司职员 司机 个体经营 公务员 会计".split()
_STREETS = "柳荫街 青石巷 望江路 永安里 槐树胡同 建设路 东风村 梧桐苑".split()


class Patient(NamedTuple):
    """Somebody who was treated."""

    number: str
    name: str
    sex: str
    born: date
    illness: Illness
    rng: random.Random


class Admission(NamedTuple):
    """One stay: which of the patient's, from when to when, under whom."""

    patient: Patient
    time: int
    admitted: date
    discharged: date
    doctor: str
    illness: Illness


def patients_of(stage: Stage) -> int:
    """How many patients the hospital's records speak of: forty among three hundred records."""
    return max(4, stage.records * 2 // 15)


def patient(stage: Stage, place: int) -> Patient:
    """The patient of this place; every fourth or so is treated in cardiology."""
    rng = stage.rng("patient", place)
    illness = ILLNESSES[place % len(ILLNESSES)]
    sex = illness.sex or rng.choice("男女")
    born = _first_day(stage, place) - timedelta(days=365 * rng.randint(*illness.ages) + rng.randint(0, 364))
    return Patient(f"{100000 + place * 38:08d}", person_name(rng), sex, born, illness, rng)


def _first_day(stage: Stage, place: int) -> date:
    """When a patient came for the first time; every fourth in the years of paper."""
    old = place % 4 == 1
    span = (date(1998, 3, 2), date(2012, 6, 1)) if old else (date(2014, 1, 6), date(2024, 6, 3))
    return day_between(stage.rng("first", place), *span, recent=not old)


def admission(stage: Stage, index: int) -> Admission:
    """The index-th admission of all: each patient comes again some months or years later."""
    place, time = index % patients_of(stage), index // patients_of(stage)
    found = patient(stage, place)
    rng = stage.rng("admission", place, time)
    start = _first_day(stage, place)
    admitted = min(start + timedelta(days=time * rng.randint(140, 420)), LAST - timedelta(days=rng.randint(20, 200)))
    illness = found.illness
    if time and place % 2:
        same = [one for one in ILLNESSES if one.department == illness.department]
        illness = same[(ILLNESSES.index(illness) + time) % len(same)]
    doctors = [one.name for one in EVERYONE if one.role == "clinician" and one.department == illness.department]
    return Admission(
        found, time + 1, admitted, admitted + timedelta(days=rng.randint(4, 17)), rng.choice(doctors), illness
    )


def medical_record(stage: Stage, rng: random.Random, index: int) -> Handover:
    """One admission as one record: PDF and CDA in later years, a bound scan in earlier ones."""
    stay = admission(stage, index)
    who, illness = stay.patient, stay.illness
    name = f"{who.number}-{stay.time}"
    if stay.discharged.year < 2009:
        whole = Paper(
            f"住院病历　{who.name}", [part for _, paper in papers(stay, rng) for part in (paper.title, *paper.paragraphs, *_rows(paper))],
            issuer="仁和医院", number=f"病案号　{who.number}", signer=f"住院医师　{stay.doctor}", day=stay.discharged,
        )  # fmt: skip
        files = [DemoFile(f"{name}_病历扫描.pdf", partial(pictures.scanned_book, whole, rng), "扫描件")]
    else:
        files = [
            DemoFile(f"{name}_{kind}.pdf", partial(pdf.plain, paper, size=11), "正本" if kind == "病案首页" else "附件")
            for kind, paper in papers(stay, rng)
        ]
        if stay.discharged.year >= 2018:
            files.append(DemoFile(f"{name}_出院小结.xml", partial(_summary, stay, rng), "附件"))
        if index % 5 == 0:
            consent = _consent(stay)
            files.append(DemoFile(f"{name}_知情同意书.jpg", partial(pictures.scan, consent, rng), "扫描件"))
    return Handover(
        "medical_record", "he" if index % 3 else "jiangby", f"{who.name} {illness.name} 第{stay.time}次住院病历", files,
        day=stay.discharged, department=illness.department, creator=stay.doctor, source="emr", parties=(who.name,),
        patient=who.number, keywords=(illness.name.split()[0], illness.operation) if illness.operation else (illness.name.split()[0],),
        metadata={
            "patient_number": who.number, "patient_name": who.name, "sex": who.sex, "birth_date": who.born.isoformat(), "admission": stay.time,
            "admitted_on": stay.admitted.isoformat(), "discharged_on": stay.discharged.isoformat(), "ward": DEPARTMENTS[illness.department],
            "attending": stay.doctor, "diagnosis": illness.name, "diagnosis_code": illness.code, "outcome": rng.choice(("医嘱离院",) * 7 + ("医嘱转院", "非医嘱离院")),
        },
    )  # fmt: skip


def papers(stay: Admission, rng: random.Random) -> list[tuple[str, Paper]]:
    """The papers of an admission in the order in which they are bound."""
    who, illness = stay.patient, stay.illness
    age = (stay.admitted - who.born).days // 365
    head = f"姓名：{who.name}　性别：{who.sex}　年龄：{age}岁　病案号：{who.number}"
    written = partial(Paper, signer=f"医师：{stay.doctor}", issuer="仁和医院")
    found = [
        ("病案首页", _front_page(stay, age, rng)),
        ("入院记录", written("入院记录", (
            head, f"入院日期：{chinese_day(stay.admitted)}　职业：{_job(who, age)}　住址：{rng.choice(_STREETS)}{rng.randint(1, 188)}号",
            f"主诉：{illness.complaint}。", f"现病史：{illness.history}", f"体格检查：{illness.findings}",
            f"初步诊断：{illness.name}。"), day=stay.admitted)),
        ("病程记录", written("首次病程记录", (
            head, f"患者因“{illness.complaint}”入院。根据病史、体征及辅助检查，诊断为{illness.name}。",
            f"诊疗计划：完善血常规、肝肾功能、凝血功能、心电图等检查；予{illness.drugs}治疗；密切观察病情变化。",
            f"主任医师查房：同意目前诊断及治疗方案，注意与相关疾病鉴别，向家属交代病情。{illness.course}"), day=stay.admitted + timedelta(days=1))),
    ]  # fmt: skip
    if illness.operation:
        found.append(("手术记录", written("手术记录", (
            head, f"手术日期：{chinese_day(stay.admitted + timedelta(days=2))}　手术名称：{illness.operation}　手术者：{stay.doctor}",
            f"术前诊断：{illness.name}。术中诊断：同术前。麻醉医师：{person_name(rng)}。", f"手术经过：{illness.operation_text}"),
            day=stay.admitted + timedelta(days=2))))  # fmt: skip
    if rng.random() < 0.5:
        found.append(("护理记录单", _nursing_sheet(stay, head, rng)))
    found.append(("出院小结", written("出院小结", (
        head, f"入院日期：{chinese_day(stay.admitted)}　出院日期：{chinese_day(stay.discharged)}　住院天数：{(stay.discharged - stay.admitted).days}天",
        f"入院情况：{illness.complaint}。{illness.findings}", f"诊疗经过：{illness.course}", f"出院诊断：{illness.name}。",
        f"出院带药：{illness.drugs}。", f"出院医嘱：{illness.advice}"), day=stay.discharged)))  # fmt: skip
    return found


def _job(who: Patient, age: int) -> str:
    if age < 19:
        return "学生" if age > 6 else "儿童"
    return _JOBS[int(who.number) % len(_JOBS)] if age < 60 else "退休"


def _rows(paper: Paper) -> list[str]:
    return ["　".join(row) for table in paper.tables for row in (table.head, *table.rows)]


def _front_page(stay: Admission, age: int, rng: random.Random) -> Paper:
    who, illness = stay.patient, stay.illness
    cost = rng.randint(3_200, 62_000) + rng.randrange(100) / 100
    fields = [
        ("病案号", who.number), ("第几次住院", str(stay.time)), ("姓名", who.name), ("性别", who.sex), ("出生日期", who.born.isoformat()),
        ("年龄", f"{age}岁"), ("婚姻", "未婚" if age < 22 else "已婚"), ("职业", _job(who, age)),
        ("入院途径", rng.choice(("门诊", "急诊"))), ("入院时间", stay.admitted.isoformat()), ("出院时间", stay.discharged.isoformat()),
        ("实际住院", f"{(stay.discharged - stay.admitted).days}天"), ("主要诊断", illness.name), ("疾病编码", illness.code),
        ("手术及操作", illness.operation or "无"), ("手术编码", illness.operation_code or "—"), ("药物过敏", rng.choice(("无", "无", "青霉素"))),
        ("血型", rng.choice(("A", "B", "O", "AB"))), ("住院医师", stay.doctor), ("编码员", "何敏"), ("总费用", f"{cost:,.2f}元"),
        ("离院方式", "医嘱离院"),
    ]  # fmt: skip
    return Paper("住院病案首页", (), issuer="仁和医院", tables=(plain.as_table(fields),), day=stay.discharged)


def _nursing_sheet(stay: Admission, head: str, rng: random.Random) -> Paper:
    rows = []
    for place in range(min(6, (stay.discharged - stay.admitted).days)):
        day = stay.admitted + timedelta(days=place)
        rows.append((f"{day:%m-%d} {rng.randint(6, 22):02d}:00", f"{36 + rng.randint(1, 14) / 10:.1f}", str(rng.randint(62, 98)), str(rng.randint(16, 22)),
                     f"{rng.randint(104, 156)}/{rng.randint(60, 94)}", rng.choice(("神志清，夜间睡眠可，未诉不适。", "遵医嘱输液，穿刺处无红肿。", "协助翻身，皮肤完整，受压处无发红。", "宣教用药注意事项，患者表示理解。"))))  # fmt: skip
    return Paper("护理记录单", (head,), issuer="仁和医院", signer=f"护士：{person_name(rng)}", day=stay.admitted,
                 tables=(Table(("时间", "体温", "脉搏", "呼吸", "血压", "病情观察及护理措施"), rows, (3, 1.6, 1.6, 1.6, 2.2, 7)),))  # fmt: skip


def _consent(stay: Admission) -> Paper:
    who, illness = stay.patient, stay.illness
    return Paper("知情同意书", (
        f"患者{who.name}，病案号{who.number}，因{illness.name}拟行{illness.operation or '特殊检查治疗'}。",
        "医师已向我告知诊疗的必要性、可能出现的并发症和风险以及其他可选择的方案，我已理解并同意。",
        "患者或家属签名：　　　　　　与患者关系：　　　　"), issuer="仁和医院", signer=f"医师：{stay.doctor}", day=stay.admitted)  # fmt: skip


def _summary(stay: Admission, rng: random.Random) -> bytes:
    who, illness = stay.patient, stay.illness
    return cda.document(
        kind="出院小结", patient_number=who.number, name=who.name, sex=who.sex, born=who.born, day=stay.discharged, author=stay.doctor,
        document_id=hex_digits(rng),
        sections=[("入院情况", f"{illness.complaint}。{illness.findings}"), ("诊疗经过", illness.course), ("出院诊断", illness.name),
                  ("出院带药", illness.drugs), ("出院医嘱", illness.advice)],
    )  # fmt: skip
