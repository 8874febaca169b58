"""Generated content: PDF files of one page and about 20 kB, and titles and texts that read like a hospital's."""

import random
import subprocess
import tempfile
from functools import cache
from pathlib import Path

VARIANTS = 40
TEXT = "generated_text"  # a personal field of schemes: indexed as page texts are, for whoever may view the record
DEPARTMENTS = "院长办公室 医务科 护理部 财务科 设备科 信息科 科教科 人事科 总务科 基建科 门诊部 病案室 药剂科 检验科 院感科".split()
ABOUT = (
    "印发年度工作要点 开展病历质量检查 召开学科建设会议 购置磁共振设备 加强药品采购管理 举办继续教育培训班 调整绩效考核方案 "
    "开展消防安全演练 申报科研课题 新建住院楼工程 规范处方点评 推进电子病历评级 开展满意度调查 落实手术分级管理 加强院感防控"
).split()
KINDS = "通知 请示 批复 函 会议纪要 报告 决定 意见 方案 总结".split()
WORDS = (
    "医院 管理 患者 诊疗 护理 手术 药品 设备 质量 安全 检查 评价 培训 考核 制度 落实 科室 负责 组织 实施 要求 工作 加强 规范 服务 "
    "提升 改进 病历 书写 归档 及时 完整 准确 保管 利用 登记 监督 整改 责任 流程 风险 评估 应急 预案 会诊 转诊 随访 抢救 感染 预防 "
    "检验 影像 病理 麻醉 输血 用药 处方 医嘱 记录 签字 审批 采购 合同 预算 决算 凭证 资产 维修 计量 校准 验收 招标 工程 图纸 竣工"
).split()
STEPS = range(4, 10)  # words between two marks
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉梅建国志远思文"


def title(chance: random.Random) -> str:
    """A title such as an office would write."""
    year = chance.randint(2000, 2026)
    return f"关于{year}年{chance.choice(DEPARTMENTS)}{chance.choice(ABOUT)}的{chance.choice(KINDS)}"


def person(chance: random.Random) -> str:
    """A name."""
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def prose(chance: random.Random, characters: int) -> str:
    """Sentences of the words above, about so many characters."""
    words = chance.choices(WORDS, k=characters // 2 + 1)
    at = 0
    for step, mark in zip(
        chance.choices(STEPS, k=len(words) // 4 + 1), chance.choices("，，。；", k=len(words) // 4 + 1), strict=True
    ):
        at += step
        if at > len(words):
            break
        words[at - 1] += mark
    return "".join(words)[:characters]


def _office_text(chance: random.Random) -> str:
    """A page of text as LibreOffice reads it: few different characters, so that the embedded font stays small."""
    paragraphs = "".join(f"<text:p>{''.join(chance.choices(WORDS[:26], k=50))}</text:p>" for _ in range(8))
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("text", "text"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document{names} office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.text">'
        f"<office:body><office:text>{paragraphs}</office:text></office:body></office:document>"
    )


@cache
def _templates() -> tuple[bytes, ...]:
    """PDF files as an office writes them: one page, the fonts within. One start of LibreOffice makes them all."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [Path(folder) / f"{variant}.fodt" for variant in range(VARIANTS)]
        for variant, text in enumerate(texts):
            text.write_text(_office_text(random.Random(variant)), encoding="utf-8")
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
             "--outdir", folder, *map(str, texts)],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        return tuple(text.with_suffix(".pdf").read_bytes() for text in texts)


def pdf(number: int) -> bytes:
    """A PDF of one page that no other number gives."""
    return _templates()[number % VARIANTS] + f"% No. {number:010d}\n".encode()
