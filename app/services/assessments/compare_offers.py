"""Several insurers' terms and prices over the same real year, side by side."""

from dataclasses import dataclass

from app.db.past_claims import Exposure, exposure_of
from app.db.policies import PolicyRow, read_policy
from app.db.session import Database
from app.db.terms import terms_of
from app.domain.budget import YEAR_DAYS, premium_per_head_fen
from app.domain.caller import Caller
from app.domain.clauses.premiums import Basis
from app.domain.errors import Fault, Invalid
from app.domain.money import half_up
from app.domain.premium import MONTHS
from app.domain.replay import Tally
from app.domain.risk_sharing import loss_ratio_bp
from app.domain.terms import Terms
from app.services.assessments.what_if import what_if


@dataclass(frozen=True, slots=True)
class Offered:
    """What one offer would have cost and paid in the year; `loss_ratio_bp` None without a price."""

    terms: Terms
    premium_fen: int
    tally: Tally
    loss_ratio_bp: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The policy's own terms at its own price first, then the offers in the order given."""

    policy: PolicyRow
    offers: tuple[Offered, ...]


async def compare_offers(
    database: Database, caller: Caller, policy_no: str, offers: tuple[Terms, ...], workers: int
) -> Compared:
    """Replay a policy's year under every offer; stores nothing.

    Raises NotFound, and Invalid for an offer without a price by heads, or terms that do not know a
    category that is insured or has claims.
    """
    async with database.transaction(caller) as tx:
        policy = await read_policy(tx, policy_no)
        own = await terms_of(tx, policy.terms_sha256)
        exposures = await exposure_of(tx, policy.id)
    _refuse(offers, exposures)
    found = await what_if(database, caller, policy_no, offers, workers)
    fixed = policy.premium_per_person_fen
    premiums = [
        sum(half_up(fixed * one.days, YEAR_DAYS) for one in exposures)
        if fixed
        else _premium_fen(own, exposures, policy),
        *(_premium_fen(terms, exposures, policy) for terms in offers),
    ]
    return Compared(
        policy,
        tuple(
            Offered(terms, premium, tally, loss_ratio_bp(premium, tally.fen))
            for terms, premium, tally in zip(
                found.alternatives, premiums, found.tallies, strict=True
            )
        ),
    )


def _refuse(offers: tuple[Terms, ...], exposures: list[Exposure]) -> None:
    faults = []
    for terms in offers:
        basis = _basis(terms)
        if terms.premium is None or basis not in {Basis.HEAD_YEAR, Basis.HEAD_MONTH}:
            faults.append(
                _fault(
                    terms,
                    "/premium",
                    "报价须写明每人保费（premium），按户或按人口计价的不能按名册折算。",
                    "An offer needs its price by head.",
                )
            )
        faults += [
            _fault(
                terms,
                "/categories",
                f"没有类别 {one.category}，名册上该类有 {one.people} 人。",
                f"The offer does not know {one.category}, which is insured.",
            )
            for one in exposures
            if one.category not in terms.categories
        ]
    if faults:
        raise Invalid(*faults)


def _fault(terms: Terms, pointer: str, message_zh: str, message_en: str) -> Fault:
    told = f"“{terms.name_zh}”（{terms.scheme_code}）：{message_zh}"
    return Fault(pointer, "terms.invalid", told, f"{terms.scheme_code}: {message_en}")


def _basis(terms: Terms) -> Basis:
    return Basis.HEAD_YEAR if terms.funding is None else terms.funding.basis


def _premium_fen(terms: Terms, exposures: list[Exposure], policy: PolicyRow) -> int:
    """Give the premium for the days that the roster was really covered, in fen."""
    year = MONTHS if _basis(terms) is Basis.HEAD_MONTH else 1
    return sum(
        half_up(
            premium_per_head_fen(terms, one.category, policy.period_from) * year * one.days,
            YEAR_DAYS,
        )
        for one in exposures
    )
