"""Insurers: taking one on, renewing its keys, proving what its system can do."""

from app.services.insurers.add_insurer import add_insurer
from app.services.insurers.keep_conformance import keep_conformance
from app.services.insurers.pull_statements import pull_statements
from app.services.insurers.rotate_secret import rotate_secret

__all__ = ["add_insurer", "keep_conformance", "pull_statements", "rotate_secret"]
