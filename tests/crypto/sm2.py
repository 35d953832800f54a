"""SM2 (GB/T 32918.2) written out once, slow, for tests: it stands for a certified module."""

import secrets

from app.crypto.gm import GmSuite

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
WHO = b"1234567812345678"  # the identity that the standard takes where none is agreed
Point = tuple[int, int] | None
sm3 = GmSuite().digest


def add(p: Point, q: Point) -> Point:
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k: int, p: Point) -> Point:
    found: Point = None
    while k:
        found = add(found, p) if k & 1 else found
        p, k = add(p, p), k >> 1
    return found


def digest(message: bytes, public: tuple[int, int]) -> int:
    numbers = (A, B, *G, *public)
    head = (len(WHO) * 8).to_bytes(2) + WHO + b"".join(n.to_bytes(32) for n in numbers)
    return int.from_bytes(sm3(sm3(head) + message))


class Sm2:
    """One private key; signs and verifies."""

    def __init__(self, key: int, nonce: int | None = None) -> None:
        self._key, self._nonce = key, nonce
        public = times(key, G)
        assert public is not None
        self.public = public

    def sign(self, message: bytes) -> bytes:
        k = self._nonce or secrets.randbelow(N - 1) + 1
        point = times(k, G)
        assert point is not None
        r = (digest(message, self.public) + point[0]) % N
        s = pow(1 + self._key, -1, N) * (k - r * self._key) % N
        return r.to_bytes(32) + s.to_bytes(32)

    def verify(self, message: bytes, signature: bytes) -> bool:
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        if len(signature) != 64 or not (0 < r < N and 0 < s < N):
            return False
        point = add(times(s, G), times((r + s) % N, self.public))
        return point is not None and (digest(message, self.public) + point[0]) % N == r

    def public_key(self) -> bytes:
        return b"\x04" + self.public[0].to_bytes(32) + self.public[1].to_bytes(32)


def module() -> Sm2:
    """Open the module, as a setting names it."""
    return Sm2(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
