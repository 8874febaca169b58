"""Accounting papers: vouchers, ledgers, reports, budgets, electronic invoices."""

import random
from datetime import date
from functools import partial

from yidang.demo.handover import DemoFile, Handover, Stage, day_between, hex_digits, person_name
from yidang.demo.papers import ofd, pdf, sheets
from yidang.demo.papers.paper import Paper, Table, capital_amount, chinese_day

_MATTERS = (
    ("购买医用耗材一批", "库存物品—卫生材料", "应付账款—{supplier}"),
    ("支付{month}月份电费", "业务活动费用—水电费", "银行存款—基本户"),
    ("报销学术会议差旅费", "业务活动费用—差旅费", "库存现金"),
    ("收到医保统筹基金结算款", "银行存款—基本户", "应收医疗款—医疗保险"),
    ("发放{month}月份职工绩效工资", "应付职工薪酬", "银行存款—工资户"),
    ("支付设备维修保养费", "业务活动费用—维修费", "银行存款—基本户"),
    ("收到门诊医疗收入", "库存现金", "事业收入—门诊收入"),
    ("计提固定资产折旧", "业务活动费用—折旧费", "固定资产累计折旧"),
)
_SUPPLIERS = "康泰源医疗器械有限公司 华瑞林药业有限公司 安信达科贸有限公司 同济堂医药商贸有限公司 博远信息技术有限公司 鼎盛建筑工程有限公司".split()
_SUBJECTS = "1001 库存现金,1002 银行存款,1212 应收账款,1302 库存物品,1601 固定资产,2201 应付职工薪酬,2302 应付账款,4101 事业收入,5001 业务活动费用,5101 单位管理费用".split(
    ","
)


def voucher(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A voucher with what it rests on."""
    matter, debit, credit = _MATTERS[index % len(_MATTERS)]
    day, cents, supplier = day_between(rng, date(2014, 1, 6)), rng.randint(30_000, 48_000_000), rng.choice(_SUPPLIERS)
    facts = {"month": day.month, "supplier": supplier}
    matter, debit, credit = (text.format(**facts) for text in (matter, debit, credit))
    number, money = 1 + index * 7 % 480, f"{cents / 100:,.2f}"
    paper = Paper(
        "记账凭证", (f"凭证字号：记字第{number:04d}号　　日期：{chinese_day(day)}　　附单据{rng.randint(1, 6)}张", f"合计人民币（大写）：{capital_amount(cents)}",
                 f"会计主管：叶秋河　　记账：阳漫枝　　复核：罗志衡　　制单：赵磊　　往来单位：{supplier}"),
        issuer="仁和医院", tables=(Table(("摘要", "会计科目", "借方金额", "贷方金额"), ((matter, debit, money, ""), (matter, credit, "", money), ("合计", "", money, money)), (5, 5, 3, 3)),),
    )  # fmt: skip
    name = f"{day:%Y%m}_记_{number:04d}"
    files = [DemoFile(f"{name}.pdf", partial(pdf.plain, paper))]
    if index % 2 == 0:
        files.append(DemoFile(f"{name}_电子发票.ofd", partial(invoice, rng, day, cents, supplier), "附件"))
    return Handover(
        "voucher", "luozh" if index % 4 else "zhao", f"{day.year}年{day.month}月记字第{number:04d}号凭证：{matter}", files, day=day, department="CW",
        creator="仁和医院财务科", source="finance", parties=(supplier,), keywords=("凭证", matter),
        metadata={"period": f"{day:%Y-%m}", "first_number": number, "last_number": number, "kind": "记账", "amount": round(cents / 100, 2)},
    )  # fmt: skip


def invoice(rng: random.Random, day: date, cents: int, supplier: str) -> bytes:
    """An electronic invoice in OFD."""
    tax = round(cents * 13 / 113)
    paper = Paper("电子发票（增值税专用发票）", (
        f"发票号码：{rng.randint(10**19, 10**20 - 1)}", f"开票日期：{chinese_day(day)}", "购买方名称：仁和医院", f"销售方名称：{supplier}",
        f"项目名称：{rng.choice(('医用耗材', '试剂', '维修服务', '办公用品', '信息技术服务'))}　数量：{rng.randint(1, 60)}　税率：13%",
        f"金额：{(cents - tax) / 100:,.2f}　税额：{tax / 100:,.2f}", f"价税合计（大写）：{capital_amount(cents)}（小写）￥{cents / 100:,.2f}",
        f"开票人：{person_name(rng)}"), day=day)  # fmt: skip
    return ofd.ofd(paper, document_id=hex_digits(rng))


def electronic_invoice(stage: Stage, rng: random.Random, index: int) -> Handover:
    """An electronic invoice that is filed by itself."""
    day, cents, supplier = day_between(rng, date(2021, 1, 4)), rng.randint(20_000, 9_000_000), rng.choice(_SUPPLIERS)
    return Handover(
        "other_accounting", "zhao", f"电子发票　{supplier}　{cents / 100:,.2f}元", [DemoFile(f"{day:%Y%m%d}_{supplier}.ofd", partial(invoice, rng, day, cents, supplier))],
        day=day, department="CW", creator=supplier, source="finance", parties=(supplier,), keywords=("电子发票",),
        metadata={"period": f"{day:%Y-%m}", "kind": "电子发票", "amount": round(cents / 100, 2)},
    )  # fmt: skip


def ledger(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A year's ledger of one account, as a sheet and as CSV."""
    year, subject = 2025 - index % 12, _SUBJECTS[index % len(_SUBJECTS)]
    head = ("日期", "凭证号", "摘要", "借方", "贷方", "余额")
    rows, left = [], rng.randint(100_000, 900_000)
    for month in range(1, 13):
        for _ in range(3):
            debit, credit = (
                (rng.randint(1, 90_000) / 1.0, 0.0) if rng.random() < 0.5 else (0.0, rng.randint(1, 80_000) / 1.0)
            )
            left += round(debit - credit)
            rows.append(
                (
                    f"{year}-{month:02d}-{rng.randint(1, 28):02d}",
                    f"记-{rng.randint(1, 480):04d}",
                    rng.choice(("购入", "结转", "支付", "收回", "计提")),
                    debit,
                    credit,
                    float(left),
                )
            )
    rows.sort(key=lambda row: str(row[0]))
    title = f"{year}年度明细账　{subject}"
    files = [
        DemoFile(f"{year}_{subject[:4]}.xlsx", partial(sheets.xlsx, title, head, rows, sheet=subject[:4], total=True))
    ]
    if index % 2:
        files.append(
            DemoFile(
                f"{year}_{subject[:4]}.csv",
                partial(sheets.comma_separated, head, rows, encoding="gb18030" if year < 2019 else "utf-8-sig"),
                "附件",
            )
        )
    return Handover(
        "ledger", "luozh", title, files, day=date(year, 12, 31), department="CW", creator="仁和医院财务科", source="finance",
        keywords=("账簿", subject[5:]), metadata={"period": str(year), "kind": f"明细账 {subject}"},
    )  # fmt: skip


def report(stage: Stage, rng: random.Random, index: int) -> Handover:
    """A year's financial report or a department's budget."""
    year = 2025 - index % 20
    if index % 3 == 2:
        head, title = ("科目", "上年决算", "本年预算", "增减"), f"{year}年度收支预算表"
        rows = [(name, before := float(rng.randint(200, 9000) * 1000), now := float(round(before * rng.uniform(0.95, 1.2), -3)), now - before)
                for name in ("医疗收入", "财政补助收入", "科教项目收入", "人员经费", "药品费", "卫生材料费", "折旧费", "其他费用")]  # fmt: skip
        files = [
            DemoFile(f"{title}.xlsx", partial(sheets.xlsx, f"仁和医院{title}", head, rows, sheet="预算", total=True))
        ]
    else:
        title = f"{year}年度财务决算报告"
        money = [rng.randint(8_000, 42_000) for _ in range(4)]
        paper = Paper(title, (
            f"{year}年全院总收入{money[0]}万元，其中医疗收入占百分之{rng.randint(82, 92)}，财政补助收入占百分之{rng.randint(4, 9)}。总支出{money[0] - rng.randint(20, 600)}万元。",
            f"年末资产总额{money[1]}万元，负债总额{money[2] // 3}万元，资产负债率较上年略有下降。",
            "主要问题：一是部分科室预算执行进度偏慢；二是医保欠款回收周期较长；三是固定资产账实核对不够及时。",
            "下一步：加强成本核算，严格预算约束，加快应收医疗款清理。"), issuer="仁和医院", signer="仁和医院财务科", day=date(year + 1, 1, 20),
            tables=(Table(("项目", "年初数（万元）", "年末数（万元）"), tuple((name, str(rng.randint(100, 9000)), str(rng.randint(100, 9000))) for name in ("货币资金", "应收医疗款", "存货", "固定资产净值", "应付账款", "净资产")), (4, 4, 4)),))  # fmt: skip
        files = [DemoFile(f"{title}.pdf", partial(pdf.plain, paper))]
    return Handover(
        "financial_report", "luozh", f"仁和医院{title}", files, day=date(year + 1, 1, 20), department="CW", creator="仁和医院财务科", source="finance",
        keywords=("决算", "预算"), metadata={"period": str(year), "kind": title.removeprefix(f"{year}年度")},
    )  # fmt: skip
