"""Whose tokens are believed, and for how long; fixed for the life of a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.crypto.tokens import TokenKeys
from app.domain.caller import Role
from app.outside.key_sets import KeySource

LIFE_MAX = timedelta(minutes=10)  # of an access token of ours
ASSERTION_MAX = timedelta(minutes=5)  # of an assertion that a client signs


@dataclass(frozen=True, slots=True)
class OidcTrust:
    """The bureau's identity provider. `roles` translates its words; `most` bounds a token's life.

    The three claims carry a staff number (`HOLDER`), a word of `roles` and a 12-digit code.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    keys: KeySource
    subject_claim: str
    role_claim: str
    area_claim: str
    roles: Mapping[str, Role]
    most: timedelta


@dataclass(frozen=True, slots=True)
class Trust:
    """`issuer` is our own address, which our tokens name as issuer and audience."""

    issuer: str
    keys: TokenKeys
    life: timedelta
    oidc: OidcTrust | None = None

    @property
    def token_endpoint(self) -> str:
        """Where assertions are sent to; they name it, or the issuer, as their audience."""
        return f"{self.issuer}/v1/oauth/token"
