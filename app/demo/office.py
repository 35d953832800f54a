"""An office at work on the public REST interface, through the client that everybody can use."""

import time
from collections.abc import Callable
from typing import Any

from client import Relief, Upload
from client.schemas import ClaimView

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.1

Json = dict[str, Any]


class TooLate(Exception):
    """What was waited for did not happen in time."""


class Office(Relief):
    """One principal: a township, a county bureau. Every write is safe to repeat, and is repeated.

    While the service does not answer (it is being started again) the office asks again with the
    same Idempotency-Key, as any client should, for at most `patience` seconds.
    """

    def __init__(self, url: str, key: str, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(url, key, patience_seconds=patience)
        self._patience = patience

    def attach(self, notice_no: str, kind: str, name: str, content: bytes) -> None:
        """Attach a paper to a notice; the kind is the checklist's code."""
        sent = Upload(name, content, "application/pdf")
        self.attach_document(notice_no, {"kind": kind, "file": sent})

    def follow(
        self,
        claim_no: str,
        there: Callable[[ClaimView], bool],
        changed: Callable[[ClaimView], None] = lambda _: None,
    ) -> ClaimView:
        """Poll a claim with If-None-Match until `there`; tell each new version to `changed`.

        Raises TooLate with the last version's own sentence.
        """
        deadline = time.monotonic() + self._patience
        seen = self.read_claim(claim_no)
        while True:
            if not seen.unchanged:
                etag, claim = seen.etag, seen.body
                changed(claim)
                if there(claim):
                    return claim
            if time.monotonic() > deadline:
                raise TooLate(f"{claim_no}: {claim['sentence_zh']}")
            time.sleep(POLL_SECONDS)
            seen = self.read_claim(claim_no, if_none_match=etag)
