"""Access tokens: ours for clients with a key, and those of the bureau's identity provider."""

from app.services.tokens.authenticate_bearer import authenticate_bearer
from app.services.tokens.issue_token import IssuedToken, issue_token
from app.services.tokens.trust import OidcTrust, Trust

__all__ = ["IssuedToken", "OidcTrust", "Trust", "authenticate_bearer", "issue_token"]
