"""The words that facts and terms are written in, each with its Chinese label."""

from enum import StrEnum


class EventKind(StrEnum):
    ILLNESS = "illness"
    ACCIDENT = "accident"
    DEATH = "death"
    DISABILITY = "disability"
    CRITICAL_ILLNESS = "critical_illness"
    CARE = "care"
    SCHOOLING = "schooling"
    DISASTER = "disaster"
    PROPERTY = "property"
    LIABILITY = "liability"
    HARDSHIP = "hardship"
    INCOME_LOSS = "income_loss"


class Cause(StrEnum):
    DISEASE = "disease"
    ACCIDENT = "accident"
    TRAFFIC = "traffic"
    DROWNING = "drowning"
    FIRE = "fire"
    TYPHOON = "typhoon"
    FLOOD = "flood"
    LANDSLIDE = "landslide"
    EARTHQUAKE = "earthquake"
    HAIL = "hail"
    DROUGHT = "drought"
    FOOD_POISONING = "food_poisoning"
    THEFT = "theft"
    RESCUE = "rescue"
    BRAVE_ACT = "brave_act"
    ADMISSION = "admission"
    OTHER = "other"


class BillKind(StrEnum):
    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    SCHOOL = "school"
    AMBULANCE = "ambulance"
    OTHER = "other"


class OutpatientKind(StrEnum):
    """The five outpatient kinds of Chun'an; a bill of another place may leave it open."""

    ACCIDENT = "accident"
    ACUTE = "acute"
    SPECIAL = "special"
    CHRONIC = "chronic"
    PHARMACY = "pharmacy"


class Level(StrEnum):
    """The level of the hospital or nursing home."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


class Liable(StrEnum):
    """Whether somebody else must answer for the loss, and can."""

    NOBODY = "nobody"
    ABLE = "able"
    UNABLE = "unable"
    NOT_FOUND = "not_found"


class Carer(StrEnum):
    """Who gave the care."""

    PROVIDER = "provider"
    FAMILY = "family"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


EVENT_ZH: dict[EventKind, str] = {
    EventKind.ILLNESS: "疾病就医",
    EventKind.ACCIDENT: "意外伤害",
    EventKind.DEATH: "身故",
    EventKind.DISABILITY: "伤残",
    EventKind.CRITICAL_ILLNESS: "重大疾病",
    EventKind.CARE: "住院护理",
    EventKind.SCHOOLING: "升学",
    EventKind.DISASTER: "自然灾害",
    EventKind.PROPERTY: "财产损失",
    EventKind.LIABILITY: "赔偿责任",
    EventKind.HARDSHIP: "突发困难",
    EventKind.INCOME_LOSS: "收入损失",
}
CAUSE_ZH: dict[Cause, str] = {
    Cause.DISEASE: "疾病",
    Cause.ACCIDENT: "意外",
    Cause.TRAFFIC: "交通事故",
    Cause.DROWNING: "溺水",
    Cause.FIRE: "火灾",
    Cause.TYPHOON: "台风",
    Cause.FLOOD: "洪涝",
    Cause.LANDSLIDE: "滑坡泥石流",
    Cause.EARTHQUAKE: "地震",
    Cause.HAIL: "冰雹",
    Cause.DROUGHT: "旱灾",
    Cause.FOOD_POISONING: "食物中毒",
    Cause.THEFT: "盗抢",
    Cause.RESCUE: "抢险救灾",
    Cause.BRAVE_ACT: "见义勇为",
    Cause.ADMISSION: "录取入学",
    Cause.OTHER: "其他",
}
BILL_ZH: dict[BillKind, str] = {
    BillKind.INPATIENT: "住院",
    BillKind.OUTPATIENT: "门诊",
    BillKind.SCHOOL: "就学",
    BillKind.AMBULANCE: "救护车",
    BillKind.OTHER: "其他费用",
}
OUTPATIENT_ZH: dict[OutpatientKind, str] = {
    OutpatientKind.ACCIDENT: "意外门诊",
    OutpatientKind.ACUTE: "急性病门诊",
    OutpatientKind.SPECIAL: "特定病门诊",
    OutpatientKind.CHRONIC: "慢性病门诊",
    OutpatientKind.PHARMACY: "慢病药店购药",
}
LEVEL_ZH: dict[Level, str] = {
    Level.VILLAGE: "村级",
    Level.TOWNSHIP: "乡镇级",
    Level.COUNTY: "县级",
    Level.CITY: "市级",
    Level.PROVINCE: "省级",
}
CARER_ZH: dict[Carer, str] = {Carer.PROVIDER: "护理机构", Carer.FAMILY: "家庭照护者"}
SEX_ZH: dict[Sex, str] = {Sex.MALE: "男", Sex.FEMALE: "女"}

# The categories of hardship that the bureaus keep. Terms may name further ones of their own with a
# label, so a category is a plain string in facts.
CATEGORY_ZH: dict[str, str] = {
    "tekun": "特困供养人员",
    "dibao": "低保对象",
    "dibian": "低保边缘对象",
    "orphan": "孤儿",
    "unattended_child": "事实无人抚养儿童",
    "veteran": "重点优抚对象",
    "low_income_rural": "低收入农户",
    "disabled": "残疾人",
    "elderly": "高龄老人",
    "lost_only_child": "计生特殊家庭成员",
    "villager": "农村居民",
}

# National names of the medical settlement (output 2303) that a bill may carry, all in fen here.
FIELD_ZH: dict[str, str] = {
    "medfee_sumamt": "医疗费总额",
    "fulamt_ownpay_amt": "丙类全自费",
    "overlmt_selfpay": "超限价自费",
    "preselfpay_amt": "乙类先行自付",
    "inscp_scp_amt": "符合政策范围金额",
    "act_pay_dedc": "实际支付起付线",
    "hifp_pay": "统筹基金支出",
    "cvlserv_pay": "公务员补助",
    "hifes_pay": "企业补充",
    "hifmi_pay": "居民大病保险",
    "hifob_pay": "职工大额补助",
    "maf_pay": "医疗救助",
    "oth_pay": "其他基金支付",
    "fund_pay_sumamt": "基金支付总额",
    "hosp_part_amt": "医院负担金额",
    "psn_part_amt": "个人负担总额",
    "acct_pay": "个人账户支出",
    "acct_mulaid_pay": "个人账户共济支付",
    "psn_cash_pay": "个人现金支出",
}
