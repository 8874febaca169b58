"""The same damage on a bucket of a real S3 server, while rows stand in PostgreSQL (B3).

What is put, changed and removed goes to the server by its own library with the bucket's keys, past the program.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3

from tests.torture import flips
from tests.torture.database import PostgreSQL
from tests.torture.house import House, furnish
from tests.torture.reporting import Report
from tools.s3 import ACCESS_KEY, SECRET_KEY, Gateway

BUCKET, PREFIX, KEY = "vault", "archive/", "cloud"
OWN = "extensions/"


class BucketPlace(flips.Place):
    """A bucket, as a folder that is fetched and brought back."""

    def __init__(self, folder: Path, client: Any) -> None:
        super().__init__(folder)
        self._client, self._fetched = client, dict[str, bytes]()

    def pull(self) -> Path:
        """Fetch every object; what repairs set aside as evidence would only make each damage dearer than the last."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=PREFIX)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ()) if OWN not in one["Key"]]
        self._fetched = {key: self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
        for key, content in self._fetched.items():
            path = self.folder / key.removeprefix(PREFIX)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return self.folder

    def push(self) -> None:
        """Put what differs from what was fetched, remove what is gone."""
        now = {
            f"{PREFIX}{path.relative_to(self.folder)}": path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        for key in self._fetched.keys() - now.keys():
            self._client.delete_object(Bucket=BUCKET, Key=key)
        for key, content in now.items():
            if self._fetched.get(key) != content:
                self._client.put_object(Bucket=BUCKET, Key=key, Body=content)


@contextmanager
def _servers() -> Iterator[tuple[PostgreSQL, str]]:
    """Both servers, ours alone; the address of the second."""
    server, gateway = PostgreSQL(), Gateway()
    try:
        yield server, gateway.start()
    finally:
        gateway.stop()
        server.stop()


def attack(folder: Path, points: int, report: Report) -> None:
    """Damage the bucket's copy so many times, one after the other; a folder has the other one."""
    place = folder / "bucket"
    data = place / "data"
    with _servers() as (server, endpoint):
        client = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1"
        )  # fmt: skip
        client.create_bucket(Bucket=BUCKET)
        (data / "keys").mkdir(parents=True)
        keys = data / "keys" / f"s3-{KEY}.json"
        keys.write_text(json.dumps({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}))
        keys.chmod(0o600)
        address = f"s3://{BUCKET}/{PREFIX.rstrip('/')}?endpoint={quote(endpoint, safe=':/')}"
        sites = {"YIDANG_SITES": f"main={data}/vault/main,{KEY}={address}"}
        furnished = furnish(data, records=3, server=server, **sites)
        with House(furnished, data, place / "log", copies=False, **sites) as house:
            bucket, main = BucketPlace(place / KEY, client), flips.Place(data / "vault" / "main")
            flips.damage_copies(house, [(bucket, main)], points, report)
