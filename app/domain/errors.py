"""The tree of refusals. Each leaf carries a stable dotted `code` from the public registry.

ReliefError
├── NotFound              resource.not_found      unknown, or not the caller's to see
├── Forbidden             auth.forbidden          the role may not do this act
├── NearRelative          approval.near_relative  the officer declared: another decides
├── RateLimited           rate.limited            too often; says when again
├── OutOfArea             auth.out_of_area        creating something outside the caller's area
├── Invalid               validation.failed       one or more fields are wrong; each has a Fault
├── TermsInvalid          terms.invalid           terms contradict themselves
├── EvidenceMissing       evidence.missing        papers needed before submitting
├── DuplicateNotice       claim.duplicate         a live notice exists for the same settlement
├── IllegalMove           claim.invalid_transition
├── VersionStale          version.stale           somebody changed it meanwhile
├── CallbackConflict      callback.conflict       same event id, other body
├── SignatureInvalid      callback.signature_invalid
├── TimestampSkew         callback.timestamp_skew
├── OverDelegation        approval.over_delegation  more than one person may approve here
├── FundExhausted         fund.exhausted          the fund has not that much left
├── PayoutsHeld           payout.held             an invariant names the policy: we order nothing
├── AccountNameMismatch   payout.account_name_mismatch
├── DocumentTooLarge      document.too_large
├── DocumentTypeUnsupported  document.type_unsupported
├── DocumentUnusable      document.unusable       cannot be opened, locked, programs in it
├── StorageFull           service.not_ready       no room left for documents
├── StorageUnavailable    service.not_ready       the document store does not answer
├── StillNeeded           person.still_needed     the record must stay: open case, law
├── PeriodClosed          period.closed           the day is reconciled and signed
├── PeriodBlocked         period.blocked          a day cannot be closed yet
├── FeedExpired           feed.expired            what followed the cursor is removed
├── FeedRestored          feed.restored           what the cursor stands after was undone
└── InsurerUnavailable    insurer.unavailable     not reached, or no clear answer
HTTP numbers and the Chinese and English titles are decided in `api`, in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place in what the caller sent. Never carries the submitted value.

    `pointer` is a JSON pointer (`/bills/0/total`), `code` a dotted code of the registry, the two
    messages say what is wrong and `hint_zh` how to mend it.
    """

    pointer: str
    code: str
    message_zh: str
    message_en: str
    hint_zh: str = ""


class ReliefError(Exception):
    """A refusal with a stable code; `detail_zh` and `detail_en` name the thing and the way out."""

    code = "internal"

    def __init__(self, detail_zh: str = "", detail_en: str = "") -> None:
        super().__init__(detail_en or detail_zh or self.code)
        self.detail_zh = detail_zh
        self.detail_en = detail_en


class NotFound(ReliefError):
    code = "resource.not_found"


class Forbidden(ReliefError):
    code = "auth.forbidden"


class OutOfArea(ReliefError):
    code = "auth.out_of_area"


class NearRelative(ReliefError):
    code = "approval.near_relative"

    def __init__(self) -> None:
        super().__init__(
            "被保险人是您申报的近亲属，须由他人办理。",
            "The person is declared as your near relative: somebody else decides this claim.",
        )


class RateLimited(ReliefError):
    """`retry_seconds`: when it may be tried again."""

    code = "rate.limited"

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(
            f"请求过于频繁，请在 {retry_seconds} 秒后重试。",
            f"Too many requests: try again in {retry_seconds} s.",
        )
        self.retry_seconds = retry_seconds


class Invalid(ReliefError):
    """One or more faults; the code of the answer is the code of the only fault, if there is one."""

    code = "validation.failed"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(
            "；".join(fault.message_zh for fault in faults),
            "; ".join(fault.message_en for fault in faults),
        )
        self.faults = faults


class TermsInvalid(Invalid):
    code = "terms.invalid"


class EvidenceMissing(ReliefError):
    """`missing` lists (code, label_zh) of the papers that must be there before submitting."""

    code = "evidence.missing"

    def __init__(self, missing: tuple[tuple[str, str], ...]) -> None:
        labels = "、".join(label for _, label in missing)
        super().__init__(
            f"还缺 {len(missing)} 份提交前必备的材料：{labels}。请上传后再提交。",
            f"{len(missing)} paper(s) are needed before submitting; upload them and submit again.",
        )
        self.missing = missing


class DuplicateNotice(ReliefError):
    """`existing` is the number of the live notice, or None when the caller may not see it."""

    code = "claim.duplicate"

    def __init__(self, existing: str | None) -> None:
        super().__init__(
            "同一结算单或发票已有在办的报案，不能重复报案。"
            + (f"请查看 {existing}。" if existing else "请与县民政核对。"),
            "A live notice already exists for the same settlement or invoice.",
        )
        self.existing = existing


class IllegalMove(ReliefError):
    """`allowed` lists the acts that the present status admits."""

    code = "claim.invalid_transition"

    def __init__(self, status_zh: str, allowed: tuple[str, ...]) -> None:
        super().__init__(
            f"当前状态为“{status_zh}”，不能执行此操作。",
            "The present status does not admit this act.",
        )
        self.allowed = allowed


class VersionStale(ReliefError):
    """`current` is the ETag that would have been accepted."""

    code = "version.stale"

    def __init__(self, current: str) -> None:
        super().__init__(
            "数据已被他人修改，请刷新后重试。", "Somebody changed it meanwhile: read it again."
        )
        self.current = current


class CallbackConflict(ReliefError):
    code = "callback.conflict"


class CallbackUnreadable(ReliefError):
    """Well signed, but no JSON object; the bytes are kept as evidence."""

    code = "request.malformed"

    def __init__(self) -> None:
        super().__init__(
            "签名有效，但内容不是 UTF-8 的 JSON 对象；原文已留存，请改正后以新的事件号重新发送。",
            "The signature is valid but the body is no JSON object in UTF-8: it is kept; mend it "
            "and send it under a new event id.",
        )


class OverDelegation(ReliefError):
    """`limit_fen` is what the caller may approve alone, zero without a delegation."""

    code = "approval.over_delegation"

    def __init__(self, limit_fen: int) -> None:
        super().__init__(
            "超出授权额度，须由两人办理：一人提出结论，另一人确认，或上报县级。",
            "Beyond the delegation: two persons decide (:decide, then :confirm), or the county.",
        )
        self.limit_fen = limit_fen


class FundExhausted(ReliefError):
    """`left_fen` is what the fund has neither committed nor spent."""

    code = "fund.exhausted"

    def __init__(self, left_fen: int) -> None:
        super().__init__(
            "基金余额不足，不能作出此结论；请先追加资金。",
            "The fund has not enough left for this decision: allot money first.",
        )
        self.left_fen = left_fen


class PayoutsHeld(ReliefError):
    """`number` is of the invariant that does not hold; what others report paid is still booked."""

    code = "payout.held"

    def __init__(self, reason_zh: str, number: int) -> None:
        super().__init__(
            reason_zh,
            f"Invariant {number} does not hold under this policy: the payouts we order are held "
            "until it does, or until the operator releases them with a reason.",
        )
        self.number = number


class RestorationOpen(ReliefError):
    code = "payout.restoration_open"

    def __init__(self) -> None:
        super().__init__(
            "数据库恢复到了较早的状态，正在与保险公司核对；核对结束前不发起任何发放。",
            "The database was restored to an older state: nothing is ordered until the parties "
            "were heard and the restoration has ended.",
        )


class AccountNameMismatch(ReliefError):
    code = "payout.account_name_mismatch"


class SignatureInvalid(ReliefError):
    """`part` names the header that is wrong: webhook-id, webhook-timestamp, webhook-signature."""

    code = "callback.signature_invalid"

    def __init__(self, part: str) -> None:
        stamp = part == "webhook-timestamp"
        super().__init__(
            f"回调签名不符：请检查 {part} 请求头{'（UTC 秒数，不是毫秒）' if stamp else ''}"
            "，并对发送的原始字节签名。",
            f"The callback's signature is not valid: check the {part} header"
            f"{' (seconds since 1970, no milliseconds)' if stamp else ''} and sign the raw "
            "bytes of the body.",
        )
        self.part = part


class TimestampSkew(ReliefError):
    """`tolerance_seconds` is how far the signed time may be from ours, either way."""

    code = "callback.timestamp_skew"

    def __init__(self, tolerance_seconds: int) -> None:
        super().__init__(
            f"回调时间戳与本系统时间相差超过 {tolerance_seconds} 秒，请校准时钟后重新签名发送。",
            f"The callback's timestamp is more than {tolerance_seconds} seconds away from our "
            "clock: set the clock, sign again and send again.",
        )
        self.tolerance_seconds = tolerance_seconds


class DocumentTooLarge(ReliefError):
    """`limit_bytes` is the largest size accepted."""

    code = "document.too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"文件超过 {limit_bytes // 1024} KB，请压缩或分开上传。",
            f"The file is larger than {limit_bytes // 1024} KB: compress it or split it.",
        )
        self.limit_bytes = limit_bytes


class DocumentTypeUnsupported(ReliefError):
    """`accepted` lists the media types that are taken; told by content, never by name."""

    code = "document.type_unsupported"

    def __init__(self, accepted: tuple[str, ...]) -> None:
        super().__init__(
            "文件内容不是可接受的类型，请上传 PDF、OFD、JPEG 或 PNG；"
            "苹果手机的 HEIC 照片，请将相机格式设为“兼容性最佳”，或截图后上传。",
            f"The file's content is of no accepted type: {', '.join(accepted)}. "
            "A phone's HEIC: set its camera to most compatible, or upload a screenshot.",
        )
        self.accepted = accepted


class DocumentUnusable(ReliefError):
    """The file cannot be kept as a paper; `reason` says why: see REASONS."""

    code = "document.unusable"
    REASONS: ClassVar[Mapping[str, tuple[str, str]]] = {
        "unreadable": (
            "文件打不开或不完整，请重新导出、扫描或拍照后上传。",
            "The file cannot be opened or is not whole: export, scan or photograph it again.",
        ),
        "locked": (
            "文件设有密码，请取消密码后上传。",
            "The file is locked by a password: upload it without one.",
        ),
        "programs": (
            "文件中含有脚本、程序或未知附件，请打印为新的 PDF 或拍照后上传。",
            "The file carries scripts, programs or unknown attachments: print it to a new PDF.",
        ),
        "not_ofd": (
            "这是压缩包或办公文档，不是 OFD；请导出为 PDF，或拍照后上传。",
            "This is an archive or an office document and no OFD: export a PDF or photograph it.",
        ),
        "expands": (
            "文件解开后过大，请另存为 PDF 或拍照后上传。",
            "The file is too large once unpacked: save it as PDF or photograph it.",
        ),
        "pages": ("页数过多，请分开上传。", "There are too many pages: split it."),
        "pixels": (
            "图片像素过大，请调低分辨率后上传。",
            "The picture has too many pixels: lower its resolution.",
        ),
    }

    def __init__(self, reason: str) -> None:
        super().__init__(*self.REASONS[reason])
        self.reason = reason


class StorageFull(ReliefError):
    """No room is left for documents; nothing was kept."""

    code = "service.not_ready"

    def __init__(self) -> None:
        super().__init__(
            "存储空间不足，文件没有保存，请稍后重试并通知系统管理员。",
            "No storage space is left and the file was not kept: try later, tell the operator.",
        )


class StorageUnavailable(ReliefError):
    """The document store does not answer; nothing was kept or read."""

    code = "service.not_ready"

    def __init__(self) -> None:
        super().__init__(
            "材料存储暂时无法访问，请稍后重试。",
            "The document store cannot be reached for now: try again later.",
        )


class InsurerUnavailable(ReliefError):
    """`insurer` is the insurer's code. Sending again is ours to do, nobody needs to act."""

    code = "insurer.unavailable"

    def __init__(self, insurer: str) -> None:
        super().__init__(
            f"保险公司（{insurer}）系统暂不可用，已排队，将自动重试。",
            f"The insurer {insurer} cannot be reached; queued, and tried again by us.",
        )
        self.insurer = insurer


class StillNeeded(ReliefError):
    """`until_on` is the last day (Asia/Shanghai) on which the record must stay, where known."""

    code = "person.still_needed"

    def __init__(self, why_zh: str, why_en: str, until_on: date | None) -> None:
        day = "" if until_on is None else until_on.isoformat()
        super().__init__(
            f"{why_zh}，不能删除" + (f"（至 {day}）。" if day else "。"),
            f"Not erased, {why_en}" + (f" (until {day})." if day else "."),
        )
        self.until_on = until_on


class PeriodClosed(ReliefError):
    """`closed_on` is the last closed day of the book, `last_closed` the same as text."""

    code = "period.closed"

    def __init__(self, closed_on: date | None) -> None:
        super().__init__(
            f"{closed_on} 及以前已对账封账，不能再改；迟到的明细请列入下一个未封账日的对账单。",
            f"Closed up to {closed_on}: late lines come with the statement of an open day.",
        )
        self.closed_on = closed_on
        self.last_closed = str(closed_on)


class PeriodBlocked(ReliefError):
    """`blocking` counts what stands in the way, by a word of ours; `first_open` comes first."""

    code = "period.blocked"

    def __init__(
        self, detail_zh: str, detail_en: str, first_open: date, blocking: dict[str, int]
    ) -> None:
        super().__init__(detail_zh, detail_en)
        self.first_open = first_open
        self.first_day = str(first_open)
        self.blocking = blocking


class FeedExpired(ReliefError):
    code = "feed.expired"

    def __init__(self) -> None:
        super().__init__(
            "变更流只保留 90 天，此游标之后的已删除；请先重读列表，再以 after=latest 开始。",
            "The feed keeps 90 days and what followed this cursor is gone: read the lists again, "
            "then start with after=latest.",
        )


class FeedRestored(ReliefError):
    code = "feed.restored"

    def __init__(self) -> None:
        super().__init__(
            "服务已从备份恢复，此游标所在的变更已撤销；请先重读列表，再以 after=latest 开始。",
            "The service was restored from a backup made before this cursor: read the lists again, "
            "then start with after=latest.",
        )
