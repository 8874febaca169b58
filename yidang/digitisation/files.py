"""A kept document's file and its format, for the cage."""

from pathlib import Path

from django.conf import settings

from yidang import formats, vault
from yidang.catalogue.models import Document


def file_of(document: Document) -> tuple[Path, formats.Format]:
    """Where a good copy of the document stands, and what it is by its content."""
    path = vault.local_path(document.record.object_id, document.path)
    return path, formats.identify(path, document.name)


def converted(document: Document) -> Path:
    """Where the PDF of an Office document is put, to be used again; may be deleted at any time."""
    return Path(settings.DATA) / "derived" / "converted" / document.sha256[:2] / f"{document.sha256}.pdf"
