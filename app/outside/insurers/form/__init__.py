"""The `form` dialect: a partner gateway as Chinese open platforms have it.

One address, form fields, `biz_content` as JSON, RSA-SHA256 both ways, three case numbers (ours,
the platform's, the insurer's), amounts as integers of fen, and reject codes of their own.
"""

from app.outside.insurers.form.gateway import FormDialect
from app.outside.insurers.form.notify import to_event, verify
from app.outside.insurers.form.signing import is_gateway_key, is_own_key

__all__ = ["FormDialect", "is_gateway_key", "is_own_key", "to_event", "verify"]
