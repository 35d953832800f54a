"""The tree of refusals. Each leaf carries a stable dotted `code` from the public registry.

ReliefError
├── NotFound              resource.not_found      unknown, or not the caller's to see
├── Forbidden             auth.forbidden          the role may not do this act
├── OutOfArea             auth.out_of_area        creating something outside the caller's area
├── Invalid               validation.failed       one or more fields are wrong; each has a Fault
├── TermsInvalid          terms.invalid           terms contradict themselves
├── EvidenceMissing       evidence.missing        papers needed before submitting
├── DuplicateNotice       claim.duplicate         a live notice exists for the same settlement
├── IllegalMove           claim.invalid_transition
├── VersionStale          version.stale           somebody changed it meanwhile
├── CallbackConflict      callback.conflict       same event id, other body
└── AccountNameMismatch   payout.account_name_mismatch
HTTP numbers and the Chinese and English titles are decided in `api`, in one place.
"""

from dataclasses import dataclass


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


class AccountNameMismatch(ReliefError):
    code = "payout.account_name_mismatch"
