"""A vault of two sites in the test's own folder."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import boto3
import pytest
from django.db import transaction
from ocfl import StorageRoot

from tools.s3 import ACCESS_KEY, SECRET_KEY
from yidang import vault
from yidang.vault import sites
from yidang.vault.kept import KeptObject, NewFile, NewObject
from yidang.vault.root import Root
from yidang.vault.tests.stores import bucket_address, put_keys

MOMENT = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
BODY = b"%PDF-1.4\n" + b"archive " * 64


def new_object(object_id: UUID | None = None, files: dict[str, bytes | Path] | None = None) -> NewObject:
    """A small record's object."""
    files = files or {"record.json": b'{"title": "t"}', "metadata.xml": b"<m/>", "documents/0001.pdf": BODY}
    return NewObject(
        object_id or uuid4(), [NewFile(path, source) for path, source in files.items()], "received", "xu", MOMENT
    )


def keep_and_register(objects: Sequence[NewObject]) -> list[KeptObject]:
    """Bytes first, rows second, as filing does it."""
    kept = vault.keep(objects)
    with transaction.atomic():
        vault.register(kept)
    return kept


def assert_valid(root: Path) -> int:
    """An independent validator finds the root and every object valid, without warnings about objects; their number."""
    storage = StorageRoot(root=str(root))
    valid = storage.validate(check_digests=True, log_warnings=True, log_errors=False)
    assert valid and storage.num_objects == storage.good_objects, storage.errors
    assert storage.errors == []
    return storage.num_objects


@pytest.fixture(params=["each", "group"])
def each_flush(request: pytest.FixtureRequest) -> str:
    """Both ways of flushing."""
    return request.param


@pytest.fixture
def pair(data: Path, settings) -> tuple[Root, Root]:
    """Two folders that are set up as sites, without a database."""
    settings.SITES = []
    first, second = sites.roots()
    first.initialise()
    second.initialise()
    return first, second


@pytest.fixture
def kept_vault(pair: tuple[Root, Root], db: None) -> tuple[Root, Root]:
    """The same, known to the database."""
    vault.prepare_sites()
    return pair


@pytest.fixture
def filed(kept_vault: tuple[Root, Root]) -> Callable[..., KeptObject]:
    """Keep and register one small object."""
    return lambda object_id=None, files=None: keep_and_register([new_object(object_id, files)])[0]


@pytest.fixture
def new_bucket(gateway: str) -> Callable[..., str]:
    """Makes buckets on it."""
    client = boto3.client(
        "s3", endpoint_url=gateway, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )  # fmt: skip

    def make(**more: object) -> str:
        name = f"vault-{uuid4().hex[:12]}"
        client.create_bucket(Bucket=name, **more)
        return name

    return make


@pytest.fixture
def bucket_site(data: Path, settings, gateway: str, new_bucket: Callable[..., str]) -> Callable[..., Root]:
    """Sets up a folder and a bucket as the vault's sites; answers the bucket's."""

    def set_up(*, follows: bool = False, first: bool = False, more: str = "", **how: object) -> Root:
        put_keys(data, "cloud")
        cloud = f"cloud={bucket_address(gateway, new_bucket(**how), more)}{';follows' if follows else ''}"
        local = f"local={data}/vault/local"
        settings.SITES = [cloud, local] if first else [local, cloud]
        vault.prepare_sites()
        return sites.root_of("cloud")

    return set_up
