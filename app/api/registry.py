"""The registry of error codes: HTTP number, titles, whether to try again. The only one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. `status` is None for a reason or a warning, which is no answer by itself.

    `retryable`: the same request may succeed later without being changed.
    """

    status: int | None
    title_zh: str
    title_en: str
    retryable: bool = False


REGISTRY: dict[str, Entry] = {
    "request.malformed": Entry(400, "请求格式不正确", "Malformed request"),
    "request.too_large": Entry(413, "请求内容过大", "Request too large"),
    "idempotency.key_missing": Entry(400, "缺少幂等号", "Idempotency key missing"),
    "auth.missing": Entry(401, "未登录", "Not authenticated"),
    "auth.invalid": Entry(401, "凭证无效", "Invalid credentials"),
    "auth.forbidden": Entry(403, "无权限", "Not allowed"),
    "auth.roles_apart": Entry(422, "角色不得兼任", "Roles that must be kept apart"),
    "approval.near_relative": Entry(403, "近亲属须回避", "A near relative's claim"),
    "rate.limited": Entry(429, "请求过于频繁", "Too many requests", retryable=True),
    "request.timeout": Entry(408, "请求内容未及时到达", "The body came too slowly", retryable=True),
    "request.misdirected": Entry(421, "主机名不属于本服务", "Not a host of this service"),
    "request.headers_too_large": Entry(431, "请求头过大", "Request headers too large"),
    "auth.out_of_area": Entry(403, "不在本辖区", "Outside your area"),
    "resource.not_found": Entry(404, "未找到", "Not found"),
    "http.method_not_allowed": Entry(405, "不支持此方法", "Method not allowed"),
    "http.not_acceptable": Entry(406, "不支持所要求的格式", "Not acceptable"),
    "http.unsupported_media_type": Entry(415, "不支持此内容类型", "Unsupported media type"),
    "idempotency.in_progress": Entry(
        409, "同一请求正在处理", "Same request in progress", retryable=True
    ),
    "idempotency.key_reused": Entry(422, "幂等号已用于不同内容", "Idempotency key reused"),
    "claim.duplicate": Entry(409, "疑似重复报案", "Possible duplicate notice"),
    "claim.invalid_transition": Entry(409, "当前状态不能执行此操作", "Not in this status"),
    "callback.conflict": Entry(409, "同一事件号内容不同", "Same event id, other content"),
    "callback.signature_invalid": Entry(401, "签名不符", "Invalid signature"),
    "callback.timestamp_skew": Entry(401, "时间戳超出范围", "Timestamp out of range"),
    "version.stale": Entry(412, "数据已被他人修改", "Changed by somebody else"),
    "version.required": Entry(428, "缺少版本号", "Version required"),
    "document.too_large": Entry(413, "文件过大", "Document too large"),
    "document.type_unsupported": Entry(415, "文件类型不支持", "Document type not supported"),
    "document.unusable": Entry(422, "文件无法使用", "Document cannot be used"),
    "person.still_needed": Entry(409, "资料仍须保存", "The record must stay"),
    "validation.failed": Entry(422, "填写有误", "Not filled in correctly"),
    "terms.invalid": Entry(422, "条款有误", "Invalid terms"),
    "person.id_checksum": Entry(422, "身份证号校验位不符", "ID number: wrong check digit"),
    "person.id_date": Entry(422, "身份证号出生日期不合理", "ID number: impossible date of birth"),
    "person.id_numeric_cell": Entry(422, "单元格为数字格式", "ID number in a numeric cell"),
    "person.id_area_unknown": Entry(None, "身份证号地区代码未收录", "ID number: unknown area"),
    "money.precision": Entry(422, "金额最多两位小数", "At most two decimals"),
    "money.sum_mismatch": Entry(422, "分项合计与总额不符", "Parts do not add up to the total"),
    "evidence.missing": Entry(422, "材料不齐，不能提交", "Papers are missing"),
    "approval.over_delegation": Entry(422, "超出授权额度，需上报", "Above the delegated amount"),
    "import.control_total": Entry(422, "合计不平", "Control totals do not agree"),
    "import.header_mismatch": Entry(422, "表头不符", "The header does not fit"),
    "period.closed": Entry(423, "本期已对账封账", "The period is reconciled and closed"),
    "period.blocked": Entry(409, "本期还不能封账", "The period cannot be closed yet"),
    "fund.exhausted": Entry(422, "基金余额不足", "The fund has not enough left"),
    "payout.held": Entry(
        409, "本保单发放已暂停", "Payouts of this policy are held", retryable=True
    ),
    "payout.restoration_open": Entry(
        409, "数据库恢复后正在核对，暂不发放", "Held after a restoration", retryable=True
    ),
    "payout.account_name_mismatch": Entry(
        422, "户名与受益人不一致", "Account holder is not the payee"
    ),
    "consent.missing": Entry(422, "未登记授权", "No consent recorded"),
    "coverage.not_insured": Entry(None, "不在被保人名单", "Not on the roster"),
    "coverage.out_of_period": Entry(None, "不在保险期间", "Outside the period of cover"),
    "coverage.waiting_period": Entry(None, "等待期内", "Within the waiting period"),
    "coverage.category_needed": Entry(None, "须填写人员类别", "The category must be told"),
    "coverage.exclusive": Entry(None, "与另一项目互斥", "Excluded by another scheme"),
    "coverage.limit_exhausted": Entry(None, "年度限额已用完", "Limit used up"),
    "coverage.below_deductible": Entry(None, "未达起付线", "Below the deductible"),
    "coverage.condition_unmet": Entry(None, "未满足给付条件", "A condition is not met"),
    "coverage.nothing_left": Entry(None, "费用已由其他方付清", "Nothing is left of the bill"),
    "coverage.not_due": Entry(None, "无应付金额", "Nothing is due"),
    "coverage.no_cover_for_event": Entry(None, "保障责任不含此类事故", "No cover for this event"),
    "premium.unpaid": Entry(None, "保费未缴清", "Premium not paid in full"),
    "decision.differs": Entry(None, "核定金额与理算不同", "Decided otherwise than assessed"),
    "decision.unexplained": Entry(None, "拒赔未说明", "Refused without clause or reason"),
    "papers.asked_twice": Entry(None, "多次要求补充材料", "Papers asked for more than once"),
    "limitation.passed": Entry(None, "超过索赔时效", "Filed after the limitation"),
    "calendar.year_missing": Entry(None, "节假日安排未录入", "Days off of a year unknown"),
    "endorsement.claim_over": Entry(
        None, "追溯批改涉及已办结赔案", "A retroactive change touches a claim that is over"
    ),
    "notice.late": Entry(None, "迟报", "Filed late"),
    "notice.near_relative": Entry(None, "近亲属代办", "Filed for a near relative"),
    "feed.expired": Entry(410, "变更流游标已过期", "The cursor is older than the feed keeps"),
    "feed.restored": Entry(410, "变更流已从备份恢复", "The feed was restored from a backup"),
    "insurer.unavailable": Entry(
        502, "保险公司系统暂不可用", "The insurer's system is not available", retryable=True
    ),
    "insurer.timeout": Entry(
        504, "保险公司系统超时", "The insurer's system timed out", retryable=True
    ),
    "service.not_ready": Entry(503, "服务未就绪", "Service not ready", retryable=True),
    "internal": Entry(500, "系统错误，请提供编号", "Internal error: quote the trace id"),
}
