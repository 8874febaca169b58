"""The people and departments of 仁和医院, all invented: the same in the demonstration and in tests."""

from datetime import date
from typing import NamedTuple

HOSPITAL = "仁和医院"
FONDS = "Y012"
FOUNDED = date(1952, 9, 1)


class Place(NamedTuple):
    """A department: its key, what it is called, where it hangs in the tree, since when."""

    key: str
    zh: str
    en: str
    parent: str = ""
    opened: date = FOUNDED


class Person(NamedTuple):
    """Somebody with an account."""

    username: str
    name: str
    role: str
    department: str
    clearance: int = 1


PLACES = (
    Place("YLD", "院领导", "Hospital leadership"),
    Place("DZ", "党群系统", "Party and mass organisations"),
    Place("DW", "党委办公室", "Party committee office", "DZ"),
    Place("JW", "纪检监察室", "Discipline inspection office", "DZ"),
    Place("GH", "工会", "Trade union", "DZ"),
    Place("XZ", "行政职能系统", "Administration"),
    Place("YB", "院长办公室", "President's office", "XZ"),
    Place("DA", "档案室", "Archive", "YB", date(1986, 3, 1)),
    Place("RS", "人事科", "Personnel office", "XZ"),
    Place("CW", "财务科", "Finance office", "XZ"),
    Place("SJK", "审计科", "Audit office", "XZ", date(2003, 5, 1)),
    Place("SB", "设备科", "Equipment office", "XZ"),
    Place("JJ", "基建科", "Construction office", "XZ"),
    Place("HQ", "后勤保障科", "Logistics office", "XZ"),
    Place("BW", "保卫科", "Security office", "XZ"),
    Place("XX", "信息科", "Information office", "XZ", date(2001, 4, 1)),
    Place("YWX", "医疗业务系统", "Medical administration"),
    Place("YW", "医务科", "Medical affairs office", "YWX"),
    Place("BA", "病案室", "Medical records office", "YW"),
    Place("HL", "护理部", "Nursing department", "YWX"),
    Place("YG", "医院感染管理科", "Infection control office", "YWX", date(2004, 1, 1)),
    Place("KY", "科研科", "Research office", "YWX", date(1995, 1, 1)),
    Place("JX", "教学科", "Teaching office", "YWX", date(1995, 1, 1)),
    Place("YX", "药学部", "Pharmacy", "YWX"),
    Place("LC", "临床科室", "Clinical departments"),
    Place("XN", "心血管内科", "Cardiology", "LC", date(1984, 1, 1)),
    Place("SJ", "神经内科", "Neurology", "LC", date(1988, 1, 1)),
    Place("WK", "普外科", "General surgery", "LC"),
    Place("GK", "骨科", "Orthopaedics", "LC", date(1990, 1, 1)),
    Place("EK", "儿科", "Paediatrics", "LC"),
    Place("FC", "妇产科", "Obstetrics and gynaecology", "LC"),
    Place("YJ", "医技科室", "Diagnostic departments"),
    Place("FS", "放射科", "Radiology", "YJ"),
    Place("JY", "检验科", "Laboratory", "YJ"),
)

# 器械科 became 设备科 in 2024; its papers of 2019 are found under both names.
RENAMED = ("SB", "器械科", "Medical instruments office", date(2024, 3, 1))
# 离退休办公室 was merged into 人事科.
MERGED = (Place("LT", "离退休办公室", "Office of retired staff", "XZ"), "RS", date(2023, 7, 1))

# One person of each kind; the accounts that the demonstration prints.
MAIN = (
    Person("lin", "林静", "archivist", "DA", 3),
    Person("he", "何敏", "records_clerk", "BA", 2),
    Person("xu", "许芳", "department_clerk", "YB", 1),
    Person("zhao", "赵磊", "staff", "CW", 1),
    Person("chen", "陈思远", "clinician", "XN", 1),
    Person("wu", "吴建国", "approver", "YW", 2),
    Person("zhou", "周文", "leader", "YLD", 3),
    Person("sysadmin", "孙工", "system_admin", "", 0),
    Person("secadmin", "钱工", "security_admin", "", 0),
    Person("auditor", "郑工", "audit_admin", "", 0),
)

STAFF = (
    Person("tangyn", "唐雅宁", "archivist", "DA", 3),
    Person("jiangby", "蒋碧云", "records_clerk", "BA", 3),
    Person("fengqx", "冯清溪", "department_clerk", "DW", 2),
    Person("luozh", "罗志衡", "department_clerk", "CW", 2),
    Person("shenml", "沈明澜", "department_clerk", "RS", 2),
    Person("hanbo", "韩柏", "department_clerk", "SB", 2),
    Person("pengyf", "彭一帆", "department_clerk", "KY", 2),
    Person("caoxy", "曹晓月", "department_clerk", "HL", 2),
    Person("dengsh", "邓书航", "department_clerk", "JX", 2),
    Person("xiaolm", "萧立明", "department_clerk", "JJ", 2),
    Person("yuanqc", "袁青川", "department_clerk", "XX", 2),
    Person("gaojr", "高静然", "department_clerk", "YW", 2),
    Person("fangzt", "方知庭", "department_clerk", "GH", 1),
    Person("dingwy", "丁婉仪", "department_clerk", "YG", 2),
    Person("yeqh", "叶秋河", "approver", "CW", 2),
    Person("weism", "魏仕明", "approver", "SB", 2),
    Person("suhl", "苏寒林", "approver", "KY", 2),
    Person("lvmy", "吕梦圆", "approver", "HL", 2),
    Person("dongcz", "董成泽", "approver", "RS", 2),
    Person("renjy", "任景渊", "leader", "YLD", 3),
    Person("qiuyl", "邱雨霖", "leader", "YLD", 3),
    Person("fanhz", "范鹤之", "clinician", "XN", 2),
    Person("shiyq", "石允清", "clinician", "XN", 2),
    Person("baosy", "鲍叔言", "clinician", "SJ", 2),
    Person("kongxm", "孔希默", "clinician", "SJ", 2),
    Person("qinzl", "秦兆麟", "clinician", "WK", 2),
    Person("xiongkd", "熊可达", "clinician", "WK", 2),
    Person("duyh", "杜雁横", "clinician", "GK", 2),
    Person("liaoxc", "廖星驰", "clinician", "GK", 2),
    Person("hebl", "贺白露", "clinician", "EK", 2),
    Person("gongry", "龚若渝", "clinician", "EK", 2),
    Person("shaozw", "邵子微", "clinician", "FC", 2),
    Person("wanhq", "万和青", "staff", "FS", 1),
    Person("qiansj", "钱思嘉", "staff", "JY", 1),
    Person("yangmz", "阳漫枝", "staff", "CW", 1),
    Person("houyp", "侯雨平", "staff", "HQ", 1),
    Person("zoujl", "邹锦麟", "staff", "BW", 1),
    Person("jinhe", "金荷", "staff", "YX", 1),
    Person("panty", "潘庭月", "staff", "KY", 1),
    Person("yuws", "于望舒", "staff", "JW", 1),
)

EVERYONE = MAIN + STAFF
NAMES = {person.username: person.name for person in EVERYONE}
DEPARTMENTS = {place.key: place.zh for place in (*PLACES, MERGED[0])}


def department_name(key: str, day: date) -> str:
    """What a department was called on a day."""
    return RENAMED[1] if key == RENAMED[0] and day < RENAMED[3] else DEPARTMENTS[key]


def clerk_of(department: str) -> str:
    """Who hands papers over for a department: its clerk, else the clerk of the president's office."""
    clerks = {
        person.department: person.username
        for person in reversed(EVERYONE)
        if person.role in {"department_clerk", "records_clerk"}
    }
    return clerks.get(department, "xu")
