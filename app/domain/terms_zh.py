"""Terms told in plain Chinese: who, what happens, every number with its clause or its doubt.

The walk is the same for every rule shape: labels come from the words of the terms on the way down,
so a new shape is told without a line here, if less smoothly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from app.domain.clauses.bills import Tier
from app.domain.clauses.conditions import Condition, Liability, LiabilityClause
from app.domain.conditions import condition_zh
from app.domain.figures import Band, BandBy, Bands, Dated, OfStandard, Sourced, Unit
from app.domain.money import yuan_zh
from app.domain.sentences import percent_zh
from app.domain.terms import Cover, Document, ExtraField, Nature, NeededFor, Terms, TermsKind
from app.domain.words import CARER_ZH, CAUSE_ZH, EVENT_ZH, LEVEL_ZH

HOUR = 60  # minutes
KIND_ZH = {TermsKind.INSURANCE: "保险", TermsKind.FUND: "基金"}
_NATURE_ZH = {Nature.INDEMNITY: "费用补偿", Nature.FIXED: "定额给付"}
_UNIT_ZH = {
    Unit.DAYS: "天",
    Unit.COUNT: "",
    Unit.MONTHS: "个月",
    Unit.MINUTES: "分钟",
}
# What a field or a tagged class is called on the way to a number.
_WORDS_ZH = {
    "share_ceiling": "以总费用的比例为限",
    "share_gate": "不超过总费用的",
    "share_deductible": "个人负担总费用的",
    "deductible": "起付额",
    "threshold": "起付门槛",
    "ratio": "比例",
    "fixed_sum": "金额",
    "Days.rate": "每天",
    "TableDays.rate": "每天",
    "ServiceRate.rate": "每小时或每床日",
    "TableDays.days": "天数",
    "FirstDays.days": "天数",
    "first": "首段",
    "after_end": "期满后延续",
    "shares": "支付比例",
    "times": "倍数",
    "advance": "先行赔付",
    "of_due": "先付比例",
    "instalments": "按月分期发放，期数",
    "expenses": "费用",
    "overrun": "超赔",
    "days_off": "每次免赔天数",
    "franchise": "免赔额",
    "cap": "限额",
    "grades": "损坏程度",
    "weight": "折算",
    "waiting": "等待期",
    "least": "至少",
    "most": "不超过",
    "otherwise": "其他情形",
    "tiers": "分段",
}
_BAND_ZH = {BandBy.AGE: "周岁", BandBy.COVERED_YEARS: "年连续参保", BandBy.EXTRA: ""}
_LIABILITY_ZH = {
    LiabilityClause.NOBODY_LIABLE: "有第三方应负责的不赔",
    LiabilityClause.NOBODY_ABLE: "第三方应负责且能赔的不赔",
}
_WORDS: Mapping[str, str] = {
    **{event.value: label for event, label in EVENT_ZH.items()},
    **{cause.value: label for cause, label in CAUSE_ZH.items()},
    **{level.value: label for level, label in LEVEL_ZH.items()},
    **{carer.value: label for carer, label in CARER_ZH.items()},
    "yes": "是",
    "no": "否",
}


def terms_lines(terms: Terms) -> tuple[str, ...]:
    """Tell one version of a scheme, a line for each thing a clerk would ask for."""
    return tuple(_lines(terms))


def _lines(terms: Terms) -> Iterator[str]:
    end = "" if terms.effective_to is None else f"，至 {terms.effective_to}"
    dated = "" if terms.source.published_on is None else f"（{terms.source.published_on}）"
    yield f"{terms.name_zh}（{terms.scheme_code}，{KIND_ZH[terms.kind]}，版本 {terms.version}）"
    yield f"地区：{terms.place_zh}；{terms.effective_from} 起{end}"
    yield f"来源：{terms.source.title_zh}{dated} {terms.source.address}".rstrip()
    yield f"参保对象：{'、'.join(terms.categories.values())}"
    known = _words_of(terms)
    if terms.premium is not None:
        yield from _numbers(terms.premium, ("保费",), known)
    for place, cover in enumerate(terms.covers, start=1):
        yield f"{place}. {_heading(cover, terms)}"
        yield from (f"   {line}" for line in _cover(cover, known))
    for limit in terms.limits:
        yield from _numbers(limit.amount, (f"共用限额 {limit.name_zh}",), known)
    for condition in terms.conditions:
        yield f"共同条件：{_condition(condition, known)}"
    yield from _numbers(terms.funding, ("保费来源",), known)
    yield from _numbers(terms.risk_sharing, ("年度结算",), known)
    for field in terms.extra:
        yield f"另需填报：{_field(field)}"
    if terms.note_zh:
        yield f"说明：{terms.note_zh}"


def _words_of(terms: Terms) -> dict[str, str]:
    found = {**_WORDS, **terms.categories}
    for field in terms.extra:
        found.update(field.choices)
    return found


def _heading(cover: Cover, terms: Terms) -> str:
    told = [_NATURE_ZH[cover.nature], "、".join(EVENT_ZH[event] for event in cover.events)]
    if cover.causes:
        told.append("原因限" + "、".join(CAUSE_ZH[cause] for cause in cover.causes))
    if cover.categories:
        told.append("对象限" + "、".join(terms.categories[code] for code in cover.categories))
    return f"{cover.name_zh}（{'；'.join(told)}）"


def _cover(cover: Cover, known: Mapping[str, str]) -> Iterator[str]:
    parts = getattr(cover.measure, "parts", ())
    if parts:
        yield f"基数：{' + '.join(part.label_zh for part in parts)}"
    yield from _sums(cover, known)
    for condition in cover.conditions:
        yield f"条件：{_condition(condition, known)}"
    if cover.documents:
        yield f"材料：{'、'.join(_document(document) for document in cover.documents)}"
    if cover.reading_zh:
        yield f"我方理解：{cover.reading_zh}"


def _sums(cover: Cover, known: Mapping[str, str]) -> Iterator[str]:
    """Tell every number of a cover: what it pays, what bounds it, and from when."""
    yield from _numbers(cover.measure, (), known)
    if cover.multiplier is not None:
        yield from _numbers(cover.multiplier.times, (cover.multiplier.label_zh,), known)
    yield from _numbers(cover.advance, (), known)
    yield from _numbers(cover.recurring, (), known)
    for limit in cover.limits:
        yield from _numbers(limit.amount, (f"限额 {limit.name_zh}",), known)
    yield from _numbers(cover.waiting, ("等待期",), known)


def _condition(condition: Condition, known: Mapping[str, str]) -> str:
    if isinstance(condition, Liability):
        return _LIABILITY_ZH[condition.clause]
    label = condition_zh(condition)
    told = (line.removeprefix(label).strip() for line in _numbers(condition, (), known))
    return "；".join((label, *told))


def _document(document: Document) -> str:
    early = "（提交前）" if document.needed_for is NeededFor.SUBMIT else ""
    return f"{document.label_zh}{early}"


def _field(field: ExtraField) -> str:
    choices = f"（{'、'.join(field.choices.values())}）" if field.choices else ""
    return f"{field.label_zh}{choices}"


def _numbers(value: object, labels: tuple[str, ...], known: Mapping[str, str]) -> Iterator[str]:
    """Tell every number below a value, with the labels met on the way."""
    if isinstance(value, Sourced):
        yield f"{' '.join(labels)}：{_number(value)}{_origin(value)}"
    elif isinstance(value, Tier):
        end = "" if value.to is None else f"至 {_number(value.to)}"
        label = (*labels, f"{_number(value.above)} 以上{end}")
        yield from _numbers(value.rate, label, known)
    elif isinstance(value, OfStandard):
        told = f"当地标准（{value.standard}）的 {_times(value.times)}"
        yield f"{' '.join(labels)}：{told}{_origin(value.times)}"
    else:
        for words, child in _children(value, known):
            more = dict.fromkeys(word for word in words if word and word not in labels)
            yield from _numbers(child, (*labels, *more), known)


def _children(value: object, known: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Give what a value holds, each with the labels that lead to it."""
    if isinstance(value, tuple):
        yield from (((), item) for item in value)
    elif isinstance(value, Bands):
        yield from (((_band(band, value.by),), band.value) for band in value.bands)
        yield ("其他情形",), value.otherwise
    elif isinstance(value, Dated):
        yield ("此前",), value.before
        yield from (((f"{row.from_on} 起",), row.value) for row in value.rows)
    elif isinstance(value, Mapping):
        yield from (((known.get(key, str(key)),), item) for key, item in value.items())
    elif is_dataclass(value):
        own = _label(value)
        for item in fields(value):
            word = _WORDS_ZH.get(f"{type(value).__name__}.{item.name}")
            yield (own, word or _WORDS_ZH.get(item.name, "")), getattr(value, item.name)


def _band(band: Band, by: BandBy) -> str:
    if band.most is None:
        return f"{band.least.value} {_BAND_ZH[by]}以上"
    return f"{band.least.value} 至 {band.most.value} {_BAND_ZH[by]}".strip()


def _times(times: Sourced) -> str:
    return percent_zh(times.value) if times.unit is Unit.BP else f"{times.value} 倍"


def _label(value: object) -> str:
    own = getattr(value, "name_zh", "") or getattr(value, "label_zh", "")
    return str(own or _WORDS_ZH.get(getattr(value, "TAG", ""), ""))


def _number(number: Sourced) -> str:
    if number.unit is Unit.FEN:
        return yuan_zh(number.value)
    if number.unit is Unit.BP:
        return percent_zh(number.value)
    if number.unit is Unit.MINUTES and number.value % HOUR == 0:
        return f"{number.value // HOUR} 小时"
    return f"{number.value} {_UNIT_ZH[number.unit]}".strip()


def _origin(number: Sourced) -> str:
    if number.unconfirmed:
        return f"（演示参数，未经证实：{number.unconfirmed}）"
    return f"（{number.clause}）"
