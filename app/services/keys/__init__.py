"""API keys: who holds one, for which role and place."""

from app.services.keys.authenticate import authenticate
from app.services.keys.issue_key import Binding, IssuedKey, issue_key
from app.services.keys.revoke_key import revoke_key, revoke_key_by_id

__all__ = ["Binding", "IssuedKey", "authenticate", "issue_key", "revoke_key", "revoke_key_by_id"]
