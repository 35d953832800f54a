"""Retention: what is removed when its purpose and the law's keeping time are over."""

from app.services.retention.run_retention import Removed, run_retention

__all__ = ["Removed", "run_retention"]
