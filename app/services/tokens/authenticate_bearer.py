"""Tell who bears a token: an API key, an access token of ours, or one of the identity provider."""

from collections.abc import Mapping
from uuid import UUID

from app.crypto.tokens import TokenRefused, check_claims, unverified_claims, verified_claims
from app.db.keys import find_client, roles_of_holder
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, area_range
from app.domain.seats import HOLDER, go_together
from app.services.keys.authenticate import authenticate, caller_of_key, may_call_from
from app.services.keys.issue_key import suits
from app.services.tokens.trust import OidcTrust, Trust


async def authenticate_bearer(
    database: Database, trust: Trust, token: str, address: str | None = None
) -> Caller | None:
    """Give the caller that a bearer token stands for; None when it stands for nobody (any more).

    `address` is where the call comes from. A token's times are held against the database's real
    clock, and whether its client or person still may is asked of the database each time.
    Raises TokenRefused, with a reason for the log, for a token that is not good.
    """
    if "." not in token:
        return await authenticate(database, token, address)
    issuer = unverified_claims(token).get("iss")
    if issuer == trust.issuer:
        return await _ours(database, trust, token, address)
    if trust.oidc is not None and issuer == trust.oidc.issuer:
        return await _of_provider(database, trust.oidc, token)
    raise TokenRefused("issuer")


async def _ours(database: Database, trust: Trust, token: str, address: str | None) -> Caller | None:
    claims = verified_claims(token, trust.keys.public(), ("Ed25519",))
    try:
        client_id = UUID(str(claims.get("client_id")))
    except ValueError:
        raise TokenRefused("client") from None
    found = await find_client(database, client_id)
    if found is None:  # revoked or ended since
        return None
    key, now = found
    check_claims(claims, issuer=trust.issuer, audience=(trust.issuer,), now=now, most=trust.life)
    return caller_of_key(key) if may_call_from(key, address) else None


async def _of_provider(database: Database, oidc: OidcTrust, token: str) -> Caller:
    claims = verified_claims(token, await oidc.keys.keys_for(token), oidc.algorithms)
    holder = claims.get(oidc.subject_claim)
    # What may be an ID or phone number, or somebody's name, never becomes an actor.
    if not isinstance(holder, str) or not HOLDER.fullmatch(holder):
        raise TokenRefused("subject")
    held, now = await roles_of_holder(database, holder)
    check_claims(claims, issuer=oidc.issuer, audience=(oidc.audience,), now=now, most=oidc.most)
    role = _role(oidc, claims)
    if not all(go_together(role, Role(other)) for other in held):
        raise TokenRefused("roles_apart")
    area_lo, area_hi = _area(oidc, claims, role)
    return Caller(role, area_lo, area_hi, f"holder:{holder}")


def _role(oidc: OidcTrust, claims: Mapping[str, object]) -> Role:
    told = claims.get(oidc.role_claim)
    words = told if isinstance(told, list) else [told]
    roles = {oidc.roles[word] for word in words if isinstance(word, str) and word in oidc.roles}
    if len(roles) != 1:  # none of ours, or two at once
        raise TokenRefused("role")
    return roles.pop()


def _area(oidc: OidcTrust, claims: Mapping[str, object], role: Role) -> tuple[int, int]:
    told = str(claims.get(oidc.area_claim, "0"))
    code = int(told) if told.isascii() and told.isdigit() and len(told) in (1, 12) else AREA_END
    if not suits(role, code):
        raise TokenRefused("area")
    return area_range(code)
