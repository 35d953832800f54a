"""One run of the kit: check after check, and what they prove together."""

from dataclasses import dataclass

import httpx

from app.outside.conformance.kit import Kit
from app.outside.conformance.proofs import CHECKS
from app.outside.conformance.wire import WIRE_CHECKS
from app.outside.insurers.port import Endpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what is asked, whether it held, and what was seen if not."""

    code: str
    title_zh: str
    title_en: str
    held: bool
    seen: str


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
    def passed(self) -> bool:
        """Tell whether every check held."""
        return all(finding.held for finding in self.findings)


async def run_kit(client: httpx.AsyncClient, dialect: str, endpoint: Endpoint) -> Report:
    """Run every check of a dialect, one after the other; raises nothing for what the peer does."""
    kit = Kit(client, dialect, endpoint)
    checks = CHECKS | (WIRE_CHECKS if dialect == "rest" else {})
    findings = []
    for code, (title_zh, title_en, check) in checks.items():
        seen = await check(kit)
        findings.append(Finding(code, title_zh, title_en, not seen, seen))
        if code == "accept" and seen:
            break  # nothing further can be told
    await kit.withdraw()
    return Report(tuple(findings), kit.slowest_seconds)
