"""The states of callbacks and instructions, in Chinese."""

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
