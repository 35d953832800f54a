"""What may be an endpoint: an address that we may call, types that there are."""

from collections.abc import Sequence

from app.domain.errors import Fault, Invalid
from app.domain.event_words import TOLD_RESOURCES, TOLD_TYPES
from app.outside.addresses import AddressRefused, Network, check_url

_ADDRESS_WORDS = {
    "address_malformed": (
        "地址应为 https:// 加主机和路径，不含账号、参数和片段",
        "an address is https:// with host and path, without user, query and fragment",
    ),
    "address_unresolved": ("地址的主机名无法解析", "the address's host cannot be resolved"),
    "address_inside": (
        "地址指向内部网络；确需投递时，请系统管理员将该网段列入 RELIEF_WEBHOOK_NETWORKS",
        "the address leads to an inside network: the operator lists it in RELIEF_WEBHOOK_NETWORKS",
    ),
}


async def check_address(url: str, allowed: Sequence[Network]) -> None:
    """Check an address before anything is stored: it is resolved, and judged as when connecting.

    Plain http is for the listed inside networks alone. Raises Invalid, which names the reason.
    """
    plain = url.lower().startswith("http://")
    try:
        await check_url(url, allowed)
    except AddressRefused as refused:
        raise _wrong("/url", *_ADDRESS_WORDS[refused.reason]) from None
    if plain and await _is_public(url):
        raise _wrong("/url", "公网地址须用 https", "an address of the public net is https")


def check_types(types: Sequence[str]) -> None:
    """Check the types that an endpoint asks for: `claim.decide`, or `claim` for all of claims.

    Raises Invalid for one that there is not.
    """
    for place, type_ in enumerate(types):
        if type_ not in TOLD_TYPES and type_ not in TOLD_RESOURCES:
            raise _wrong(f"/types/{place}", "没有这种事件", "there is no such type of event")


async def _is_public(url: str) -> bool:
    try:
        await check_url(url)
    except AddressRefused:
        return False
    return True


def _wrong(pointer: str, message_zh: str, message_en: str) -> Invalid:
    return Invalid(Fault(pointer, "validation.failed", message_zh, message_en))
