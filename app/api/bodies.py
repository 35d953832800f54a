"""What a path takes in: how many bytes, of which kind. Decided before anything is parsed."""

import re
from dataclasses import dataclass

from app.api.refusals import BodyTooLarge, NotAcceptable, WrongContentType
from app.domain.errors import DocumentTooLarge, ReliefError

JSON_BYTES = 1024 * 1024
CALLBACK_BYTES = 64 * 1024
STATEMENT_BYTES = 2 * 1024 * 1024  # 5,000 lines
STATEMENT_FILE_BYTES = 64 * 1024 * 1024
MULTIPART_BYTES = 64 * 1024  # what the form around an uploaded file may take
JSON = ("application/json",)
PATCH = ("application/merge-patch+json", "application/json")
MULTIPART = ("multipart/form-data",)
FORM = ("application/x-www-form-urlencoded",)
TOKEN_BYTES = 16 * 1024

_CALLBACK = re.compile(r"/v1/callbacks/[^/]+/events")
_TOKEN = re.compile(r"/v1/oauth/token")
_DOCUMENTS = re.compile(r"/v1/notices/[^/]+/documents")
_STATEMENTS = "/v1/statements"
_STATEMENT_FILES = "/v1/statements/files"
_REPORTS = re.compile(r"/v1/reports/.+|/v1/policies/[^/]+/year-end")
_FILES = (
    "text/*",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_ANSWERED = ("*/*", "application/*", "application/json", "application/problem+json")


@dataclass(frozen=True, slots=True)
class Intake:
    """What one path takes; `types` empty means any."""

    limit_bytes: int
    types: tuple[str, ...]
    refusal: type[BodyTooLarge | DocumentTooLarge] = BodyTooLarge
    told_bytes: int = 0

    @property
    def is_json(self) -> bool:
        """Tell whether JSON comes in, whose shape is judged before it is read.

        Not a callback's: what is well signed is kept as it came, however odd, and is small.
        """
        return JSON[0] in self.types

    def too_large(self) -> ReliefError:
        """Make the refusal of a longer body."""
        return self.refusal(self.told_bytes or self.limit_bytes)

    def check_type(self, content_type: str) -> None:
        """Raise WrongContentType for a content type that is not taken."""
        media_type = content_type.partition(";")[0].strip().lower()
        if self.types and media_type not in self.types:
            raise WrongContentType(self.types)


def intake(method: str, path: str, max_document_bytes: int) -> Intake:
    """Tell what a path takes."""
    if _CALLBACK.fullmatch(path):
        return Intake(CALLBACK_BYTES, ())
    if _DOCUMENTS.fullmatch(path):
        limit = max_document_bytes + MULTIPART_BYTES
        return Intake(limit, MULTIPART, DocumentTooLarge, max_document_bytes)
    if _TOKEN.fullmatch(path):
        return Intake(TOKEN_BYTES, FORM)
    if path == _STATEMENT_FILES:
        return Intake(STATEMENT_FILE_BYTES + MULTIPART_BYTES, MULTIPART)
    if path == _STATEMENTS:
        return Intake(STATEMENT_BYTES, JSON)
    return Intake(JSON_BYTES, PATCH if method == "PATCH" else JSON)


def check_acceptable(accept: str, path: str) -> None:
    """Raise NotAcceptable for an Accept header that admits no JSON, and no file of a report."""
    wanted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    answered = _ANSWERED + _FILES if _REPORTS.fullmatch(path) else _ANSWERED
    if not any(part in answered for part in wanted):
        raise NotAcceptable
