"""What deserves a second look in terms that are sound: warnings, never a refusal."""

from app.domain.ceilings import death_warnings
from app.domain.errors import Fault
from app.domain.premium import premium_warnings
from app.domain.terms import Terms


def terms_warnings(terms: Terms) -> tuple[Fault, ...]:
    """Give the warnings on death covers and on the sources of the premium, with pointers."""
    paid_by = () if terms.funding is None else premium_warnings(terms.funding)
    return (*death_warnings(terms), *paid_by)
