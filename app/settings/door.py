"""Where the API listens, whom it answers, and how often."""

from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.kinds import Network, NetworkList, listed


class DoorSettings(BaseSettings):
    """Addresses, hosts, proxies, and what one caller may ask for."""

    host: str = Field(
        "127.0.0.1", min_length=1, description="API 监听地址。 Address the API listens on."
    )
    port: int = Field(8080, ge=1, le=65535, description="API 端口。 Port of the API.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+[^\s]*$",
        description="对外网址；默认 http://主机:端口。 The address that others see.",
    )
    drain_seconds: float = Field(
        3,
        ge=0,
        le=120,
        description="收到停止信号后，最多再等多少秒让对方换连接，然后关门。"
        " After a signal to stop: how long callers are sent away before the door closes.",
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
    reveals_per_hour: int = Field(
        60,
        ge=1,
        le=10_000,
        description="每把密钥每小时可查看完整个人信息的次数。 Reveals per key and hour.",
    )

    def hosts(self) -> frozenset[str]:
        """Give the host names that are answered for, in lower case; empty: any."""
        if self.allowed_hosts is None:
            own = {"localhost", "127.0.0.1", "[::1]", self.host.lower()}
            public = urlsplit(self.base_url()).hostname or ""
            return frozenset(own | {f"[{public}]" if ":" in public else public})
        named = frozenset(part.strip().lower() for part in self.allowed_hosts.split(","))
        return frozenset() if "*" in named else named - {""}

    def proxies(self) -> tuple[Network, ...]:
        """Give the networks of the proxies that are believed."""
        return listed(self.trusted_proxies)

    def base_url(self) -> str:
        """The service's address without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
