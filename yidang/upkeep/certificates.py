"""The certificate that browsers see; the proxy keeps it, so only a path to its public half is known here."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings


def ends_at() -> datetime | None:
    """When the configured certificate ends; nothing where none is configured.

    :raises OSError: the file cannot be read
    :raises ValueError: it is no certificate
    """
    if not settings.CERTIFICATE:
        return None
    return x509.load_pem_x509_certificate(Path(settings.CERTIFICATE).read_bytes()).not_valid_after_utc
