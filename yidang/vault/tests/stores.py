"""Sites of both kinds for the tests, and how a test damages them behind the program's back."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from tools.s3 import ACCESS_KEY, SECRET_KEY
from yidang.vault.bucket import Bucket
from yidang.vault.folder import Folder
from yidang.vault.layout import object_path
from yidang.vault.root import Root


@dataclass(frozen=True)
class Behind:
    """What somebody with the disk, or with the bucket's keys, can do to one site."""

    root: Root

    def paths(self, object_id: UUID) -> list[str]:
        """The files of an object."""
        walked = self.root.walk(object_id)
        return sorted(walked.files) if walked else []

    def read(self, object_id: UUID, path: str) -> bytes:
        return b"".join(self.root.chunks(object_id, path))

    def write(self, object_id: UUID, path: str, content: bytes) -> None:
        if isinstance(self.root, Bucket):
            self.root.store.put(f"{object_path(object_id)}/{path}", content)
            return
        place = self.root.object_folder(object_id) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # another name of these bytes may stand in another version
        place.write_bytes(content)

    def remove(self, object_id: UUID, path: str) -> None:
        if isinstance(self.root, Bucket):
            self.root.store.remove([f"{object_path(object_id)}/{path}"])
        else:
            (self.root.object_folder(object_id) / path).unlink()

    def lose_everything(self) -> None:
        """A disk that was replaced, a bucket that was emptied."""
        if isinstance(self.root, Bucket):
            self.root.store.remove(list(self.root.store.keys("")))
            self.root._seen.clear()
        else:
            self.root.path.rename(self.root.path.with_name(f"lost-{uuid4().hex}"))

    def everything(self) -> Iterator[str]:
        """Every key or file below the root."""
        if isinstance(self.root, Bucket):
            yield from self.root.store.keys("")
        else:
            for where, _, names in os.walk(self.root.path):
                yield from (str(Path(where, name).relative_to(self.root.path)) for name in names)

    def as_folder(self, target: Path) -> Path:
        """The root as a folder that any OCFL tool can read."""
        if isinstance(self.root, Folder):
            return self.root.path
        for key in self.root.store.keys(""):
            place = target / key
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self.root.store.get(key))
        return target


def bucket_address(endpoint: str, bucket: str, more: str = "") -> str:
    """A site's address in settings."""
    return f"s3://{bucket}/archive?endpoint={endpoint}{more}"


def put_keys(data: Path, site: str) -> None:
    """The site's key pair where the program looks for it."""
    (data / "keys" / f"s3-{site}.json").write_text(json.dumps({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}))
