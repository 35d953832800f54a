"""Every setting of the house: environment variables with the prefix RELIEF_, or secret files.

A file named like a field in lower case with its prefix (`relief_master_key`) in the folder
RELIEF_SECRETS_DIR (default /run/secrets) sets that field too; the environment wins. A secret may
also stand in a file that its variable with _FILE names (RELIEF_MASTER_KEY_FILE). The table in the
README is made from the descriptions here.
"""

import base64
import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RELIEF_"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MASTER_KEY_BYTES = 32
# Whom the bureau's identity provider may vouch for: its own people, never an insurer.
OIDC_ROLES = frozenset(
    {
        "township",
        "county",
        "prefecture",
        "province",
        "dashboard",
        "system",
        "security",
        "audit",
    }
)


class SettingsInvalid(Exception):
    """One or more settings are wrong: names each variable and what is allowed, never its value."""


def state_dir() -> Path:
    """Where this user's data lives when nothing is said; never inside the checkout."""
    if os.geteuid() == 0:
        # Other users' processes (the database server) must reach it: /root is closed to them.
        return Path("/var/lib/relief")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "relief"


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgresql+asyncpg://")):
        raise ValueError("must begin with postgresql://")
    return value


KeyEntry = tuple[int, str | None, bytes]  # version, suite when it is named, 32 random bytes
_KEY_ENTRY = re.compile(r"(?:(\d{1,3}):)?(?:(intl|gm):)?([A-Za-z0-9+/]{43}=)", re.ASCII)
_LAST_VERSION = 255


def _key_entries(text: str) -> tuple[KeyEntry, ...]:
    """Read `[version:][suite:]base64` by commas or lines; empty when anything is wrong."""
    entries: list[KeyEntry] = []
    for part in text.replace(",", " ").split():
        found = _KEY_ENTRY.fullmatch(part)
        version = int(found[1] or 1) if found else 0
        if found is None or not 1 <= version <= _LAST_VERSION:
            return ()
        entries.append((version, found[2], base64.b64decode(found[3])))
    return tuple(entries) if len({entry[0] for entry in entries}) == len(entries) else ()


def _keys_of_32_bytes(value: SecretStr) -> SecretStr:
    if not _key_entries(value.get_secret_value()):
        raise ValueError("must be 32 random bytes in base64 (44 characters), or several of them")
    return value


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
MasterKeys = Annotated[SecretStr, AfterValidator(_keys_of_32_bytes)]


def _networks(value: str) -> str:
    for part in value.split(","):
        try:
            if part.strip():
                ipaddress.ip_network(part.strip())
        except ValueError:
            # From None: the library's own words would quote the value.
            raise ValueError("must be networks as 10.8.0.0/16, by commas") from None
    return value


NetworkList = Annotated[str, AfterValidator(_networks)]


class Settings(BaseSettings):
    """Values are fixed for the life of a process; read once with `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: PostgresUrl | None = Field(
        None,
        description="PostgreSQL 连接（≥ 15）；不填则用内置数据库。"
        " The database the service works on; empty: the embedded PostgreSQL.",
    )
    owner_url: PostgresUrl | None = Field(
        None,
        description="迁移用的属主连接；不填则同 RELIEF_DATABASE_URL。"
        " The owner's connection for migrations; empty: the same.",
    )
    replica_url: PostgresUrl | None = Field(
        None,
        description="只读副本的连接，报表由它读；不填则同 RELIEF_DATABASE_URL。"
        " Read-only replica for reports; empty: the database itself.",
    )
    db_pgbouncer: bool = Field(
        default=False,
        description="RELIEF_DATABASE_URL 指向 PgBouncer（事务模式）；须另设 RELIEF_DIRECT_URL。"
        " The database URL leads to PgBouncer in transaction mode.",
    )
    direct_url: PostgresUrl | None = Field(
        None,
        description="不经连接池的数据库连接：接收通知、（无属主连接时）迁移；不填则同上。"
        " The database past any pooler, for LISTEN and, without an owner's URL, migrations.",
    )
    pg_bindir: Path | None = Field(
        None,
        description="内置数据库所用 PostgreSQL 程序目录。"
        " Folder with PostgreSQL's programs for the embedded server.",
    )
    data_dir: Path = Field(
        default_factory=state_dir,
        description="本机数据目录；默认 ~/.local/state/relief，root 为 /var/lib/relief。"
        " Local data; default ~/.local/state/relief, for root /var/lib/relief.",
    )
    document_dir: Path | None = Field(
        None,
        description="材料文件目录；默认在数据目录下的 documents。"
        " Uploaded papers; default: documents below the data folder.",
    )
    document_s3_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+/[^\s/]+/?$",
        description="材料存于 S3 兼容存储时的桶地址（https://主机/桶）；不填则存本机目录。"
        " Bucket of an S3-compatible store for papers; empty: the local folder.",
    )
    document_s3_region: str = Field(
        "us-east-1", min_length=1, description="S3 区域名。 Region of the S3 store."
    )
    document_s3_access_key: str | None = Field(
        None, description="S3 访问密钥标识。 Access key id of the S3 store."
    )
    document_s3_secret_key: SecretStr | None = Field(
        None, description="S3 访问密钥。 Secret key of the S3 store."
    )
    roots_dir: Path | None = Field(
        None,
        description="审计链根文件目录，每小时一个；默认在数据目录下的 roots，宜挂载到只增存储。"
        " Signed roots of the audit trail, hourly; best on a store that only adds.",
    )
    drop_dir: Path | None = Field(
        None,
        description="批量文件交换目录，每家保险公司一个子目录；默认在数据目录下的 drop。"
        " Folders of insurers that deal in files; default: drop below the data folder.",
    )
    max_document_bytes: int = Field(
        20 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="单份材料的最大字节数。 Largest upload in bytes.",
    )
    master_key: MasterKeys | None = Field(
        None,
        description="主密钥，32 字节的 base64；轮换期间可列多把 `版本:套件:密钥`，首把用于写入；"
        "不填则首次生成于数据目录的 master.key（0600）。"
        " Master key, 32 bytes in base64; while rotating several as `version:suite:key`, the first"
        " one writes; empty: made once in the data folder.",
    )
    suite: Literal["intl", "gm"] = Field(
        "intl",
        description="密码套件：intl（AES-256-GCM、SHA-256）或 gm（SM4-GCM、SM3）。 Cipher suite.",
    )
    signing_module: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="SM2 等经认证签名模块的入口 `包.模块:函数`；不填则用 Ed25519。"
        " A certified module that signs, as `package.module:function`; empty: Ed25519.",
    )
    host: str = Field(
        "127.0.0.1", min_length=1, description="API 监听地址。 Address the API listens on."
    )
    port: int = Field(8080, ge=1, le=65535, description="API 端口。 Port of the API.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+[^\s]*$",
        description="对外网址；默认 http://主机:端口。 The address that others see.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="日志级别。 Log level."
    )
    drain_seconds: float = Field(
        3,
        ge=0,
        le=120,
        description="收到停止信号后，最多再等多少秒让对方换连接，然后关门。"
        " After a signal to stop: how long callers are sent away before the door closes.",
    )
    traces_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="追踪接收器的 OTLP/HTTP 地址（…/v1/traces），须装 otel 附加组件；不填则不追踪。"
        " Collector that spans are sent to, as OTLP over HTTP; needs the extra otel.",
    )
    traces_ratio: float = Field(
        0.1, ge=0, le=1, description="发送的追踪占比，0 到 1。 Share of traces that is sent."
    )
    pool_size: int = Field(
        10, ge=1, le=100, description="每个进程的数据库连接数。 Connections per process."
    )
    worker_concurrency: int = Field(
        4, ge=1, le=64, description="每个工作进程同时处理的任务数。 Jobs at once per worker."
    )
    heartbeat_file: Path | None = Field(
        None,
        description="后台任务每五秒触碰的文件，供容器探活；不填则没有。"
        " File that the worker touches every five seconds, for whoever watches it.",
    )
    lease_seconds: int = Field(
        60,
        ge=5,
        le=3600,
        description="任务租约秒数，须大于 RELIEF_INSURER_DEADLINE_SECONDS。"
        " Lease of a job; longer than the insurer's deadline.",
    )
    poll_seconds: float = Field(
        0.5, ge=0.01, le=60, description="工作进程轮询间隔秒数。 Pause between polls."
    )
    guard_seconds: int = Field(
        300,
        ge=1,
        le=86400,
        description="两轮不变量核对之间的秒数。 Pause between two rounds over the invariants.",
    )
    reveals_per_hour: int = Field(
        60,
        ge=1,
        le=10_000,
        description="每把密钥每小时可查看完整个人信息的次数。 Reveals per key and hour.",
    )
    retention_case_days: int = Field(
        3_653,
        ge=1_827,
        le=36_525,
        description="结案后赔案与个人资料的保存天数，不得少于五年（保险法第八十七条）。"
        " Days a closed case is kept; the law asks for five years.",
    )
    retention_log_days: int = Field(
        1_827,
        ge=184,
        le=36_525,
        description="查看记录等日志的保存天数，不得少于六个月（网络安全法）。"
        " Days that records of access are kept; the law asks for six months.",
    )
    retention_draft_days: int = Field(
        365,
        ge=30,
        le=3_653,
        description="未提交的草稿保存天数。 Days that a draft nobody submits is kept.",
    )
    insurer_deadline_seconds: float = Field(
        20, gt=0, le=300, description="一次保险公司调用的总时限秒数。 Deadline of one call."
    )
    insurer_networks: NetworkList | None = Field(
        None,
        description="允许调用的内部网段，CIDR 以逗号分隔；不填则只可调用公网地址。"
        " Inside networks that insurers may live in, CIDR, by commas.",
    )
    webhook_networks: NetworkList | None = Field(
        None,
        description="允许投递事件通知的内部网段，CIDR 以逗号分隔；不填则只可投递到公网 https 地址。"
        " Inside networks that webhooks may go to, CIDR, by commas; public addresses need https.",
    )
    webhook_deadline_seconds: float = Field(
        10, gt=0, le=30, description="一次事件通知的总时限秒数。 Deadline of one webhook call."
    )
    allowed_hosts: str | None = Field(
        None,
        pattern=r"^[^\s/@]+$",
        description="允许的主机名，以逗号分隔，* 为不限；默认为本机与 RELIEF_PUBLIC_URL 的主机。"
        " Hosts answered for, by commas; default: this machine and the public address.",
    )
    trusted_proxies: NetworkList | None = Field(
        None,
        description="可信反向代理网段，CIDR；只信其 X-Forwarded-For。"
        " Proxies whose X-Forwarded-For is believed, CIDR, by commas.",
    )
    body_seconds: float = Field(
        30, gt=0, le=600, description="接收请求内容的总时限秒数。 Time for a body to arrive."
    )
    rate_per_key: int = Field(
        12_000,
        ge=1,
        description="每个密钥每分钟请求数（每进程）。 Requests a minute of one key, per process.",
    )
    rate_per_address: int = Field(
        60_000,
        ge=1,
        description="每个地址每分钟请求数（每进程）。 Requests a minute of one address.",
    )
    refusals_per_address: int = Field(
        30,
        ge=1,
        description="同一地址五分钟内可被拒绝的凭证次数（全体进程合计），超过则答 429。"
        " Refused credentials of one address in five minutes before it is told to wait.",
    )
    lookups_per_hour: int = Field(
        300,
        ge=1,
        description="每个密钥每小时按证件号查人的次数（全体进程合计）。"
        " Look-ups of people an hour of one key, over all processes.",
    )
    token_seconds: int = Field(
        600, ge=60, le=600, description="访问令牌有效秒数。 Life of an access token."
    )
    token_key_version: int = Field(
        1,
        ge=1,
        le=1000,
        description="令牌签名密钥版本；加一即轮换，前一版仍可验签。"
        " Version of the token signing key; one more rotates it, the one before still verifies.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="民政统一身份认证的签发方；不填则不接受其令牌。"
        " Issuer of the bureau's identity provider; empty: none is believed.",
    )
    oidc_audience: str = Field("relief", description="令牌受众。 Audience of its tokens.")
    oidc_algorithms: str = Field(
        "RS256,PS256,ES256,ES384,Ed25519",
        pattern=r"^(RS256|PS256|ES256|ES384|Ed25519)(,(RS256|PS256|ES256|ES384|Ed25519))*$",
        description="允许的签名算法，只有非对称算法。 Algorithms, asymmetric ones only.",
    )
    oidc_jwks_file: Path | None = Field(
        None, description="其公钥集文件（JWKS）。 Its public keys as a file."
    )
    oidc_jwks_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="其公钥集地址，自动更新；与文件二选一。 Or the address of its public keys.",
    )
    oidc_subject_claim: str = Field(
        "sub",
        description="人员编号声明名：工号或 UUID，不得为姓名、证件号、手机号。"
        " The claim with the staff number; never a name, an ID or a phone number.",
    )
    oidc_role_claim: str = Field("role", description="角色声明名。 The claim with the role.")
    oidc_area_claim: str = Field(
        "area_code", description="12 位区划声明名。 The claim with the 12-digit area code."
    )
    oidc_roles: str = Field(
        "township=township,county=county,prefecture=prefecture,province=province,"
        "dashboard=dashboard",
        pattern=r"^[^=,\s]+=[a-z]+(,[^=,\s]+=[a-z]+)*$",
        description="对方角色词=本系统角色，以逗号分隔。 Its words for our roles, by commas.",
    )
    oidc_max_seconds: int = Field(
        3600, ge=60, le=86_400, description="其令牌的最长寿命秒数。 Longest life of its tokens."
    )
    sandbox: bool = Field(
        default=False, description="沙箱：测试工具与演示数据可用。 Sandbox: test helpers are open."
    )

    def papers_dir(self) -> Path:
        """Where uploaded papers are kept."""
        return self.document_dir or self.data_dir / "documents"

    def hosts(self) -> frozenset[str]:
        """Give the host names that are answered for, in lower case; empty: any."""
        if self.allowed_hosts is None:
            own = {"localhost", "127.0.0.1", "[::1]", self.host.lower()}
            public = urlsplit(self.base_url()).hostname or ""
            return frozenset(own | {f"[{public}]" if ":" in public else public})
        named = frozenset(part.strip().lower() for part in self.allowed_hosts.split(","))
        return frozenset() if "*" in named else named - {""}

    def role_words(self) -> dict[str, str]:
        """Give the identity provider's words with the roles that they stand for."""
        pairs = (part.partition("=") for part in self.oidc_roles.split(","))
        return {word: role for word, _, role in pairs}

    def proxies(self) -> tuple[Network, ...]:
        """Give the networks of the proxies that are believed."""
        return _listed(self.trusted_proxies)

    def networks(self) -> tuple[Network, ...]:
        """Give the inside networks that insurers may be called in."""
        return _listed(self.insurer_networks)

    def webhook_ranges(self) -> tuple[Network, ...]:
        """Give the inside networks that webhooks may go to."""
        return _listed(self.webhook_networks)

    def drop_folder(self) -> Path:
        """Where insurers that deal in files have their folders."""
        return self.drop_dir or self.data_dir / "drop"

    def roots_folder(self) -> Path:
        """Where the signed roots of the audit trail are published."""
        return self.roots_dir or self.data_dir / "roots"

    def base_url(self) -> str:
        """The service's address without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def migration_url(self) -> str | None:
        """The owner's URL in clear, None for the embedded server."""
        url = self.owner_url or self.direct_url or self.database_url
        return None if url is None else url.get_secret_value()

    def listening_url(self) -> str | None:
        """The service's URL past any pooler, in clear; None for the embedded server."""
        url = self.direct_url or self.database_url
        return None if url is None else url.get_secret_value()

    def service_url(self) -> str | None:
        """The service's database URL in clear, None for the embedded server."""
        return None if self.database_url is None else self.database_url.get_secret_value()


# What may stand in a file of its own.
SECRETS = tuple(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)


def _listed(networks: str | None) -> tuple[Network, ...]:
    parts = (part.strip() for part in (networks or "").split(","))
    return tuple(ipaddress.ip_network(part) for part in parts if part)


def load_settings() -> Settings:
    """Read the environment and the secret files. Raises SettingsInvalid."""
    folder = Path(os.environ.get(f"{PREFIX}SECRETS_DIR") or "/run/secrets")
    given = _from_files()
    try:
        settings = Settings(_secrets_dir=folder if folder.is_dir() else None, **given)
    except ValidationError as error:
        # From None: the original error would carry the values.
        raise SettingsInvalid("\n".join(_in_words(error))) from None
    if settings.lease_seconds <= settings.insurer_deadline_seconds:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}LEASE_SECONDS：必须大于 {PREFIX}INSURER_DEADLINE_SECONDS"
            " / must be greater, or a slow call would be made twice"
        )
    _check_pooler(settings)
    _check_oidc(settings)
    return settings


def _check_pooler(settings: Settings) -> None:
    if settings.db_pgbouncer and (settings.database_url is None or settings.direct_url is None):
        raise SettingsInvalid(
            f"配置有误 {PREFIX}DB_PGBOUNCER：须同时设置 {PREFIX}DATABASE_URL（连接池）与"
            f" {PREFIX}DIRECT_URL（数据库） / needs the pooler's URL and the database's own"
        )


def _check_oidc(settings: Settings) -> None:
    sources = (settings.oidc_jwks_file, settings.oidc_jwks_url)
    if settings.oidc_issuer is not None and sum(one is not None for one in sources) != 1:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}OIDC_ISSUER：须另设 {PREFIX}OIDC_JWKS_FILE 与 {PREFIX}OIDC_JWKS_URL"
            " 之一 / exactly one source of its public keys is needed"
        )
    unknown = set(settings.role_words().values()) - OIDC_ROLES
    if unknown:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}OIDC_ROLES：可用角色 {', '.join(sorted(OIDC_ROLES))}"
            " / a role that nobody may bring along"
        )


def secret_files() -> dict[str, Path]:
    """Give the files that variables with _FILE name, by field."""
    named = {name: os.environ.get(f"{PREFIX}{name.upper()}_FILE") for name in SECRETS}
    return {name: Path(path) for name, path in named.items() if path}


def _from_files() -> dict[str, Any]:
    """Read the secrets that stand in files. Raises SettingsInvalid."""
    found: dict[str, Any] = {}
    for name, path in secret_files().items():
        variable = f"{PREFIX}{name.upper()}"
        if os.environ.get(variable):
            raise SettingsInvalid(
                f"配置有误 {variable}：与 {variable}_FILE 只能设置一个 / set one of the two"
            )
        try:
            found[name] = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            raise SettingsInvalid(
                f"配置有误 {variable}_FILE：读不了文件 / the file cannot be read"
            ) from None
    return found


def _in_words(error: ValidationError) -> list[str]:
    """Say for each fault which variable, what it holds (secrets hidden) and what is allowed."""
    said = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(fault["loc"][0])
        said[name] = (
            f"配置有误 {PREFIX}{name.upper()}：现为 {_held(name)}，允许 {allowed(name)}。"
            f" / wrong setting: {fault['msg']}"
        )
    return list(said.values())


HIDDEN = "（已隐藏 hidden）"
_SHOWN_MAX = 60
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")


def _held(name: str) -> str:
    """Give what a variable holds, for a message: never a secret, nor a login inside an address."""
    if name in SECRETS:
        return HIDDEN
    text = os.environ.get(f"{PREFIX}{name.upper()}")
    if text is None:
        return "（来自文件 from a file）"
    text = _USERINFO.sub("", text)
    return f"“{text[:_SHOWN_MAX]}{'…' if len(text) > _SHOWN_MAX else ''}”"


def allowed(name: str) -> str:
    """Say what a setting may be."""
    told = Settings.model_json_schema()["properties"][name]
    kind = next(one for one in told.get("anyOf", [told]) if one.get("type") != "null")
    if "enum" in kind:
        return "、".join(kind["enum"])
    least = kind.get("minimum", kind.get("exclusiveMinimum"))
    if least is not None:
        most = kind.get("maximum")
        over = "大于 more than " if "exclusiveMinimum" in kind else ""
        return f"{over}{least}" + (f" – {most}" if most is not None else " 起 or more")
    if "pattern" in kind:
        return f"形如 like {kind['pattern']}"
    if kind["type"] == "boolean":
        return "true、false"
    return _ALLOWED_TEXTS.get(name, "见 README 的配置表 see the README's table")


_ALLOWED_TEXTS = {
    **dict.fromkeys(
        ("database_url", "owner_url", "direct_url", "replica_url"),
        "postgresql://用户:口令@主机:端口/库 user:password@host:port/database",
    ),
    "master_key": "32 字节的 base64，44 个字符 32 bytes in base64",
    **dict.fromkeys(("insurer_networks", "trusted_proxies"), "10.8.0.0/16，以逗号分隔 by commas"),
}


def unknown_variables() -> list[str]:
    """Give the variables that look like settings and are none: a word misspelt does nothing."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS} | {f"{PREFIX}SECRETS_DIR"}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def master_keys(settings: Settings) -> tuple[tuple[int, str, bytes], ...]:
    """The master keys as (version, suite, 32 bytes); the first one writes.

    One is made, mode 0600, when none is configured. Raises SettingsInvalid when the stored file is
    damaged: guessing would lose every sealed value.
    """
    if settings.master_key is not None:
        entries = _key_entries(settings.master_key.get_secret_value())
    else:
        path = key_file(settings)
        if not path.exists():
            _make_key(path)
        entries = _key_entries(path.read_text(errors="replace"))
        if not entries:
            raise SettingsInvalid(f"主密钥文件已损坏 {path} / the master key file is damaged")
    return tuple((version, suite or settings.suite, key) for version, suite, key in entries)


def key_file(settings: Settings) -> Path:
    """Where the master keys are kept when none is configured."""
    return settings.data_dir / "master.key"


def write_key_file(path: Path, keys: tuple[tuple[int, str, bytes], ...]) -> None:
    """Put other master keys in the file's place, whole or not at all."""
    lines = [f"{version}:{suite}:{base64.b64encode(key).decode()}" for version, suite, key in keys]
    fresh = _fresh_file(path, "\n".join(lines).encode() + b"\n")
    fresh.replace(path)


def new_master_key() -> bytes:
    """Give 32 random bytes."""
    return secrets.token_bytes(MASTER_KEY_BYTES)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh_file(path, base64.b64encode(new_master_key()))
    try:
        # A link fails when another process was first: then its key stands, and ours goes.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _fresh_file(path: Path, content: bytes) -> Path:
    """Write a new file beside `path`, mode 0600, safely on disk."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh
