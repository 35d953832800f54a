"""The states of callbacks and instructions, and why a callback or a payout rests, in words."""

from collections.abc import Mapping

CALLBACK_ZH = {
    "received": "已收到",
    "applied": "已处理",
    "ignored_stale": "过期忽略",
    "parked": "暂存待处理",
    "failed": "处理失败",
    "discarded": "已作废",
}
INSTRUCTION_ZH = {
    "ready": "待发送",
    "sent": "已交送，待回执",
    "accepted": "已受理",
    "rejected": "被退回",
    "unknown": "结果不明",
    "parked": "待人工处理",
}
# Why money did not arrive, or came back.
FAILURE_ZH: Mapping[str, str] = {
    "name_mismatch": "户名不符",
    "account_wrong": "账号错误",
    "account_closed": "已销户",
    "account_frozen": "账户冻结",
    "other": "其他",
    "reversed": "冲正",
}
# What a callback that was stored but not applied came to, and the way out; by the code beside it.
REASONS: Mapping[str, tuple[str, str]] = {
    "not_json": (
        "内容不是 UTF-8 的 JSON 对象，请改正后以新的事件号发送",
        "the body is no JSON object in UTF-8: mend it and send it under a new event id",
    ),
    "not_a_form": ("内容不是表单", "the body is no form"),
    "duplicate_keys": ("同一字段出现两次", "a field stands there twice"),
    "not_an_object": ("内容不是 JSON 对象", "the body is no JSON object"),
    "data_missing": ("缺少 data 对象", "`data` is missing or no object"),
    "unknown_type": ("不认识的事件类型（type）", "`type` is none of the contract's"),
    "claim_no_missing": ("缺少 data.claim_no", "`data.claim_no` is missing"),
    "claim_unknown": (
        "没有这个赔案号，请核对 data.claim_no",
        "there is no such claim: check `data.claim_no`",
    ),
    "claim_of_another": (
        "这个赔案不由贵公司承保，请核对 data.claim_no",
        "the claim is another insurer's: check `data.claim_no`",
    ),
    "claim_withdrawn": ("赔案已撤回", "the claim was withdrawn"),
    "amount_not_text": (
        '金额须为字符串，如 "1600.00"，不能为数字',
        'amounts are strings such as "1600.00", never numbers',
    ),
    "amount_malformed": (
        "金额须为至多两位小数的元",
        "amounts are yuan with at most two decimals",
    ),
    "amount_zero": ("付款金额不能为零", "a payment of nothing"),
    "amount_differs": (
        "金额与应付的这一笔不一致，请核对，或由民政人工处理",
        "the amount is not that of the payout: check it, or the bureau settles it",
    ),
    "currency_unknown": ("币种只能是 CNY", "`currency` is CNY alone"),
    "outcome_unknown": ("缺少或不认识的结论（outcome）", "`outcome` is missing or unknown"),
    "result_unknown": ("缺少或不认识的结论（result）", "`result` is missing or unknown"),
    "outcome_contradicts_amount": (
        "结论与金额矛盾：赔付须大于零，不赔须为零",
        "outcome and amount contradict: what is paid is above zero, a refusal is zero",
    ),
    "decided_on_malformed": ("decided_on 须为 YYYY-MM-DD", "`decided_on` is no YYYY-MM-DD"),
    "due_on_malformed": ("due_on 须为 YYYY-MM-DD", "`due_on` is no YYYY-MM-DD"),
    "paid_on_malformed": ("paid_on 须为 YYYY-MM-DD", "`paid_on` is no YYYY-MM-DD"),
    "items_missing": ("补充材料清单为空或过长", "the list of papers is empty or too long"),
    "items_malformed": ("材料须有 code", "each paper has a `code`"),
    "pend_code_missing": ("缺少 pend_code", "`pend_code` is missing"),
    "pend_reason_missing": ("缺少 pend_reason", "`pend_reason` is missing"),
    "payout_reference_missing": ("缺少 payout_reference", "`payout_reference` is missing"),
    "settlement_no_missing": ("缺少 settlement_no", "`settlement_no` is missing"),
    "purpose_unknown": ("不认识的款项用途（purpose）", "`purpose` is unknown"),
    "pay_status_unknown": ("不认识的付款状态（pay_status）", "`pay_status` is unknown"),
    "pay_type_unknown": ("不认识的款项用途（pay_type）", "`pay_type` is unknown"),
    "payout_unknown": ("没有对应的这一笔赔款", "there is no such payout"),
    "payout_cancelled": ("这一笔赔款已取消", "the payout was cancelled"),
    "paid_twice": ("这一笔已经到账，不能再付", "the payout had arrived already"),
    "partly_back_already": ("这一笔已部分退回或冲正", "a part of it came back already"),
    "settlement_no_of_another": (
        "结算号已用于另一笔赔款",
        "the settlement number is another payout's",
    ),
    "less_than_before": (
        "低于此前已定的金额，待民政人工处理",
        "less than was decided before: the bureau settles it",
    ),
    "differs_from_decision": (
        "与已收到的结论不同，待民政人工处理",
        "another decision than the one that stands: the bureau settles it",
    ),
    "not_referred": (
        "尚未报送，报送后自动处理",
        "not referred yet: applied by itself after that",
    ),
    "not_decided": (
        "尚无结论，收到结论后自动处理",
        "not decided yet: applied by itself after that",
    ),
    "not_sent": (
        "尚无这一笔的付款记录，收到后自动处理",
        "its payment is not known yet: applied by itself after that",
    ),
    "not_settled_here": (
        "尚无这一结算号的到账记录，收到后自动处理",
        "no such settlement arrived yet: applied by itself after that",
    ),
    "already_accepted": ("此前已受理", "accepted before"),
    "already_asked": ("此前已请补材料", "papers were asked for before"),
    "already_decided": ("此前已有结论", "decided before"),
    "already_sent": ("此前已送银行", "sent before"),
    "already_settled": ("此前已到账", "arrived before"),
    "already_failed": ("此前已知失败", "failed before"),
    "already_returned": ("此前已知退回", "came back before"),
    "sent_before_correction": (
        "账户更正之前的旧消息",
        "old news of before the account was corrected",
    ),
}


def reason_words(code: str | None) -> tuple[str, str] | None:
    """Say in Chinese and English why a callback rests; a code that is new here is its own word."""
    return None if code is None else REASONS.get(code, (code, code))
