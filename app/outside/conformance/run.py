"""One run of the kit: check after check, and what they prove together."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from app.outside.conformance.abilities import (
    ACCOUNT_CHECKS,
    STATEMENT_CHECKS,
    WIRE_ACCOUNT_CHECKS,
)
from app.outside.conformance.kit import Check, Kit
from app.outside.conformance.proofs import CHECKS
from app.outside.conformance.wire import WIRE_CHECKS
from app.outside.insurers.port import Endpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what is asked, whether it held, and what was seen if not.

    Without what is `wanted` a system does not pass; the others only give it an ability more.
    """

    code: str
    title_zh: str
    title_en: str
    held: bool
    seen: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """Every check of one run. `reached` is False when the system answered nothing at all."""

    findings: tuple[Finding, ...]
    slowest_seconds: float

    def _held(self, *codes: str) -> bool:
        held = {finding.code for finding in self.findings if finding.held}
        return held.issuperset(codes)

    @property
    def reached(self) -> bool:
        """Tell whether the system took a first instruction."""
        return self._held("accept")

    @property
    def honours_key(self) -> bool:
        """Proven: a repeated key has one effect, whatever became of the first answer."""
        return self._held("accept", "same_key", "side_by_side", "answer_lost", "other_body")

    @property
    def can_be_asked(self) -> bool:
        """Proven: it tells what it has from what it never had."""
        return self._held("accept", "ask_known", "ask_unknown", "ask_after_lost")

    @property
    def gives_statements(self) -> bool:
        """Proven: it gives a day's statement, adds it up, and gives it to us alone."""
        return self._held("accept", *STATEMENT_CHECKS)

    @property
    def can_check_account(self) -> bool:
        """Proven: it tells an account of a name from somebody else's."""
        tried = {finding.code for finding in self.findings}
        return self._held("accept", *ACCOUNT_CHECKS, *(tried & WIRE_ACCOUNT_CHECKS.keys()))

    @property
    def passed(self) -> bool:
        """Tell whether every check held that is wanted of all."""
        return all(finding.held for finding in self.findings if finding.wanted)


async def run_kit(client: httpx.AsyncClient, dialect: str, endpoint: Endpoint) -> Report:
    """Run every check of a dialect, one after the other; raises nothing for what the peer does."""
    kit = Kit(client, dialect, endpoint)
    rest = dialect == "rest"
    findings = await _run(kit, CHECKS | (WIRE_CHECKS if rest else {}), wanted=True)
    if findings[0].held:
        more = ACCOUNT_CHECKS | (WIRE_ACCOUNT_CHECKS | STATEMENT_CHECKS if rest else {})
        findings += await _run(kit, more, wanted=False)
    await kit.withdraw()
    return Report(tuple(findings), kit.slowest_seconds)


async def _run(
    kit: Kit, checks: Mapping[str, tuple[str, str, Check]], *, wanted: bool
) -> list[Finding]:
    findings = []
    for code, (title_zh, title_en, check) in checks.items():
        seen = await check(kit)
        findings.append(Finding(code, title_zh, title_en, not seen, seen, wanted))
        if code == "accept" and seen:
            break  # nothing further can be told
    return findings
