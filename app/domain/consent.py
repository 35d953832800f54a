"""By what right other offices' data about a person are used (PIPL art. 13 and 29)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Purpose(StrEnum):
    """What the data are used for."""

    MEDICAL_SETTLEMENT = "medical_settlement"
    OTHER_RELIEF = "other_relief"
    BANK_ACCOUNT = "bank_account"


class Basis(StrEnum):
    """The ground in law: PIPL art. 13 (1) consent, (3) duty by law, (4) emergency."""

    CONSENT = "consent"
    LEGAL_DUTY = "legal_duty"
    EMERGENCY = "emergency"


class GivenBy(StrEnum):
    """Who gave it; a duty by law needs nobody's word, so the office records it."""

    SELF = "self"
    GUARDIAN = "guardian"
    AGENT = "agent"
    OFFICE = "office"


PURPOSE_ZH: dict[Purpose, str] = {
    Purpose.MEDICAL_SETTLEMENT: "使用医保部门的结算数据",
    Purpose.OTHER_RELIEF: "使用其他部门的救助、残疾、教育等数据",
    Purpose.BANK_ACCOUNT: "核验银行账户",
}
BASIS_ZH: dict[Basis, str] = {
    Basis.CONSENT: "本人或监护人同意",
    Basis.LEGAL_DUTY: "履行法定职责所必需",
    Basis.EMERGENCY: "紧急情况下保护生命健康所必需",
}
GIVEN_BY_ZH: dict[GivenBy, str] = {
    GivenBy.SELF: "本人",
    GivenBy.GUARDIAN: "监护人",
    GivenBy.AGENT: "受委托人",
    GivenBy.OFFICE: "经办机构",
}
AGE_OF_CONSENT = 14  # PIPL art. 31: below it a guardian consents


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A ground to record; `given_on` is a day in Asia/Shanghai."""

    purpose: Purpose
    basis: Basis
    given_by: GivenBy
    given_on: date


def consent_fault(consent: NewConsent, birth_on: date, today: date) -> tuple[str, str, str] | None:
    """Tell (member, in Chinese, in English) what is wrong with a ground, None when nothing is."""
    by_office = consent.given_by is GivenBy.OFFICE
    if consent.given_on > today:
        return "given_on", "日期晚于今天", "the day is in the future"
    if by_office == (consent.basis is Basis.CONSENT):
        return (
            "given_by",
            "同意须由本人、监护人或受委托人作出；法定职责和紧急情况由经办机构登记",
            "a person consents; a duty by law or an emergency is recorded by the office",
        )
    child = _years(birth_on, consent.given_on) < AGE_OF_CONSENT
    if consent.given_by is GivenBy.SELF and child:
        return "given_by", "不满十四周岁，须由监护人同意", "below fourteen a guardian consents"
    return None


def _years(birth_on: date, on: date) -> int:
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))
