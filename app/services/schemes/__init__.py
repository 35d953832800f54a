"""Schemes: taking terms over from the library, and reading them."""

from app.services.schemes.list_schemes import SchemeView, list_schemes
from app.services.schemes.load_scheme import load_scheme
from app.services.schemes.load_standard import load_standard
from app.services.schemes.read_scheme import SchemeDetail, VersionView, read_scheme

__all__ = [
    "SchemeDetail",
    "SchemeView",
    "VersionView",
    "list_schemes",
    "load_scheme",
    "load_standard",
    "read_scheme",
]
