"""Public identifiers."""

import uuid


def new_public_id() -> uuid.UUID:
    """A random UUID: unlike time-ordered ones it tells neither rate nor order."""
    return uuid.uuid4()
