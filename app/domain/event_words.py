"""What each event is called in Chinese; the timeline of a claim is told with these."""

EVENT_TYPE_ZH: dict[str, str] = {
    "notice.draft": "登记草稿",
    "notice.change": "修改草稿",
    "notice.attach": "上传材料",
    "notice.discard": "作废草稿",
    "notice.submit": "提交报案",
    "notice.withdraw": "撤回报案",
    "notice.close": "报案办结",
    "notice.reopen": "报案重新办理",
    "claim.open": "立案",
    "claim.assess": "理算",
    "claim.wait": "等待先行赔付方定论",
    "claim.turn": "轮到本保单赔付",
    "claim.ask_approval": "送民政审核",
    "claim.pass_check": "民政核实通过",
    "claim.accept": "保险公司受理",
    "claim.request_evidence": "一次性告知补充材料",
    "claim.resume_review": "材料已补齐，恢复审核",
    "claim.resume_approval": "材料已补齐，恢复审批",
    "claim.propose": "提出结论，待另一人确认",
    "claim.decide": "作出结论",
    "claim.pay": "开始支付",
    "claim.confirm_paid": "款项到账",
    "claim.close": "结案",
    "claim.return_payment": "银行退汇",
    "claim.reopen": "重新审核",
    "claim.withdraw": "撤案",
    "payout.sent": "已送银行",
    "payout.paid": "已到账",
    "payout.failed": "发放失败",
    "payout.returned": "退汇",
    "payout.propose_account": "提出更正账户，待另一人复核",
    "payout.correct_account": "更正账户",
    "policy.issued": "出具保单",
    "policy.enrolled": "名册增员",
    "person.registered": "登记人员",
}


def event_zh(type_: str) -> str:
    """Give the label of an event's type; a type that is new here is shown as it is."""
    return EVENT_TYPE_ZH.get(type_, type_)
