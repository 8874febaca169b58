"""The vault's sites as settings name them. No database: bytes are kept before any row exists."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from yidang.vault.errors import UnknownSite
from yidang.vault.root import Root

DEFAULT_SITES = ("main", "second")
FOLLOWS = ";follows"


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
        return tuple(Root(key, data / "vault" / key, flush_setting=flush_setting) for key in DEFAULT_SITES)
    found: dict[str, Root] = {}
    for address in addresses:
        key, equals, place = address.partition("=")
        follows = place.endswith(FOLLOWS)
        place = place.removesuffix(FOLLOWS).strip()
        if not equals or not key.strip().isidentifier() or key.strip() in found:
            raise ImproperlyConfigured(f"YIDANG_SITES: «{address}» is not name=folder with a name used once.")
        if "://" in place or not place:
            raise ImproperlyConfigured(f"YIDANG_SITES: «{place}» is not a folder; only folders can be sites.")
        key = key.strip()
        found[key] = Root(key, Path(place).expanduser().absolute(), not follows, flush_setting)
    if not any(root.required for root in found.values()):
        raise ImproperlyConfigured("YIDANG_SITES: at least one site must be required (without «;follows»).")
    return tuple(found.values())
