"""Typed readers for settings: each refuses nonsense at start with a sentence that names the setting."""

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class SettingError(SystemExit):
    """A setting cannot be used; the program ends with the sentence on standard error."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name}: {sentence}")


@dataclass(frozen=True)
class Setting:
    """One documented setting, as listed in docs/operator/settings.md."""

    name: str
    kind: str
    default: str
    meaning: str


DECLARED: dict[str, Setting] = {}


def _read(name: str, kind: str, default: str, meaning: str) -> str:
    DECLARED[name] = Setting(name, kind, default, meaning)
    return os.environ.get(name, default).strip()


def given(name: str) -> str:
    """A declared setting as it was given, not yet read as what it means."""
    return os.environ.get(name, DECLARED[name].default)


def in_force() -> list[tuple[Setting, str]]:
    """Every declared setting with its value as it was given."""
    return [(setting, given(name)) for name, setting in sorted(DECLARED.items())]


def read_text(name: str, default: str, meaning: str) -> str:
    """Read a text."""
    return _read(name, "text", default, meaning)


def read_list(name: str, default: str, meaning: str) -> list[str]:
    """Read a comma-separated list; blanks are dropped."""
    return [part.strip() for part in _read(name, "list", default, meaning).split(",") if part.strip()]


def read_networks(name: str, default: str, meaning: str) -> list[IPv4Network | IPv6Network]:
    """Read a comma-separated list of addresses and networks such as 10.1.0.0/16; «none» for an empty one."""
    found = []
    for part in read_list(name, default, meaning):
        if part.lower() == "none":
            continue
        try:
            found.append(ip_network(part, strict=False))
        except ValueError:
            raise SettingError(name, f"«{part}» is not an address or a network such as 10.1.0.0/16.") from None
    return found


def read_bool(name: str, default: bool, meaning: str) -> bool:
    """Read a switch: 1, true, yes, on or 0, false, no, off."""
    value = _read(name, "switch", "1" if default else "0", meaning).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(name, f"«{value}» is not a switch; use 1 or 0.")


def read_int(name: str, default: int, meaning: str, *, least: int = 0) -> int:
    """Read a whole number not below ``least``."""
    value = _read(name, "number", str(default), meaning)
    try:
        number = int(value)
    except ValueError:
        raise SettingError(name, f"«{value}» is not a whole number.") from None
    if number < least:
        raise SettingError(name, f"{number} is too small; the least is {least}.")
    return number


def read_path(name: str, default: str, meaning: str) -> Path:
    """Read a path; a relative one counts from the working folder."""
    return Path(_read(name, "path", default, meaning)).expanduser().absolute()


def read_data_folder() -> Path:
    """The data folder: asked by the settings, and by commands that must look at it before the settings fill it."""
    return read_path("YIDANG_DATA", "./var", "The data folder: database, vault, index, keys, log.")


def read_database(name: str, default_file: Path, meaning: str) -> dict[str, object]:
    """Read a database address: ``sqlite:///file`` or ``postgresql://user:word@host:port/name``."""
    return database_facts(name, _read(name, "address", "", meaning) or f"sqlite:///{default_file}")


def read_replica(name: str, primary: dict[str, object], meaning: str) -> dict[str, object] | None:
    """Read the address of a streaming replica of ``primary``; None where none is given."""
    value = _read(name, "address", "", meaning)
    if not value:
        return None
    facts = database_facts(name, value)
    if {primary["ENGINE"], facts["ENGINE"]} != {"django.db.backends.postgresql"}:
        raise SettingError(name, "only a PostgreSQL has a replica, which is another PostgreSQL: postgresql://….")
    return {**facts, "DISABLE_SERVER_SIDE_CURSORS": True}  # lists are read whole


def database_facts(name: str, value: str) -> dict[str, object]:
    """What Django wants to know of the database at an address, which the setting ``name`` gave."""
    parts = urlsplit(value)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "yidang.common.db.sqlite",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # FULL: a commit that was acknowledged must survive a power cut; NORMAL in WAL mode may lose it.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456; PRAGMA secure_delete=ON;"
                ),
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": dict(parse_qsl(parts.query)).get("host") or parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            # A database that fell silent is noticed within twenty seconds, not after the system's quarter of an hour.
            "OPTIONS": {
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 3,
                "keepalives_count": 3,
                "tcp_user_timeout": 15_000,
            },
        }
    raise SettingError(name, f"«{parts.scheme}» is not a database we know; use sqlite:/// or postgresql://.")
