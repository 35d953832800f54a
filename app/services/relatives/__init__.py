"""近亲属备案: officers declare their near relatives, whose claims others decide."""

from app.services.relatives.declare_relative import declare_relative, withdraw_declaration
from app.services.relatives.stand_aside import stand_aside

__all__ = ["declare_relative", "stand_aside", "withdraw_declaration"]
