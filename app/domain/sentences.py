"""The plain Chinese sentence of a trace line, rendered when it is read and never stored."""

from collections.abc import Callable, Mapping

from app.domain.assessment import Line, ReasonCode, Rule
from app.domain.money import BP, yuan_zh

Named = Mapping[str, int]


def sentence_zh(line: Line) -> str:
    """Say one line in Chinese, with the mark of an unconfirmed number where it has one.

    `住院自负 8,000.00 元 × 20% = 1,600.00 元`
    """
    told = _SENTENCES[line.rule](line, dict(line.inputs), dict(line.params))
    return f"{told}（演示参数，未经证实：{line.unconfirmed}）" if line.unconfirmed else told


def percent_zh(rate_bp: int) -> str:
    """Write basis points as percent: 2000 gives `20%`, 1250 gives `12.5%`."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def reason_zh(code: ReasonCode, about_zh: str) -> str:
    """Say a reason in Chinese."""
    return f"{_REASONS[code]}：{about_zh}" if about_zh else _REASONS[code]


_REASONS: dict[ReasonCode, str] = {
    ReasonCode.WAITING_PERIOD: "等待期内",
    ReasonCode.LIMIT_EXHAUSTED: "限额已用完",
    ReasonCode.BELOW_DEDUCTIBLE: "未达起付线",
    ReasonCode.CONDITION_UNMET: "未满足条款约定的条件",
    ReasonCode.NOTHING_LEFT: "其他支付方已付，单据余额不足",
    ReasonCode.NOT_DUE: "条款对此情形没有约定给付",
}


def _base(line: Line, inputs: Named, _: Named) -> str:
    parts: list[str] = []
    for name, fen in inputs.items():
        if name.endswith("×"):
            parts[-1] += f" × {percent_zh(fen)}"
        else:
            parts.append(f"{name} {yuan_zh(fen)}")
    return f"{line.label_zh}：{' + '.join(parts)} = {yuan_zh(line.output_fen)}"


def _other_payers(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])}，减其后其他支付方已付 "
        f"{yuan_zh(inputs['paid_fen'])} = {yuan_zh(line.output_fen)}"
    )


def _share_ceiling(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])}，以总费用 "
        f"{yuan_zh(inputs['total_fen'])} × {percent_zh(params['rate_bp'])} 为限 = "
        f"{yuan_zh(line.output_fen)}"
    )


def _year_to_date(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"{line.label_zh}本次 {yuan_zh(inputs['base_fen'])} + 本年度此前累计 "
        f"{yuan_zh(inputs['used_fen'])} = {yuan_zh(line.output_fen)}"
    )


def _due_before(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"{line.label_zh}按年度累计应赔 {yuan_zh(inputs['due_fen'])} − 此前累计应赔 "
        f"{yuan_zh(inputs['before_fen'])} = {yuan_zh(line.output_fen)}"
    )


def _share_deductible(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])} − 总费用 {yuan_zh(inputs['total_fen'])} × "
        f"{percent_zh(params['rate_bp'])} 由个人负担 = {yuan_zh(line.output_fen)}"
    )


def _share_gate(line: Line, inputs: Named, params: Named) -> str:
    verdict = "符合，予以计算" if line.output_fen else "超出，不予计算"
    return (
        f"{line.label_zh} {yuan_zh(inputs['part_fen'])}，以总费用 {yuan_zh(inputs['total_fen'])} × "
        f"{percent_zh(params['rate_bp'])} 为限：{verdict}"
    )


def _deductible(line: Line, inputs: Named, params: Named) -> str:
    used = inputs.get("used_fen", 0)
    before = f"（本年度已抵扣 {yuan_zh(used)}）" if used else ""
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])} − 起付额 "
        f"{yuan_zh(params['deductible_fen'])}{before} = {yuan_zh(line.output_fen)}"
    )


def _threshold(line: Line, inputs: Named, params: Named) -> str:
    bound = "达到" if params["reached_at"] else "超过"
    verdict = f"已{bound}，全额计入" if line.output_fen else f"未{bound}，不予计算"
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])}，须{bound}起付线 "
        f"{yuan_zh(params['threshold_fen'])}：{verdict}"
    )


def _ratio(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])} × {percent_zh(params['rate_bp'])} = "
        f"{yuan_zh(line.amount_fen)}"
    )


def _tier_zh(params: Named) -> str:
    low = f"{yuan_zh(params['above_fen'])} 以上"
    return f"{low}至 {yuan_zh(params['to_fen'])}" if "to_fen" in params else low


def _tier(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh}在 {_tier_zh(params)} 的部分 {yuan_zh(inputs['base_fen'])} × "
        f"{percent_zh(params['rate_bp'])} = {yuan_zh(line.amount_fen)}"
    )


def _slab(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['base_fen'])} 落在 {_tier_zh(params)} 档，全额 × "
        f"{percent_zh(params['rate_bp'])} = {yuan_zh(line.amount_fen)}"
    )


def _fixed_sum(line: Line, _: Named, __: Named) -> str:
    return f"{line.label_zh}定额给付 {yuan_zh(line.amount_fen)}"


def _grade(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {inputs['grade']} 级：{yuan_zh(params['sum_fen'])} × "
        f"{percent_zh(params['rate_bp'])} = {yuan_zh(line.amount_fen)}"
    )


def _days_counted(line: Line, inputs: Named, params: Named) -> str:
    off = f"，每次免 {params['off_days']} 天" if "off_days" in params else ""
    return f"{line.label_zh} {inputs['stay_days']} 天{off}，计 {inputs['counted_days']} 天"


def _days_limit(line: Line, inputs: Named, params: Named) -> str:
    used = f"，已用 {inputs['used_days']} 天" if inputs["used_days"] else ""
    return (
        f"{line.label_zh}限 {params['limit_days']} 天{used}，"
        f"由 {inputs['counted_days']} 天减为 {inputs['paid_days']} 天"
    )


def _day_rate(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {inputs['paid_days']} 天 × 每天 {yuan_zh(params['rate_fen'])} = "
        f"{yuan_zh(line.amount_fen)}"
    )


def _first_days(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {inputs['paid_days']} 天（{params['limit_days']} 天以内）定额 "
        f"{yuan_zh(line.amount_fen)}"
    )


def _after_end(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh}跨过保障终止日，终止后最多再计 {params['more_days']} 天："
        f"由 {inputs['stay_days']} 天减为 {inputs['counted_days']} 天"
    )


def _table_days(line: Line, inputs: Named, _: Named) -> str:
    return f"{line.label_zh}按伤情表计 {inputs['counted_days']} 天"


def _hours_zh(minutes: int) -> str:
    """Write minutes as hours: 1500 gives `25 小时`, 90 gives `1 小时 30 分钟`."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"


def _service(line: Line, inputs: Named, params: Named) -> str:
    hourly = "paid_minutes" in inputs
    time = _hours_zh(inputs["paid_minutes"]) if hourly else f"{inputs['paid_days']} 天"
    share = params["share_bp"]
    told = f"{line.label_zh} {time} × 每{'小时' if hourly else '天'} {yuan_zh(params['rate_fen'])}"
    if share != BP:
        told += f" × {percent_zh(share)}"
    return f"{told} = {yuan_zh(line.amount_fen)}"


def _time_limit(line: Line, inputs: Named, params: Named) -> str:
    used = f"，已用 {_hours_zh(inputs['used_minutes'])}" if inputs["used_minutes"] else ""
    return (
        f"{line.label_zh}限 {_hours_zh(params['limit_minutes'])}{used}，由 "
        f"{_hours_zh(inputs['counted_minutes'])}减为 {_hours_zh(inputs['paid_minutes'])}"
    )


def _under_insured(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"{line.label_zh}不足额投保：损失 {yuan_zh(inputs['loss_fen'])} × 保额 "
        f"{yuan_zh(inputs['insured_fen'])} ÷ 实际价值 {yuan_zh(inputs['worth_fen'])} = "
        f"{yuan_zh(line.output_fen)}"
    )


def _things_deductible(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh} {yuan_zh(inputs['due_fen'])} − 免赔额 "
        f"{yuan_zh(params['deductible_fen'])} = {yuan_zh(line.output_fen)}"
    )


def _multiplied(line: Line, inputs: Named, params: Named) -> str:
    whole, rest = divmod(params["times_bp"], BP)
    times = f"{whole} 倍" if not rest else percent_zh(params["times_bp"])
    return (
        f"{line.label_zh}：{yuan_zh(inputs['due_fen'])} 按 {times}给付 = {yuan_zh(line.output_fen)}"
    )


def _override(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"经批准调整（{line.label_zh}）：由 {yuan_zh(inputs['due_fen'])} 调整为 "
        f"{yuan_zh(line.output_fen)}"
    )


def _times_used(line: Line, inputs: Named, params: Named) -> str:
    most, used = params["limit_count"], inputs["used_count"]
    return f"{line.label_zh}限给付 {most} 次，已给付 {used} 次，不再给付"


def _things(line: Line, inputs: Named, params: Named) -> str:
    degree = params["degree_bp"]
    count = str(inputs["count"])
    if "hundredths" in inputs:
        count += f".{inputs['hundredths']:02d}".rstrip("0")
    told = f"{line.label_zh} {count} × {yuan_zh(params['each_fen'])}"
    if degree != BP:
        told += f" × 损坏程度 {percent_zh(degree)}"
    limited = "（以核定损失为限）" if inputs["due_fen"] > line.amount_fen else ""
    return f"{told}{limited} = {yuan_zh(line.amount_fen)}"


def _franchise(line: Line, inputs: Named, params: Named) -> str:
    return (
        f"{line.label_zh}损失 {yuan_zh(inputs['loss_fen'])}，低于免赔额 "
        f"{yuan_zh(params['franchise_fen'])}，不赔"
    )


def _cap(line: Line, inputs: Named, params: Named) -> str:
    used = inputs["used_fen"]
    before = f"，已用 {yuan_zh(used)}" if used else ""
    return (
        f"{line.label_zh}限额 {yuan_zh(params['limit_fen'])}{before}，"
        f"由 {yuan_zh(inputs['due_fen'])} 减为 {yuan_zh(line.output_fen)}"
    )


def _scaled_back(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"按比例回调（{line.label_zh}）：应赔合计 {yuan_zh(inputs['all_due_fen'])} 超过可用限额 "
        f"{yuan_zh(inputs['left_fen'])}，本案由 {yuan_zh(inputs['due_fen'])} 减为 "
        f"{yuan_zh(line.output_fen)}"
    )


def _left(line: Line, inputs: Named, _: Named) -> str:
    return (
        f"单据 {line.about} 扣除各方已付后尚余 {yuan_zh(inputs['left_fen'])}，"
        f"由 {yuan_zh(inputs['due_fen'])} 减为 {yuan_zh(line.output_fen)}"
    )


def _waiting(line: Line, inputs: Named, _: Named) -> str:
    months = inputs.get("waiting_months")
    length = f"{inputs['waiting_days']} 天" if months is None else f"{months} 个月"
    return f"{line.label_zh}：等待期 {length}内出险，不予给付"


def _condition(line: Line, _: Named, __: Named) -> str:
    return f"未满足条件“{line.label_zh}”，不予给付"


def _no_rate(line: Line, _: Named, __: Named) -> str:
    return f"{line.label_zh}：条款对此情形没有约定给付"


_SENTENCES: dict[Rule, Callable[[Line, Named, Named], str]] = {
    Rule.BASE: _base,
    Rule.OTHER_PAYERS: _other_payers,
    Rule.YEAR_TO_DATE: _year_to_date,
    Rule.DUE_BEFORE: _due_before,
    Rule.SHARE_CEILING: _share_ceiling,
    Rule.SHARE_GATE: _share_gate,
    Rule.SHARE_DEDUCTIBLE: _share_deductible,
    Rule.DEDUCTIBLE: _deductible,
    Rule.THRESHOLD: _threshold,
    Rule.RATIO: _ratio,
    Rule.TIER: _tier,
    Rule.SLAB: _slab,
    Rule.FIXED_SUM: _fixed_sum,
    Rule.GRADE: _grade,
    Rule.DAYS_COUNTED: _days_counted,
    Rule.DAYS_LIMIT: _days_limit,
    Rule.DAY_RATE: _day_rate,
    Rule.FIRST_DAYS: _first_days,
    Rule.AFTER_END: _after_end,
    Rule.TABLE_DAYS: _table_days,
    Rule.SERVICE: _service,
    Rule.TIME_LIMIT: _time_limit,
    Rule.THINGS: _things,
    Rule.FRANCHISE: _franchise,
    Rule.THINGS_CAP: _cap,
    Rule.UNDER_INSURED: _under_insured,
    Rule.THINGS_DEDUCTIBLE: _things_deductible,
    Rule.MULTIPLIED: _multiplied,
    Rule.OVERRIDE: _override,
    Rule.LEFT: _left,
    Rule.CAP: _cap,
    Rule.SCALED_BACK: _scaled_back,
    Rule.TIMES_USED: _times_used,
    Rule.WAITING: _waiting,
    Rule.CONDITION: _condition,
    Rule.NO_RATE: _no_rate,
}
