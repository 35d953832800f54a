"""Whom the service calls, and how long it waits for them."""

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.kinds import Network, NetworkList, listed


class OutsideSettings(BaseSettings):
    """Insurers and receivers of webhooks."""

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

    def networks(self) -> tuple[Network, ...]:
        """Give the inside networks that insurers may be called in."""
        return listed(self.insurer_networks)

    def webhook_ranges(self) -> tuple[Network, ...]:
        """Give the inside networks that webhooks may go to."""
        return listed(self.webhook_networks)
