"""Where we may call: addresses are judged by what they resolve to, when saved and when connecting.

Inside networks (private, loopback, link-local and the like) are closed unless the operator lists
them: an insurer's address must not become a way into the house. The name is resolved by us and the
very address that was judged is connected to, so a name that changes its mind gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore
import httpx

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]

ADDRESSES_MAX = 4  # of one name, tried in turn
RESOLVE_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}
_PORT_END = 2**16
_HOST = re.compile(r"[\w.:-]{1,253}")  # a name, also one in Chinese, or an address
# IPv6 ranges that lead to the IPv4 address in their last 32 bits: NAT64 and translation.
_LEADING_TO_V4 = tuple(ipaddress.IPv6Network(net) for net in ("64:ff9b::/96", "::ffff:0:0:0/96"))
# Not of the public net, whatever the interpreter's own table says of them: site-local, IPv4 written
# as IPv6 of old, local NAT64, documentation, segment routing, and the anycast of 6to4.
_CLOSED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "fec0::/10",
        "::/96",
        "64:ff9b:1::/48",
        "3fff::/20",
        "5f00::/16",
        "192.88.99.0/24",
    )
)


class AddressRefused(ValueError):
    """The address may not be called; `reason` is a word of ours, safe to show and to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConnectionRefusedByUs(httpcore.ConnectError):
    """Nothing was written: the name leads where we do not go."""


async def check_url(
    url: str, allowed: Sequence[Network] = (), resolve: Resolve | None = None
) -> None:
    """Check the address of a peer: http or https, a host, a path, and nothing else.

    Raises AddressRefused: `address_malformed`, `address_unresolved`, `address_inside`.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise AddressRefused("address_malformed") from None
    port = parsed.port or _PORTS.get(parsed.scheme, 0)
    if not (_HOST.fullmatch(parsed.host) and 0 < port < _PORT_END and url.isprintable()):
        raise AddressRefused("address_malformed")
    if "\\" in url or parsed.userinfo or parsed.query or parsed.fragment:
        raise AddressRefused("address_malformed")
    await open_addresses(parsed.host, port, allowed, resolve)


async def open_addresses(
    host: str, port: int, allowed: Sequence[Network], resolve: Resolve | None = None
) -> Sequence[str]:
    """Resolve a host; one closed address among the answers closes the name.

    Raises AddressRefused.
    """
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await (resolve or _resolve)(host, port)
    except (OSError, UnicodeError, TimeoutError):
        raise AddressRefused("address_unresolved") from None
    if not found:
        raise AddressRefused("address_unresolved")
    if not all(is_open(ipaddress.ip_address(one), allowed) for one in found):
        raise AddressRefused("address_inside")
    return found[:ADDRESSES_MAX]


def is_open(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether an address may be called: one of the public net, or of an allowed network.

    An IPv4 address inside an IPv6 one is judged as the IPv4 address that it leads to.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and any(address in network for network in _LEADING_TO_V4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_open(inner, allowed)
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if any(address in network for network in _CLOSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


async def _resolve(host: str, port: int) -> Sequence[str]:
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        pass
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to judged addresses only."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve | None = None) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._beneath = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, judge, connect to what was judged. Raises ConnectionRefusedByUs."""
        try:
            addresses = await open_addresses(host, port, self._allowed, self._resolve)
        except AddressRefused as refused:
            raise ConnectionRefusedByUs(refused.reason) from refused
        *others, last = addresses
        for address in others:
            try:
                return await self._beneath.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._beneath.connect_tcp(last, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: no insurer lives on a socket file."""
        del path, timeout, socket_options
        raise ConnectionRefusedByUs("address_malformed")

    async def sleep(self, seconds: float) -> None:
        """Rest between retries of a connection."""
        await asyncio.sleep(seconds)
