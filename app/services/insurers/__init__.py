"""Insurers: taking one on, renewing its keys, proving what its system can do."""

from app.services.insurers.add_insurer import add_insurer
from app.services.insurers.rotate_secret import rotate_secret

__all__ = ["add_insurer", "rotate_secret"]
