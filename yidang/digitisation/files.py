"""A kept document's file and its format, for the cage."""

from pathlib import Path

from django.conf import settings

from yidang import formats, vault
from yidang.catalogue.models import Document

# What the door found by content stands in the row, and the bytes have not changed since. Where the MIME type alone
# tells which reader a file needs, the cage is not asked a second time: it is most of the work for a small PDF.
READERS = {"application/pdf": "pdf", "image/jpeg": "image", "image/png": "image", "image/tiff": "image"}


def file_of(document: Document) -> tuple[Path, formats.Format]:
    """Where a good copy of the document stands, and what it is by its content."""
    path = vault.local_path(document.record.object_id, document.path)
    kind = READERS.get(document.mime)
    if document.format and kind:
        return path, formats.Format(document.format, document.mime, "", basis="signature", kind=kind)
    return path, formats.identify(path, document.name)


def converted(document: Document) -> Path:
    """Where the PDF of an Office document is put, to be used again; may be deleted at any time."""
    return Path(settings.DATA) / "derived" / "converted" / document.sha256[:2] / f"{document.sha256}.pdf"
