"""Where an object stands in a storage root: OCFL extension 0003, two levels of two characters.

65,536 leaves at most. They are made when first needed: OCFL forbids empty folders (E073), so a root whose leaves
were made beforehand would not validate.
"""

import json
from hashlib import sha256
from urllib.parse import unquote
from uuid import UUID

EXTENSION = "0003-hash-and-id-n-tuple-storage-layout"
PARAMETERS = {"extensionName": EXTENSION, "digestAlgorithm": "sha256", "tupleSize": 2, "numberOfTuples": 2}
DESCRIPTION = (
    "Two levels of two characters from the SHA-256 of the object id, then the percent-encoded object id. "
    "Object ids are urn:uuid: names, never archival codes."
)


def object_urn(object_id: UUID) -> str:
    """The OCFL id of an object."""
    return f"urn:uuid:{object_id}"


def object_path(object_id: UUID) -> str:
    """The object's folder, relative to the storage root."""
    urn = object_urn(object_id)
    digest = sha256(urn.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/urn%3auuid%3a{object_id}"


def object_id_of(folder_name: str) -> UUID | None:
    """The object id that a folder's name tells, or None when it is not one of ours."""
    urn = unquote(folder_name)
    if not urn.startswith("urn:uuid:"):
        return None
    try:
        return UUID(urn.removeprefix("urn:uuid:"))
    except ValueError:
        return None


def root_files() -> dict[str, str]:
    """The files, by path in the root, that declare the layout to any OCFL reader."""
    return {
        "0=ocfl_1.1": "ocfl_1.1\n",
        "ocfl_layout.json": json.dumps({"extension": EXTENSION, "description": DESCRIPTION}, indent=2) + "\n",
        f"extensions/{EXTENSION}/config.json": json.dumps(PARAMETERS, indent=2) + "\n",
    }
