"""The document store: papers looked into, cleaned, enciphered, and kept on a shelf."""

from app.outside.documents.local import LocalShelf
from app.outside.documents.looking import MEDIA_TYPES
from app.outside.documents.opening import open_store
from app.outside.documents.s3 import S3Place, S3Shelf
from app.outside.documents.shelf import Shelf
from app.outside.documents.store import DocumentStore, StoredDocument

__all__ = [
    "MEDIA_TYPES",
    "DocumentStore",
    "LocalShelf",
    "S3Place",
    "S3Shelf",
    "Shelf",
    "StoredDocument",
    "open_store",
]
