"""Papers of research, teaching, equipment, construction and information projects."""

import random
from datetime import date, timedelta
from functools import partial

from yidang.demo.cast import department_name
from yidang.demo.handover import DemoFile, Handover, Stage, day_between, moment, person_name, safe
from yidang.demo.papers import drawings, ooxml, pdf, pictures, sheets
from yidang.demo.papers.paper import Paper, Table, capital_amount, chinese_day

_THEMES = (
    ("急性心肌梗死患者早期康复路径的随机对照研究", "心血管内科", "陈思远"),
    ("术前营养干预对胃肠手术切口感染的影响", "普外科", "秦兆麟"),
    ("老年髋部骨折多学科协作模式的效果评价", "骨科", "杜雁横"),
    ("脑卒中患者吞咽障碍筛查工具的本土化研究", "神经内科", "鲍叔言"),
    ("基于真实世界数据的儿童肺炎支原体耐药分析", "儿科", "贺白露"),
    ("电子病历数据治理与专病库建设", "信息科", "袁青川"),
    ("PET-CT在不明原因发热诊断中的价值", "放射科", "万和青"),
    ("降钙素原指导下的抗菌药物使用策略", "检验科", "钱思嘉"),
)
_STAGES = ("立项申请书", "任务合同书", "中期检查报告", "结题报告", "伦理审查批件", "原始数据记录")
_DEVICES = (
    ("彩色多普勒超声诊断仪", "XH-8800", 168), ("全自动生化分析仪", "BC-2600", 92), ("有创呼吸机", "VN-500", 26), ("数字减影血管造影机", "AX-30", 620),
    ("磁共振成像系统 1.5T", "MR-15", 890), ("电子胃肠镜", "EG-290", 74), ("高压蒸汽灭菌器", "MJ-120", 18), ("除颤监护仪", "DF-9", 9),
)  # fmt: skip
_MAKERS = "远盛医疗设备有限公司 海拓影像科技有限公司 恒诺仪器有限公司 明德医疗科技有限公司".split()
_WORKS = ("外科综合楼", "门诊楼改扩建", "传染病区改造", "地下停车场", "医用氧气站", "住院部三期")
_PARTS = ("一层平面图", "标准层平面图", "给排水系统图", "竣工验收报告", "施工合同", "地质勘察报告", "工程洽商记录")
_COURSES = ("诊断学", "内科学", "外科学总论", "护理学基础", "儿科学", "医学影像学")


def research(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A paper of a research project."""
    theme, department, head = _THEMES[index % len(_THEMES)]
    part = _STAGES[index // len(_THEMES) % len(_STAGES)]
    day = day_between(rng, date(2009, 3, 2))
    number = f"RH{day.year}-KY-{1 + index % 60:03d}"
    members = [person_name(rng) for _ in range(3)]
    paper = Paper(
        f"{part}：{theme}", (
            f"项目编号：{number}　项目负责人：{head}　所在科室：{department}　参加人员：{'、'.join(members)}",
            f"研究目的：{theme}是目前临床面临的实际问题，国内外结论尚不一致，本项目拟通过前瞻性研究加以验证。",
            f"研究方法：连续纳入符合标准的患者{rng.randint(80, 420)}例，按随机数字表分组，主要终点为三十天内不良事件发生率，采用统计软件进行分析，检验水准为零点零五。",
            f"进度与结果：已入组{rng.randint(40, 200)}例，失访率百分之{rng.randint(2, 9)}，两组主要终点差异有统计学意义。",
            f"经费：批准{rng.randint(5, 60)}万元，已支出{rng.randint(2, 40)}万元，用于试剂、随访和差旅。"),
        signer="仁和医院科研科", day=day)  # fmt: skip
    if part == "原始数据记录":
        head_row = ("编号", "性别", "年龄", "分组", "终点事件", "随访天数")
        rows = [
            (
                f"S{place:03d}",
                rng.choice("男女"),
                rng.randint(28, 84),
                rng.choice(("试验组", "对照组")),
                rng.choice((0, 0, 0, 1)),
                rng.randint(7, 90),
            )
            for place in range(1, 61)
        ]
        files = [
            DemoFile(f"{number}_数据.xlsx", partial(sheets.xlsx, theme, head_row, rows, sheet="数据")),
            DemoFile(f"{number}_数据.csv", partial(sheets.comma_separated, head_row, rows), "附件"),
        ]
    elif index % 2:
        files = [DemoFile(f"{number}_{part}.docx", partial(ooxml.docx, paper))]
    else:
        files = [DemoFile(f"{number}_{part}.pdf", partial(pdf.plain, paper))]
    return Handover(
        "research", "pengyf", paper.title, files, day=day, department="KY", number=number, creator=head, source="research", parties=(head, *members),
        keywords=(department, part), metadata={"project_number": number.replace("-", ""), "leader": head, "funder": rng.choice(("院级课题", "市科技计划项目", "省自然科学基金")), "phase": part},
    )  # fmt: skip


def teaching(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A teaching plan, a list of marks, a record of an examination."""
    course, day = _COURSES[index % len(_COURSES)], day_between(rng, date(2005, 9, 1))
    grade, teacher = f"{day.year - 3}级", person_name(rng)
    if index % 3 == 2:
        rows = [
            (f"{day.year}{place:03d}", person_name(rng), rng.randint(58, 98), rng.randint(60, 97))
            for place in range(1, 33)
        ]
        title = f"{grade}实习医师出科考核成绩表（{course}）"
        files = [
            DemoFile(
                f"{safe(title)}.xlsx", partial(sheets.xlsx, title, ("学号", "姓名", "理论", "操作"), rows, sheet="成绩")
            )
        ]
    else:
        title = f"{grade}临床医学专业《{course}》教学计划"
        table = Table(
            ("周次", "授课内容", "学时", "教师"),
            tuple(
                (f"第{week}周", f"{course}第{week}章及床旁见习", "4", rng.choice((teacher, person_name(rng))))
                for week in range(1, 9)
            ),
            (2, 7, 2, 3),
        )
        paper = Paper(title, (f"授课教师：{teacher}。课程共六十四学时，其中理论四十学时，见习二十四学时。", "教学目标：掌握常见病的诊断要点和处理原则，培养临床思维能力和医患沟通能力。",
                              "考核方式：理论考试占百分之六十，操作考核占百分之三十，平时成绩占百分之十。"), signer="仁和医院教学科", day=day, tables=(table,))  # fmt: skip
        files = [
            DemoFile(
                f"{safe(title)}.{'docx' if index % 2 else 'pdf'}",
                partial(ooxml.docx, paper) if index % 2 else partial(pdf.plain, paper),
            )
        ]
    return Handover("teaching", "dengsh", title, files, day=day, department="JX", creator="仁和医院教学科", parties=(teacher,), keywords=("教学", course),
                    metadata={"course": course, "term": f"{day.year}年{'春' if day.month < 8 else '秋'}季学期", "teacher": teacher})  # fmt: skip


def equipment(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A contract, an acceptance or a record of upkeep of a device; those of 2019 carry the office's former name."""
    device, model, price = _DEVICES[index % len(_DEVICES)]
    part = ("购置合同", "安装验收报告", "维护保养记录", "招标文件")[index // 2 % 4]
    day = date(2019, 4 + index % 8, 11) if index % 4 == 0 else day_between(rng, date(2007, 2, 1))
    office, maker, asset = department_name("SB", day), rng.choice(_MAKERS), f"{day.year}{rng.randint(1, 9999):04d}"
    cents = price * 1_000_000 + rng.randint(0, 99) * 10_000
    paper = Paper(
        f"{device}{part}", (
            f"甲方：仁和医院　乙方：{maker}　经办科室：{office}　资产编号：{asset}",
            f"设备名称：{device}，型号{model}，出厂编号SN{rng.randint(100000, 999999)}，合同总价人民币{capital_amount(cents)}（￥{cents / 100:,.2f}）。",
            f"第一条　乙方应于合同签订后{rng.choice((30, 45, 60))}日内将设备运抵甲方指定地点，安装调试合格后由双方共同验收。",
            "第二条　设备到货安装验收合格后支付合同价款的百分之九十，余款作为质量保证金，满一年无质量问题后付清。",
            "第三条　质量保证期三年，乙方接到报修后两小时内响应，二十四小时内到达现场，开机率不低于百分之九十五。",
            f"验收意见：外观完好，附件与装箱单一致，性能检测符合技术参数。验收人：韩柏、{person_name(rng)}。"),
        number=f"合同编号：RH-SB-{day.year}-{1 + index % 80:03d}", signer=f"仁和医院{office}", day=day)  # fmt: skip
    files = [
        DemoFile(
            f"{safe(paper.title)}.pdf",
            partial(pdf.plain, paper) if day.year >= 2012 else partial(pictures.scanned_book, paper, rng),
        )
    ]
    if part == "安装验收报告":
        files.append(
            DemoFile(
                f"{safe(device)}_铭牌.jpg",
                partial(pictures.photo, f"{device} {model}", rng, taken=moment(day, rng), by="韩柏"),
                "附件",
            )
        )
    return Handover(
        "equipment", "hanbo", f"{device}（{model}）{part}", files, day=day, department="SB", number=f"RH-SB-{day.year}-{1 + index % 80:03d}",
        creator=f"仁和医院{office}", parties=(maker,), keywords=(device, part),
        metadata={"device_number": asset, "model": model, "supplier": maker, "amount": cents / 100, "phase": {"安装验收报告": "安装验收", "维护保养记录": "维修"}.get(part, "购置")},
    )  # fmt: skip


def construction(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A drawing or a paper of a building."""
    work, part = _WORKS[index % len(_WORKS)], _PARTS[index % len(_PARTS)]
    day, builder = day_between(rng, date(2001, 5, 8)), "鼎盛建筑工程有限公司"
    number = f"JS-{1 + index % 40:02d}"
    title = f"{work}工程{part}"
    if part.endswith("图"):
        files = [
            DemoFile(
                f"{number}_{title}.pdf",
                partial(
                    drawings.floor_plan, title, rng, number=number, drawn=person_name(rng), checked=person_name(rng)
                ),
            )
        ]
        if index % 2:
            files.append(
                DemoFile(
                    f"{number}_设计说明.txt",
                    f"{title}设计说明\r\n一、抗震设防烈度七度，建筑耐火等级一级。\r\n二、病房楼层高三点九米，走廊净宽不小于二点四米。\r\n".encode(
                        "gb18030"
                    ),
                    "附件",
                )
            )
    else:
        paper = Paper(title, (
            f"建设单位：仁和医院　施工单位：{builder}　监理单位：正衡工程监理有限公司　负责人：萧立明",
            f"工程概况：{work}总建筑面积{rng.randint(3, 42) * 1000}平方米，地上{rng.randint(3, 16)}层，框架剪力墙结构，合同工期{rng.randint(240, 720)}天。",
            "质量情况：地基与基础、主体结构、装饰装修、给排水、电气、医用气体等分部工程均验收合格，观感质量评定为好。",
            "遗留问题：屋面局部渗漏已修补，医用气体管道压力试验复测合格，消防验收意见书编号另附。",
            f"验收结论：同意交付使用。{chinese_day(day)}"), signer="仁和医院基建科", day=day)  # fmt: skip
        files = (
            [DemoFile(f"{title}.tif", partial(pictures.scanned_tiff, paper, rng), "扫描件")]
            if day.year < 2013
            else [DemoFile(f"{title}.pdf", partial(pdf.plain, paper))]
        )
    return Handover("construction", "xiaolm", title, files, day=day, department="JJ", number=number, creator="仁和医院基建科", parties=(builder,),
                    keywords=(work, "基建"), metadata={"project_number": number.replace("-", ""), "project": work, "phase": "竣工" if part in {"竣工验收报告", "工程洽商记录"} else "设计", **({"scale": "1:100"} if part.endswith("图") else {})})  # fmt: skip


def information(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A paper of an information project."""
    system = ("电子病历系统", "影像归档和通信系统", "检验信息系统", "互联网医院平台", "档案管理系统")[index % 5]
    day, supplier = day_between(rng, date(2011, 3, 1)), "博远信息技术有限公司"
    title = f"{system}建设项目{('需求说明书', '验收报告', '系统割接方案')[index % 3]}"
    paper = Paper(title, (
        f"承建单位：{supplier}　项目经理：{person_name(rng)}　甲方负责人：袁青川",
        f"{system}上线后与收费、药房、检验等系统通过集成平台交换数据，峰值并发{rng.randint(200, 900)}人，平均响应时间小于一秒。",
        "数据迁移：历史数据全部导入并抽样核对，差错率低于万分之一。网络安全等级保护定为三级，每年测评一次。",
        f"割接安排：{(day + timedelta(days=6)).isoformat()}零时停机，四时前完成回退决策。"), signer="仁和医院信息科", day=day)  # fmt: skip
    return Handover("information", "yuanqc", title, [DemoFile(f"{title}.docx", partial(ooxml.docx, paper))], day=day, department="XX", creator="仁和医院信息科",
                    parties=(supplier,), keywords=(system, "信息化"), metadata={"recipient": "信息科"})  # fmt: skip
