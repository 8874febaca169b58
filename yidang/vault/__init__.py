"""The vault keeps bytes: objects on sites in several verified copies, with scrub, repair and purge.

It leans on jobs, audit and common, and knows nothing of people or records.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yidang.vault.actions import discard, prepare_sites, put_schema, register, sweep
    from yidang.vault.kept import KeptFile, KeptObject, NewFile, NewObject, NewVersion, Warrant
    from yidang.vault.purging import purge
    from yidang.vault.queries import copies_of, read_state
    from yidang.vault.reading import files_of, local_path, open_file, read_bytes
    from yidang.vault.recovering import rebuild
    from yidang.vault.repairing import refill, repair
    from yidang.vault.scrubbing import scrub
    from yidang.vault.store import keep
    from yidang.vault.taking_in import take_in
    from yidang.vault.versions import add_version, add_versions

# The doors of this package. They open on first use, because models may not be imported while Django starts.
_DOORS = {
    "KeptFile": "kept", "KeptObject": "kept", "NewFile": "kept", "NewObject": "kept", "NewVersion": "kept",
    "Warrant": "kept", "keep": "store", "discard": "actions", "prepare_sites": "actions", "put_schema": "actions",
    "register": "actions", "sweep": "actions", "purge": "purging", "copies_of": "queries", "read_state": "queries",
    "rebuild": "recovering", "files_of": "reading", "local_path": "reading", "open_file": "reading", "read_bytes": "reading",
    "repair": "repairing", "refill": "repairing", "scrub": "scrubbing", "add_version": "versions", "add_versions": "versions",
    "take_in": "taking_in",
}  # fmt: skip

__all__ = [
    "KeptFile",
    "KeptObject",
    "NewFile",
    "NewObject",
    "NewVersion",
    "Warrant",
    "add_version",
    "add_versions",
    "copies_of",
    "discard",
    "files_of",
    "keep",
    "local_path",
    "open_file",
    "prepare_sites",
    "purge",
    "put_schema",
    "read_bytes",
    "read_state",
    "rebuild",
    "refill",
    "register",
    "repair",
    "scrub",
    "sweep",
    "take_in",
]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'yidang.vault' has no attribute {name!r}")
    return getattr(import_module(f"yidang.vault.{_DOORS[name]}"), name)
