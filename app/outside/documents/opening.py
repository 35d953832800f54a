"""Open the document store that the settings name."""

from app.crypto import Keyring
from app.outside.documents.local import LocalShelf
from app.outside.documents.s3 import S3Place, S3Shelf
from app.outside.documents.shelf import Shelf
from app.outside.documents.store import DocumentStore
from app.settings import Settings


def open_store(settings: Settings, keyring: Keyring) -> DocumentStore:
    """Open the store on the S3 bucket where one is set, else on a folder of this machine.

    What killed uploads left half-written in the folder is swept away.
    """
    return DocumentStore(_shelf(settings), keyring, settings.max_document_bytes)


def _shelf(settings: Settings) -> Shelf:
    if settings.document_s3_url is None:
        shelf = LocalShelf(settings.papers_dir())
        shelf.sweep()
        return shelf
    secret = settings.document_s3_secret_key
    return S3Shelf(
        S3Place(
            settings.document_s3_url,
            settings.document_s3_region,
            settings.document_s3_access_key or "",
            "" if secret is None else secret.get_secret_value(),
        )
    )
