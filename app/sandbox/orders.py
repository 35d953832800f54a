"""What the service may ask of the stand-in, as far as the stand-in reads it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

Yuan = Annotated[str, Field(pattern=r"^\d{1,13}\.\d{2}$")]
Line = Annotated[str, Field(min_length=1, max_length=64)]


class Account(BaseModel):
    """Somebody who is paid; the stand-in keeps the last four digits only."""

    account: str | None = None
    share_bp: Annotated[int, Field(ge=0, le=10_000)] = 10_000

    def last4(self) -> str:
        """Give the end of the account number, empty without one."""
        return (self.account or "")[-4:]


class Person(BaseModel):
    """The insured; people without an identity number are insured too."""

    id_number: str | None = None


class Bill(BaseModel):
    """A bill; its total may carry a magic fen."""

    total: Yuan


class Cover(BaseModel):
    """One cover of the assessment, with its sentences."""

    sentences: list[str] = []


class Assessment(BaseModel):
    """What the service says is owed."""

    amount: Yuan
    covers: list[Cover] = []

    def speaks_of_deductible(self) -> bool:
        """Tell whether any sentence names a deductible."""
        return any("起付" in sentence for cover in self.covers for sentence in cover.sentences)


class Order(BaseModel):
    """What every instruction has."""

    instruction_id: UUID
    claim_no: Line


class Referral(Order):
    """A claim to be decided."""

    kind: Literal["refer_claim"]
    person: Person
    bills: list[Bill] = []
    assessment: Assessment
    payees: list[Account] = []


class Papers(Order):
    """Papers that were asked for."""

    kind: Literal["supply_papers"]


class Withdrawal(Order):
    """The claim is taken back."""

    kind: Literal["withdraw_claim"]


class Correction(Order):
    """Another account for a payment that came back, or the first one: then nothing is named."""

    kind: Literal["correct_account"]
    payout_reference: Line | None
    payee: Account


class AdvanceRequest(Order):
    """Money before the decision."""

    kind: Literal["request_advance"]
    amount: Yuan
    payees: list[Account] = []


class AccountCheck(BaseModel):
    """Does the account belong to the name?"""

    check_id: Line
    name: Line
    account: Line
    bank: str = ""


AnyOrder = Annotated[
    Referral | Papers | Withdrawal | Correction | AdvanceRequest, Field(discriminator="kind")
]
READER: TypeAdapter[AnyOrder] = TypeAdapter(AnyOrder)
