"""The few calls to an S3-compatible object store that the vault needs. Every failure becomes an ``OSError``.

So what a folder does with a full disk and a pulled cable happens here as well, by the same roads. Calls that a busy
or restarting server did not answer are tried again by the library, with growing pauses; each ``put`` carries the
digest that the server compares, so that a try that arrived in pieces is refused by the server itself.
"""

import base64
import errno
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

# A part of a large upload; the store takes at most 10,000 of them, which makes 640 GB.
PART = 64 * 1024 * 1024
CHUNK = 1024 * 1024
KEYS_AT_ONCE = 200
ATTEMPTS = 4
# Above this size a server-side copy has to be made in parts as well.
ONE_COPY = 4 * 1024 * 1024 * 1024
_NUMBERS = {
    "NoSuchKey": errno.ENOENT, "404": errno.ENOENT, "NoSuchBucket": errno.ENODEV, "NoSuchUpload": errno.ENOENT,
    "QuotaExceeded": errno.EDQUOT, "InsufficientStorage": errno.ENOSPC, "507": errno.ENOSPC,
    "AccessDenied": errno.EACCES, "403": errno.EACCES, "InvalidAccessKeyId": errno.EACCES,
    "SignatureDoesNotMatch": errno.EACCES, "PreconditionFailed": errno.EEXIST, "412": errno.EEXIST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Access:
    """How a bucket is reached.

    :param endpoint: http(s) address of the server; empty for the provider's own
    :param encryption: what the server is asked to encrypt with, ``AES256`` or ``aws:kms``; empty for nothing
    :param encryption_key: id of the key in the server's key service; empty for its default one
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    encryption: str = ""
    encryption_key: str = ""

    @property
    def address(self) -> str:
        """As people write it, without keys."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Listed:
    """One key of a listing, without the prefix."""

    key: str
    size: int
    changed_at: datetime


@contextmanager
def as_os_errors(what: str) -> Iterator[None]:
    """Tell the library's errors in the operating system's words."""
    try:
        yield
    except ClientError as problem:
        code = str(problem.response.get("Error", {}).get("Code", ""))
        number = _NUMBERS.get(code, errno.EIO)
        # The number chooses the class: FileNotFoundError, FileExistsError, PermissionError.
        raise OSError(number, code or str(problem), what) from problem
    except (BotoCoreError, HTTPClientError) as problem:
        raise OSError(errno.EIO, str(problem), what) from problem


@dataclass(frozen=True)
class ObjectStore:
    """One bucket below one prefix."""

    access: Access

    @cached_property
    def client(self) -> Any:
        """The library's client; it may be used from several threads."""
        # Here and not above: every command would pay 200 ms, and most archives have no bucket.
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.access.endpoint or None,
            region_name=self.access.region,
            aws_access_key_id=self.access.access_key or None,
            aws_secret_access_key=self.access.secret_key or None,
            config=Config(
                signature_version="s3v4", s3={"addressing_style": "path"} if self.access.endpoint else {},
                connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": ATTEMPTS},
                max_pool_connections=32, tcp_keepalive=True,
                # The newer checksums in trailers are not known to every server; Content-MD5 is.
                request_checksum_calculation="when_required", response_checksum_validation="when_required",
            ),
        )  # fmt: skip

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.access.bucket, "Key": self._whole(key)}

    def _whole(self, key: str) -> str:
        return f"{self.access.prefix}/{key}" if self.access.prefix else key

    def _sealed(self) -> dict[str, str]:
        asked = {"ServerSideEncryption": self.access.encryption, "SSEKMSKeyId": self.access.encryption_key}
        return {name: value for name, value in asked.items() if value}

    def put(self, key: str, content: bytes) -> None:
        """Write a whole object; the server compares its digest before it is there."""
        with as_os_errors(key):
            self.client.put_object(**self._at(key), Body=content, ContentMD5=_md5(content), **self._sealed())

    def claim(self, key: str, content: bytes, claimant: str) -> None:
        """Write an object that nobody wrote before; of two claimants one succeeds.

        :param claimant: kept with the object, because the first answer may be lost and the second try find our own
        :raises FileExistsError: somebody else was first
        """
        try:
            with as_os_errors(key):
                self.client.put_object(
                    **self._at(key), Body=content, ContentMD5=_md5(content), Metadata={"claimant": claimant},
                    IfNoneMatch="*", **self._sealed(),
                )  # fmt: skip
        except FileExistsError:
            with as_os_errors(key):
                told = self.client.head_object(**self._at(key))
            if told["Metadata"].get("claimant") != claimant:
                raise

    def put_chunks(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Write content of any size without holding it: in parts, each with its digest; nothing is left of a failed one."""
        if size <= PART:
            self.put(key, b"".join(chunks))
            return
        with as_os_errors(key):
            upload = self.client.create_multipart_upload(**self._at(key), **self._sealed())["UploadId"]
            try:
                parts = []
                for number, part in enumerate(_parts(chunks), start=1):
                    told = self.client.upload_part(
                        **self._at(key), UploadId=upload, PartNumber=number, Body=part, ContentMD5=_md5(part)
                    )
                    parts.append({"PartNumber": number, "ETag": told["ETag"]})
                self.client.complete_multipart_upload(
                    **self._at(key), UploadId=upload, MultipartUpload={"Parts": parts}
                )
            except BaseException:
                self.client.abort_multipart_upload(**self._at(key), UploadId=upload)
                raise

    def get(self, key: str) -> bytes:
        """A whole object.

        :raises FileNotFoundError: there is none
        """
        return b"".join(self.chunks(key))

    def chunks(self, key: str) -> Iterator[bytes]:
        """An object's bytes as they come.

        :raises FileNotFoundError: there is none
        """
        with as_os_errors(key):
            answer = self.client.get_object(**self._at(key))
            missing = answer["ContentLength"]
            with answer["Body"] as body:
                while chunk := body.read(CHUNK):
                    missing -= len(chunk)
                    yield chunk
        if missing:
            raise OSError(errno.EIO, "the answer ended early", key)

    def size(self, key: str) -> int | None:
        """Bytes of an object; None when there is none."""
        try:
            with as_os_errors(key):
                return int(self.client.head_object(**self._at(key))["ContentLength"])
        except FileNotFoundError:
            return None

    def listing(self, prefix: str) -> Iterator[Listed]:
        """Keys that begin so, in order."""
        skip = len(self._whole(""))
        with as_os_errors(prefix):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.access.bucket, Prefix=self._whole(prefix)):
                for one in page.get("Contents", ()):
                    yield Listed(one["Key"][skip:], one["Size"], one["LastModified"])

    def keys(self, prefix: str) -> Iterator[str]:
        """The same, names only."""
        return (one.key for one in self.listing(prefix))

    def copy(self, source: str, target: str, size: int | None = None) -> None:
        """Copy inside the bucket, without the bytes passing here.

        :param size: bytes, where the caller knows them
        :raises FileNotFoundError: there is no such source
        """
        origin = {"Bucket": self.access.bucket, "Key": self._whole(source)}
        with as_os_errors(source):
            if (self.size(source) or 0 if size is None else size) > ONE_COPY:
                self.client.copy(origin, **self._at(target), ExtraArgs=self._sealed())
            else:
                self.client.copy_object(**self._at(target), CopySource=origin, **self._sealed())

    def remove(self, keys: Iterable[str]) -> None:
        """Remove keys with every version that the bucket has of them; keys that are not there do not matter.

        :raises PermissionError: the store keeps one against everybody
        """
        everything = iter(keys)
        while some := list(islice(everything, KEYS_AT_ONCE)):
            whole = [{"Key": self._whole(key)} for key in some]
            if self.is_versioned:
                whole = [
                    {**one, "VersionId": each}
                    for one, key in zip(whole, some, strict=True)
                    for each in self.versions(key)
                ]
            with as_os_errors(some[0]):
                told = self.client.delete_objects(Bucket=self.access.bucket, Delete={"Objects": whole, "Quiet": True})
            for problem in told.get("Errors", ()):
                if problem["Code"] != "NoSuchKey":
                    raise OSError(_NUMBERS.get(problem["Code"], errno.EIO), problem["Code"], problem["Key"])

    def versions(self, key: str) -> list[str]:
        """Ids of every version and mark of removal of exactly this key."""
        found = []
        with as_os_errors(key):
            pages = self.client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.access.bucket, Prefix=self._whole(key)):
                both = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                found += [one["VersionId"] for one in both if one["Key"] == self._whole(key)]
        return found

    def hide(self, key: str) -> None:
        """Take a key out of sight; in a bucket with versions its bytes stay."""
        with as_os_errors(key):
            self.client.delete_object(**self._at(key))

    @cached_property
    def is_versioned(self) -> bool:
        """Whether the bucket keeps what is overwritten or removed."""
        with as_os_errors(self.access.bucket):
            return bool(self.client.get_bucket_versioning(Bucket=self.access.bucket).get("Status"))

    @cached_property
    def can_lock(self) -> bool:
        """Whether the bucket was made with Object Lock."""
        try:
            with as_os_errors(self.access.bucket):
                told = self.client.get_object_lock_configuration(Bucket=self.access.bucket)
        except OSError:
            return False
        return told.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"

    def lock(self, key: str, until: datetime) -> None:
        """Have the store keep the newest version of a key until a moment, against everybody (compliance mode)."""
        with as_os_errors(key):
            self.client.put_object_retention(
                **self._at(key), Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until}
            )

    def locked_until(self, key: str) -> datetime | None:
        """The last moment until which any version of a key is kept; None when the store would let go of it now."""
        moments = []
        for version in self.versions(key):
            try:
                with as_os_errors(key):
                    told = self.client.get_object_retention(**self._at(key), VersionId=version)
                moments.append(told["Retention"]["RetainUntilDate"])
            except OSError:
                continue
        return max(moments, default=None)

    def drop_uploads(self, before: datetime, *, remove: bool) -> list[str]:
        """Uploads in parts that were begun before a moment and never ended; dropped if asked."""
        found = []
        skip = len(self._whole(""))
        with as_os_errors(self.access.bucket):
            pages = self.client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self.access.bucket, Prefix=self._whole("")):
                for one in page.get("Uploads", ()):
                    if one["Initiated"] > before:
                        continue
                    found.append(one["Key"][skip:])
                    if remove:
                        self.client.abort_multipart_upload(
                            Bucket=self.access.bucket, Key=one["Key"], UploadId=one["UploadId"]
                        )
        return found


def fetch(chunks: Iterable[bytes], target: BinaryIO) -> str:
    """Write chunks to a file; their SHA-512."""
    digest = hashlib.sha512()
    for chunk in chunks:
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)
