"""Whose tokens are believed: our own, and the bureau's identity provider's."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

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


class IdentitySettings(BaseSettings):
    """Tokens, and what the identity provider's claims mean here."""

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

    def role_words(self) -> dict[str, str]:
        """Give the identity provider's words with the roles that they stand for."""
        pairs = (part.partition("=") for part in self.oidc_roles.split(","))
        return {word: role for word, _, role in pairs}
