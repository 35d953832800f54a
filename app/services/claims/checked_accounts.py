"""What is known of a notice's accounts when its claims are sent on, and which are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.crypto import Keyring
from app.db.account_checks import Checked, checks_of, indexes
from app.db.held_claims import Known
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.account_check import AccountCheck, still_waits, without_wrong
from app.domain.notice import Payee

CHECK_ACCOUNTS = "check_accounts"
Payees = tuple[Payee, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who is told of which payees, and which insurers are to be asked about them first.

    An account that does not belong to its name is not told: nothing can be paid to it, and the
    claim goes its way all the same until an account is given.
    """

    payees: Payees
    told: Mapping[str, Payees]
    asked: frozenset[str]

    def told_to(self, insurer_code: str) -> Payees:
        """Give the payees as this insurer is told of them."""
        return self.told.get(insurer_code, self.payees)


def accounts_of(tx: Tx, notice: NoticeRow, known: Known) -> Accounts:
    """Look at the accounts of a held notice through the eyes of each insurer that can check."""
    assert notice.submitted_at is not None
    payees = notice.content.payees
    waits = still_waits(notice.submitted_at, known.now)
    told, asked = {}, set()
    for code, checks in known.checks.items():
        results = _results(tx.keyring, payees, checks)
        told[code] = without_wrong(payees, _wrong(results))
        if waits and len(results) < sum(bool(payee.account) for payee in payees):
            asked.add(code)
    return Accounts(payees, told, frozenset(asked))


async def payees_told(tx: Tx, notice: NoticeRow, insurer_code: str) -> Payees:
    """Give a notice's payees as an insurer is told of them now."""
    payees = notice.content.payees
    checks = await checks_of(tx, notice.id, insurer_code)
    return without_wrong(payees, _wrong(_results(tx.keyring, payees, checks)))


def unchecked(keyring: Keyring, payees: Payees, checks: Iterable[Checked]) -> Payees:
    """Give the payees with an account that nobody has asked about."""
    results = _results(keyring, payees, checks)
    return tuple(
        payee for place, payee in enumerate(payees) if payee.account and place not in results
    )


def _results(
    keyring: Keyring, payees: Payees, checks: Iterable[Checked]
) -> dict[int, AccountCheck]:
    """Give by place what was said of each payee's account."""
    said = {check.index: check.result for check in checks}
    return {
        place: said[index]
        for place, payee in enumerate(payees)
        if payee.account
        for index in indexes(keyring, payee)
        if index in said
    }


def _wrong(results: Mapping[int, AccountCheck]) -> frozenset[int]:
    return frozenset(place for place, result in results.items() if result is AccountCheck.MISMATCH)
