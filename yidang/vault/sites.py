"""The vault's sites as settings name them. No database: bytes are kept before any row exists."""

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from yidang.vault.bucket import Bucket
from yidang.vault.errors import UnknownSite
from yidang.vault.folder import Folder
from yidang.vault.objectstore import Access
from yidang.vault.root import Root

DEFAULT_SITES = ("main", "second")
FOLLOWS = ";follows"
ENCRYPTIONS = ("", "AES256", "aws:kms")


def roots() -> tuple[Root, ...]:
    """Every configured site, in the order of settings.

    :raises ImproperlyConfigured: an address cannot be read
    """
    return _read(tuple(getattr(settings, "SITES", ()) or ()), Path(settings.DATA), getattr(settings, "FLUSH", "auto"))


def required_roots() -> tuple[Root, ...]:
    """The sites that must hold an object before it is acknowledged; the others follow by replication."""
    return tuple(root for root in roots() if root.required)


def root_of(key: str) -> Root:
    """The site of this name.

    :raises UnknownSite: settings name no such site
    """
    for root in roots():
        if root.key == key:
            return root
    raise UnknownSite(key)


@lru_cache(maxsize=64)
def _read(addresses: tuple[str, ...], data: Path, flush_setting: str) -> tuple[Root, ...]:
    if flush_setting not in {"each", "group", "auto"}:
        raise ImproperlyConfigured(f"YIDANG_FLUSH: «{flush_setting}» is not each, group or auto.")
    if not addresses:
        return tuple(Folder(key, data / "vault" / key, flush_setting=flush_setting) for key in DEFAULT_SITES)
    found: dict[str, Root] = {}
    for address in addresses:
        key, equals, place = (part.strip() for part in address.partition("="))
        required = not place.endswith(FOLLOWS)
        place = place.removesuffix(FOLLOWS).strip()
        if not equals or not key.isidentifier() or key in found:
            raise ImproperlyConfigured(f"YIDANG_SITES: «{address}» is not name=folder with a name used once.")
        if place.startswith("s3://"):
            found[key] = _bucket(key, place, required, data)
        elif "://" in place or not place:
            raise ImproperlyConfigured(f"YIDANG_SITES: «{place}» is neither a folder nor s3://bucket/….")
        else:
            found[key] = Folder(key, Path(place).expanduser().absolute(), required, flush_setting)
    if not any(root.required for root in found.values()):
        raise ImproperlyConfigured("YIDANG_SITES: at least one site must be required (without «;follows»).")
    return tuple(found.values())


def _bucket(key: str, address: str, required: bool, data: Path) -> Bucket:
    access, lock_days = access_of(key, address, data, setting="YIDANG_SITES")
    return Bucket(key, access, data / "vault" / ".writing" / key, required, lock_days)


def access_of(key: str, address: str, data: Path, *, setting: str) -> tuple[Access, int]:
    """``s3://bucket/prefix?endpoint=…&region=…&lock_days=…&encryption=…&encryption_key=…`` and its days; the keys stand in ``keys/s3-KEY.json``.

    :raises ImproperlyConfigured: the address cannot be read
    """
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    unknown = asked.keys() - {"endpoint", "region", "lock_days", "encryption", "encryption_key"}
    days = asked.get("lock_days", "0")
    keyless = "encryption_key" in asked and asked.get("encryption") != "aws:kms"
    if not parts.netloc or unknown or keyless or not days.isdecimal() or asked.get("encryption", "") not in ENCRYPTIONS:
        raise ImproperlyConfigured(
            f"{setting}: «{address}» is not s3://bucket/prefix with endpoint, region, lock_days (a number) and "
            "encryption (AES256 or aws:kms) and, with aws:kms, encryption_key after «?»."
        )
    access_key, secret_key = _keys(data / "keys" / f"s3-{key}.json")
    access = Access(
        bucket=parts.netloc, prefix=parts.path.strip("/"), endpoint=asked.get("endpoint", ""),
        region=asked.get("region", "us-east-1"), access_key=access_key, secret_key=secret_key,
        encryption=asked.get("encryption", ""), encryption_key=asked.get("encryption_key", ""),
    )  # fmt: skip
    return access, int(days)


def _keys(file: Path) -> tuple[str, str]:
    """The key pair of one site; empty when there is no file, and the library looks in the environment."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return told["access_key"], told["secret_key"]
    except FileNotFoundError:
        return "", ""
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ImproperlyConfigured(f"{file} is not JSON with access_key and secret_key.") from problem
