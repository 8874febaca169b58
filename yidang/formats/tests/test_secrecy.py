"""Marks of state secrecy are seen in every form they are written in, and in nothing else."""

import pytest

from yidang.formats import secrecy

MARKED = [
    "机密★10年", "绝密★", "秘密★长期", "机 密 ★ 10 年", "机密☆5年", "秘密★1年\n仁和医院文件", "绝密★30年", "機密★十年", "秘密★6个月",
    "机密＊10年", "Ａ机密★１０年",
]  # fmt: skip
HEADS = [
    "机密\n仁和医院文件\n关于……的通知",
    "000123\n  绝  密 \n特急",
    "密级：机密\n编号 3",
    "【秘密】\n会议纪要",
    "秘密 10年\n通知",
]
NAMES = ["【机密】会议纪要.docx", "机密-2026工作方案.pdf", "会议纪要_绝密.docx", "机密.pdf", "（秘密）名单.xlsx"]
INNOCENT = [
    "机密文件管理办法", "关于保守国家秘密的通知", "商业秘密保护规定", "国家秘密的密级分为绝密、机密、秘密三级。", "保密期限",
    "绝密级国家秘密的保密期限不超过三十年，机密级不超过二十年，秘密级不超过十年。", "患者的个人隐私和秘密", "机密性、完整性、可用性",
    "★重点学科", "涉密人员名单", "医院商业秘密管理制度.docx", "保守秘密承诺书.pdf", "机密计算平台采购合同.pdf", "密级：内部",
    "评分标准★10分", "带★的为必填", "秘密",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_a_mark_is_seen_anywhere(text):
    assert secrecy.find_mark(text)
    assert secrecy.find_mark("前言\n" * 50 + text, page=True)


@pytest.mark.parametrize("text", HEADS)
def test_a_level_alone_in_the_head_of_a_page_is_a_mark(text):
    assert secrecy.find_mark(text, page=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_level_as_part_of_a_file_name_is_a_mark(name):
    assert secrecy.find_mark(name)


@pytest.mark.parametrize("text", INNOCENT[:-1])
def test_talk_of_secrets_is_no_mark(text):
    assert secrecy.find_mark(text) is None
    assert secrecy.find_mark(f"仁和医院\n{text}\n正文", page=True) is None


def test_a_level_alone_deep_in_a_text_is_no_mark():
    assert secrecy.find_mark("\n".join(["正文。"] * 40 + ["秘密", "正文。"]), page=True) is None


def test_the_mark_is_given_without_spaces():
    assert secrecy.find_mark("机 密 ★ 10 年") == "机密★10年"
