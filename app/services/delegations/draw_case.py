"""Draw a decision under a delegation for a second look, or not: by a lot nobody can know."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.delegated_cases import DelegatedCase, Drawn, add_delegated_case, cases_after
from app.db.delegations import widest_alone
from app.db.session import Tx
from app.domain.lifecycle import Outcome
from app.domain.sample import CaseState, draw, is_drawn, period_of

PURPOSE = "delegated-sample"
_CHUNK = 1_000


async def draw_case(tx: Tx, claim: ClaimRow, outcome: Outcome, amount_fen: int) -> None:
    """Note the caller's decision on a held claim under the widest delegation it had, with its lot.

    In the transaction of the decision: who decides learns nothing of it, before or after.
    """
    delegation = await widest_alone(tx, claim.policy_id, claim.area_code)
    if delegation is None:
        return
    key = tx.keyring.seeds(PURPOSE)[0]
    period = period_of(await tx.today())
    lot = draw(key, period, delegation.id, claim.claim_no)
    state = CaseState.OPEN if is_drawn(lot, delegation.sample_bp) else CaseState.UNDRAWN
    version = tx.keyring.versions[0]
    drawn = Drawn(delegation.id, period, version, delegation.sample_bp, lot, state)
    await add_delegated_case(tx, claim, outcome, amount_fen, drawn)


@dataclass(frozen=True, slots=True)
class DrawsVerified:
    """How many lots were drawn again, how many could not be (their key is gone), and which differ.

    `wrong` are claim numbers.
    """

    cases: int
    unknown: int
    wrong: tuple[str, ...]


async def verify_draws(tx: Tx) -> DrawsVerified:
    """Draw every lot again: whoever bent one to spare a claim, or to catch one, is found."""
    keys = dict(zip(tx.keyring.versions, tx.keyring.seeds(PURPOSE), strict=True))
    cases = unknown = 0
    wrong: list[str] = []
    after: UUID | None = None
    while found := await cases_after(tx, after, _CHUNK):
        cases, after = cases + len(found), found[-1].id
        unknown += sum(case.key_version not in keys for case in found)
        wrong += _wrong(found, keys)
    return DrawsVerified(cases, unknown, tuple(wrong))


def _wrong(cases: Sequence[DelegatedCase], keys: dict[int, bytes]) -> list[str]:
    return [
        case.claim_no
        for case in cases
        if case.key_version in keys
        and draw(keys[case.key_version], case.period, case.delegation_id, case.claim_no)
        != case.draw
    ]
