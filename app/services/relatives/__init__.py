"""近亲属备案: officers declare their near relatives, whose claims others decide."""

from app.services.relatives.declare_relative import declare_relative, withdraw_declaration

__all__ = ["declare_relative", "withdraw_declaration"]
