"""Refusals that only the door makes: about the request itself, never about the case."""

from app.domain.errors import ReliefError


class Malformed(ReliefError):
    """The request cannot be read at all: no JSON, a cursor that is not ours, a wrong header."""

    code = "request.malformed"


class AuthMissing(ReliefError):
    code = "auth.missing"

    def __init__(self) -> None:
        super().__init__(
            "请在 Authorization 请求头中提供 Bearer 接口密钥。",
            "Send an API key as a bearer token in the Authorization header.",
        )


class AuthInvalid(ReliefError):
    code = "auth.invalid"

    def __init__(self) -> None:
        super().__init__(
            "接口密钥无效、已过期或已吊销，请向安全管理员申请。",
            "The API key is unknown, expired or revoked: ask the security administrator.",
        )


class RoleForbidden(ReliefError):
    code = "auth.forbidden"

    def __init__(self) -> None:
        super().__init__(
            "当前角色不能执行此操作。", "The role of this key is not allowed to do this."
        )


class KeyMissing(ReliefError):
    code = "idempotency.key_missing"

    def __init__(self) -> None:
        super().__init__(
            "请在 Idempotency-Key 请求头中提供 1 至 255 个可见字符的幂等号，并在重试时保持不变。",
            "Send an Idempotency-Key header of 1 to 255 visible characters and keep it on retries.",
        )


class KeyReused(ReliefError):
    code = "idempotency.key_reused"

    def __init__(self) -> None:
        super().__init__(
            "此幂等号已用于另一项内容，请为新的请求换用新的幂等号。",
            "This key was used for another request: take a new key for a new request.",
        )


class VersionRequired(ReliefError):
    code = "version.required"

    def __init__(self) -> None:
        super().__init__(
            "请先读取最新数据，并在 If-Match 请求头中带上它的 ETag。",
            "Read the resource first and send its ETag in the If-Match header.",
        )


class NotAcceptable(ReliefError):
    code = "http.not_acceptable"

    def __init__(self) -> None:
        super().__init__(
            "本接口只返回 application/json（报表另可返回 text/csv 和 xlsx）。",
            "This interface answers application/json; reports come as text/csv and xlsx, too.",
        )


class NoWorkbooks(ReliefError):
    """The library that writes workbooks is not installed."""

    code = "http.not_acceptable"

    def __init__(self) -> None:
        super().__init__(
            "本服务未安装 xlsx 组件，请改用 format=csv。",
            "Workbooks are not installed here: ask for format=csv.",
        )


class WrongContentType(ReliefError):
    """`accepted` names the media types that the path takes."""

    code = "http.unsupported_media_type"

    def __init__(self, accepted: tuple[str, ...]) -> None:
        super().__init__(
            f"请用 {' 或 '.join(accepted)} 发送请求内容。",
            f"Send the body as {' or '.join(accepted)}.",
        )
        self.accepted = accepted


class BodyTooLarge(ReliefError):
    """`limit_bytes` is the most that the path takes."""

    code = "request.too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"请求内容超过 {limit_bytes // 1024} KB。",
            f"The body is larger than {limit_bytes // 1024} KB.",
        )
        self.limit_bytes = limit_bytes


class NotReady(ReliefError):
    code = "service.not_ready"

    def __init__(self, detail_zh: str = "", detail_en: str = "") -> None:
        super().__init__(
            detail_zh or "服务暂不可用，请稍后用同一幂等号重试。",
            detail_en or "The service is not ready: retry in a moment with the same key.",
        )


class Unserved(ReliefError):
    """What the framework refuses by number: an unknown path, a wrong method, an unreadable body."""

    def __init__(self, code: str, detail_zh: str, detail_en: str) -> None:
        super().__init__(detail_zh, detail_en)
        self.code = code


class Misdirected(ReliefError):
    """The Host names no host of ours: a wrong proxy, or a page that means to be us."""

    code = "request.misdirected"

    def __init__(self) -> None:
        super().__init__(
            "请求的主机名不属于本服务，请检查地址（RELIEF_ALLOWED_HOSTS）。",
            "The Host is not one of this service: check the address (RELIEF_ALLOWED_HOSTS).",
        )


class HeadersTooLarge(ReliefError):
    code = "request.headers_too_large"

    def __init__(self, most: int, limit_bytes: int) -> None:
        super().__init__(
            f"请求头超过 {most} 个或 {limit_bytes // 1024} KB，或地址过长。",
            f"More than {most} headers or {limit_bytes // 1024} KB of them, or a long address.",
        )


class BodyTooSlow(ReliefError):
    code = "request.timeout"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"请求内容未在 {seconds:g} 秒内到齐。", f"The body did not arrive within {seconds:g} s."
        )


class TokenDenied(ReliefError):
    """The token endpoint says no; `error` is the word of RFC 6749 for client libraries."""

    code = "auth.invalid"
    error = "invalid_client"

    def __init__(self) -> None:
        super().__init__(
            "客户端身份或证明无效。", "The client or its proof is unknown, wrong, old or used."
        )


class TokenAskedWrongly(ReliefError):
    code = "request.malformed"

    def __init__(self, error: str, detail_zh: str, detail_en: str) -> None:
        super().__init__(detail_zh, detail_en)
        self.error = error
