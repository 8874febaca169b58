"""Personnel files, photographs, recordings, objects, the retired staff's papers."""

import random
from datetime import date, timedelta
from functools import partial

from yidang.demo.cast import DEPARTMENTS, EVERYONE, department_name
from yidang.demo.handover import DemoFile, Handover, Stage, day_between, moment, person_name, safe
from yidang.demo.papers import ooxml, pdf, pictures, sound
from yidang.demo.papers.paper import Paper, Table, chinese_day
from yidang.demo.papers.plain import as_table

_EVENTS = (
    "仁和医院胸痛中心揭牌",
    "五一二护士节表彰大会",
    "外科综合楼开工奠基",
    "义诊进社区活动",
    "职工运动会开幕式",
    "新职工岗前培训合影",
    "住院医师规范化培训结业",
    "援外医疗队出征欢送",
)
_OBJECTS = (
    ("文明单位奖牌", "铜质，长六十厘米，宽四十厘米"),
    ("建院初期使用的听诊器", "橡胶管已老化，配木盒"),
    ("仁和医院旧印章", "木质，直径四点二厘米，已作废"),
    ("患者赠送的锦旗“妙手仁心”", "红色绒面，金字"),
)


def personnel_file(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A personnel file: its owner may not read it, and others see its entry only."""
    holders = [person for person in EVERYONE if not person.role.endswith("_admin")]
    holder = holders[index % len(holders)]
    joined = day_between(rng, date(1998, 7, 1), date(2022, 9, 1), recent=False)
    born = joined - timedelta(days=365 * rng.randint(23, 34))
    fields = [("姓名", holder.name), ("性别", rng.choice("男女")), ("出生年月", f"{born:%Y-%m}"), ("籍贯", rng.choice(("江城", "云州", "海宁", "临川"))), ("学历", rng.choice(("本科", "硕士", "博士", "大专"))),
              ("入职时间", joined.isoformat()), ("所在科室", DEPARTMENTS[holder.department]), ("技术职务", rng.choice(("主治医师", "主管护师", "工程师", "会计师", "副主任医师"))), ("政治面貌", rng.choice(("中共党员", "群众", "民盟盟员"))), ("婚姻状况", "已婚")]  # fmt: skip
    part = (
        ("干部履历表", "年度考核登记表", "聘用合同书", "工资变动审批表")[index // len(holders) % 4]
        if index >= len(holders)
        else ("干部履历表", "年度考核登记表")[index % 2]
    )
    day = joined if part == "聘用合同书" else day_between(rng, joined, date(2026, 1, 30))
    paper = Paper(
        f"{part}　{holder.name}",
        ("本人承诺所填内容真实。考核等次：" + rng.choice(("优秀", "称职", "称职")) + "。组织意见：同意。",),
        issuer="仁和医院",
        signer="仁和医院人事科",
        day=day,
        tables=(as_table(fields),),
    )
    name = f"{part}_{holder.name}"
    files = (
        [DemoFile(f"{name}.png", partial(pictures.scan, paper, rng, format="PNG"), "扫描件")]
        if day.year < 2012 or index % 3 == 0
        else [DemoFile(f"{name}.pdf", partial(pdf.plain, paper))]
    )
    return Handover("personnel", "shenml", f"{holder.name}{part}（{day.year}年）", files, day=day, department="RS", creator="仁和医院人事科", source="hr", owner=holder.username,
                    parties=(holder.name,), metadata={"staff_number": f"RH{1000 + index % len(holders)}", "material": {"干部履历表": "履历类", "年度考核登记表": "考核类"}.get(part, "其他")})  # fmt: skip


def retired_staff(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A paper of the office of retired staff, which was merged into the personnel office in 2023."""
    day = day_between(rng, date(2010, 1, 4), date(2023, 5, 30))
    title = f"{day.year}年离退休人员{('走访慰问登记表', '健康体检安排', '重阳节座谈会纪要')[index % 3]}"
    rows = tuple(
        (
            str(place),
            person_name(rng),
            f"{rng.randint(61, 92)}",
            rng.choice(("身体健康", "高血压", "行动不便", "住院治疗")),
        )
        for place in range(1, 9)
    )
    paper = Paper(
        title,
        ("按照医院安排，对离退休老同志进行走访，听取意见，帮助解决实际困难。",),
        signer="仁和医院离退休办公室",
        day=day,
        tables=(Table(("序号", "姓名", "年龄", "备注"), rows, (2, 4, 2, 5)),),
    )
    return Handover("personnel_affairs", "shenml", title, [DemoFile(f"{title}.docx", partial(ooxml.docx, paper))], day=day, department="LT", creator="仁和医院离退休办公室", keywords=("离退休",))  # fmt: skip


def photographs(stage: Stage, rng: random.Random, index: int) -> Handover:
    """One to three pictures of an event, with the six facts that a caption needs."""
    event, day, by = _EVENTS[index % len(_EVENTS)], day_between(rng, date(2006, 4, 1)), person_name(rng)
    taken = moment(day, rng)
    files = [
        DemoFile(
            f"{day:%Y%m%d}_{place:02d}.jpg",
            partial(pictures.photo, event, rng, taken=taken + timedelta(minutes=3 * place), by=by),
            "照片",
        )
        for place in range(1, 2 + index % 3)
    ]
    words = f"人物：{rng.choice(('周文', '任景渊', '邱雨霖'))}等院领导和职工代表。时间：{chinese_day(day)}。地点：仁和医院门诊楼广场。事由：{event}。背景：全院开展学科建设和优质服务活动。摄影者：{by}。"
    return Handover("photograph", "fengqx" if index % 2 else "xu", f"{event}照片", files, day=day, department="DW" if index % 2 else "YB", creator=by, source="web", description=words, parties=(by,),
                    keywords=("照片", event), metadata={"photographer": by, "place": "仁和医院门诊楼广场", "event": event, "persons": ["院领导", "职工代表"]})  # fmt: skip


def recording(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A short recording with its transcript."""
    day = day_between(rng, date(2008, 4, 1))
    title = f"{day.year}年{('职工代表大会院长报告', '建院纪念日老职工口述', '党委中心组学习')[index % 3]}录音"
    words = f"{title}文字稿\r\n\r\n各位代表、同志们：一年来，全院职工同心协力，门诊量达到{rng.randint(30, 120)}万人次，出院{rng.randint(1, 6)}万人次……（录音整理：许芳）\r\n"
    return Handover("audio", "xu", title, [DemoFile(f"{safe(title)}.wav", partial(sound.recording, rng), "录音"), DemoFile(f"{safe(title)}文字稿.txt", words.encode(), "附件")], day=day, department="YB",
                    creator="仁和医院院长办公室", source="web", description=f"地点：行政楼会议室。{title}。", keywords=("录音",), metadata={"recorded_by": "许芳", "seconds": 3, "place": "行政楼会议室"})  # fmt: skip


def thing(stage: Stage, rng: random.Random, index: int) -> Handover:
    """An object that the archive keeps, with its picture."""
    name, looks = _OBJECTS[index % len(_OBJECTS)]
    day = day_between(rng, date(1998, 6, 1), recent=False)
    return Handover("object", "xu", f"{name}（{day.year}年）", [DemoFile(f"{safe(name)}.jpg", partial(pictures.photo, name, rng, taken=moment(day, rng), by="唐雅宁"), "照片")], day=day, department="YB",
                    creator=department_name("YB", day), source="web", description=f"{looks}。存放于档案室实物陈列柜。", keywords=("实物",), metadata={"material": looks.split("，")[0], "size": looks.split("，")[-1]})  # fmt: skip
