"""Insurers: taking one on."""

from app.services.insurers.add_insurer import add_insurer

__all__ = ["add_insurer"]
