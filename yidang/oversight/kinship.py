"""Signs that a record is about the reader or a relative: a registered relative, the same name, the same rare surname."""

from typing import Any

# Nine of ten people in China bear one of these; the same one says nothing.
COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
DOUBLE = frozenset(
    {"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木", "南宫"}
)
# Fields in which a class's scheme may name the patient's people.
RELATIVES = ("next_of_kin", "contact_name", "guardian")
REGISTERED, SAME_NAME, RARE_SURNAME = "registered", "same_name", "rare_surname"


def sign_of_kinship(reader: str, metadata: dict[str, Any]) -> str:
    """The strongest sign that a record concerns the reader's own people, or empty.

    :param reader: the reader's name
    """
    reader = reader.strip()
    if not reader:
        return ""
    if any(reader in str(metadata.get(field) or "") for field in RELATIVES):
        return REGISTERED
    patient = str(metadata.get("patient_name") or "").strip()
    if patient and patient == reader:
        return SAME_NAME
    surname = _surname(reader)
    if surname and surname == _surname(patient) and surname not in COMMON:
        return RARE_SURNAME
    return ""


def _surname(name: str) -> str:
    if len(name) < 2 or not all("\u4e00" <= sign <= "\u9fff" for sign in name):
        return ""
    return name[:2] if name[:2] in DOUBLE else name[:1]
