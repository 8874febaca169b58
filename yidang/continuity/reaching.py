"""How restic gets to a place that is not a folder: keys from a file that only this account reads, never on a command line."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from yidang.continuity.errors import BadAddress, BadCredentials

# A key that nobody else may read, and a server that answers or is given up: nobody sits at a prompt.
SSH = (
    "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20",
    "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
)  # fmt: skip
_SFTP = re.compile(r"sftp:(?!//)(?P<at>[^:/]+):(?P<path>.+)")


def is_folder(address: str) -> bool:
    """Whether an address is a folder on this machine and no service."""
    return ":" not in address.partition("/")[0]


@dataclass(frozen=True)
class Keys:
    """What opens a place."""

    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    region: str = ""
    ssh_key: str = ""
    known_hosts: str = ""


@dataclass(frozen=True)
class Bucket:
    """Where a backup stands in an S3-compatible store."""

    endpoint: str
    bucket: str
    prefix: str


def read_keys() -> Keys:
    """The keys in the file that settings name; empty without one: the environment and the account's own ssh are asked then.

    :raises BadCredentials: the file cannot be used, or others may read it
    """
    file = Path(settings.BACKUP_CREDENTIALS)
    try:
        if file.stat().st_mode & 0o077:
            raise BadCredentials(file=str(file), reasons="chmod 600")
        told = json.loads(file.read_text(encoding="utf-8"))
        keys = Keys(**told)
    except FileNotFoundError:
        return Keys()
    except (OSError, ValueError, TypeError) as problem:
        raise BadCredentials(file=str(file), reasons=str(problem)) from problem
    # Names of files count from where the credentials lie, which on a new machine is another folder.
    beside = {
        name: str(file.parent / getattr(keys, name)) for name in ("ssh_key", "known_hosts") if getattr(keys, name)
    }
    return Keys(**{**told, **beside})


def environment_of(address: str) -> dict[str, str]:
    """What restic must find in its environment."""
    if not address.startswith("s3:"):
        return {}
    keys = read_keys()
    found = {
        "AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key, "AWS_DEFAULT_REGION": keys.region
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def options_of(address: str, ssh_log: Path) -> list[str]:
    """What restic must be told on its command line; names of files, no secrets.

    :param ssh_log: where ssh writes its reasons: what it says on standard error is lost when restic ends first
    :raises BadAddress: it is no address that restic knows
    """
    if not address.startswith("sftp:"):
        return []
    keys = read_keys()
    words = [*SSH, "-E", str(ssh_log)]
    if keys.ssh_key:
        words += ["-i", keys.ssh_key, "-o", "IdentitiesOnly=yes"]
    if keys.known_hosts:
        words += ["-o", f"UserKnownHostsFile={keys.known_hosts}"]
    if match := _SFTP.fullmatch(address):
        words.append(match["at"])
    else:
        parts = urlsplit(address)
        if not parts.hostname:
            raise BadAddress(address=address)
        words += [
            "-p",
            str(parts.port or 22),
            f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname,
        ]
    return ["-o", f"sftp.command={shlex.join([*words, '-s', 'sftp'])}"]


def bucket_of(address: str) -> Bucket | None:
    """The bucket of an ``s3:`` address, as restic reads it; nothing for every other address.

    :raises BadAddress: no bucket is named
    """
    if not address.startswith("s3:"):
        return None
    rest = address.removeprefix("s3:")
    parts = urlsplit(rest if "://" in rest else f"https://{rest.lstrip('/')}")
    bucket, _slash, prefix = parts.path.strip("/").partition("/")
    if not parts.netloc or not bucket:
        raise BadAddress(address=address)
    return Bucket(f"{parts.scheme}://{parts.netloc}", bucket, prefix.strip("/"))
