#!/usr/bin/env python3
"""Installs Yidang from this bundle on a machine without a network, upgrades it, and goes back.

./install verify | install | rollback | status; `./install install --help` for the rest. Nothing is done before every
file of the bundle was compared with its checksum. Each version stands in a folder of its own; `current` points to one.
"""

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
COMPLETE = "complete"


class Refused(Exception):
    """A sentence for the operator; nothing was changed unless the sentence says so."""


def say(sentence):
    """Progress."""
    print(sentence, file=sys.stderr, flush=True)


# ---- the bundle -------------------------------------------------------------------------------------------------


def digest(path):
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def verify(bundle):
    """Compare every file with its checksum; answers how many.

    :raises Refused: a file is other, missing, or not listed
    """
    listed = {}
    try:
        for line in (bundle / SUMS).read_text(encoding="utf-8").splitlines():
            wanted, _blank, name = line.partition("  ")
            listed[name] = wanted
    except (OSError, UnicodeDecodeError):
        raise Refused(f"{bundle / SUMS} cannot be read: this is not a whole bundle.") from None
    there = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file() or path.is_symlink()}
    there -= {SUMS, *(name for name in there if "__pycache__" in name)}
    for name in sorted(listed.keys() - there):
        raise Refused(
            f"{name} is missing from the bundle. Copy the archive again and compare it with its .sha256 file."
        )
    for name in sorted(there - listed.keys()):
        raise Refused(f"{name} is not listed in {SUMS}: somebody put it there. Unpack the archive anew.")
    for name, wanted in listed.items():
        if (bundle / name).is_symlink() or digest(bundle / name) != wanted:
            raise Refused(
                f"{name} is not the file that was bundled. Copy the archive again and compare it with its .sha256 file."
            )
    return len(listed)


def facts(folder):
    """What the bundle says of itself."""
    return json.loads((folder / "BUNDLE.json").read_text(encoding="utf-8"))


def check_machine(told, python):
    """Whether the bundle's wheels are for this machine.

    :raises Refused: they are not
    """
    answer = subprocess.run([python, "-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"],
                            capture_output=True, text=True, check=False)  # fmt: skip
    found = answer.stdout.strip()
    if answer.returncode:
        raise Refused(
            f"{python} has no venv. On Debian: apt-get install python3 python3-venv, or name another with --python."
        )
    if found != told["python"]:
        raise Refused(
            f"The bundle is for Python {told['python']}; {python} is {found}. Name the right one with --python."
        )
    if platform.machine() != told["machine"]:
        raise Refused(f"The bundle is for {told['machine']}; this machine is {platform.machine()}.")
    here = tuple(int(part) for part in (platform.libc_ver()[1] or "0").split(".")[:2])
    if here < tuple(int(part) for part in told["libc"].split(".")[:2]):
        raise Refused(f"The bundle needs glibc {told['libc']} or newer; here is {platform.libc_ver()[1]}.")


# ---- versions on this machine -----------------------------------------------------------------------------------


class Place:
    """The folder of the versions, the settings and the service."""

    def __init__(self, options):
        self.prefix = Path(options.prefix).absolute()
        self.settings = Path(options.settings) if options.settings else None
        self.service = options.service
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
        self.environment.update(read_settings(self.settings))

    @property
    def data(self):
        """The data folder that settings name."""
        named = self.environment.get("YIDANG_DATA", "")
        return Path(named) if named else None

    def version(self, link):
        """The folder that `current` or `previous` points to, or nothing."""
        found = self.prefix / link
        return found.resolve() if found.is_symlink() and (found.resolve() / COMPLETE).is_file() else None

    def point(self, link, folder):
        """Let a link point to a version, in one step."""
        fresh = self.prefix / f".{link}.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(folder.relative_to(self.prefix))
        fresh.rename(self.prefix / link)

    def program(self, version, *words):
        """Run a version's program with the settings, as the account that owns the data folder."""
        account = {}
        if os.geteuid() == 0 and self.data and self.data.exists() and self.data.stat().st_uid != 0:
            owner = self.data.stat()
            account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        folder = self.data if self.data and self.data.is_dir() else self.prefix
        return subprocess.run([version / "bin" / "yidang", *words], env=self.environment, cwd=folder,
                              capture_output=True, text=True, check=False, **account)  # fmt: skip

    def is_served(self):
        """Whether a running program holds the data folder."""
        holder = self.data / "serving" if self.data else None
        if holder is None or not holder.is_file():
            return False
        with holder.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def stop(self):
        """Stop the service; answers whether it ran.

        :raises Refused: the folder is still served
        """
        ran = bool(self.service) and self._systemctl("is-active", "--quiet").returncode == 0
        if ran:
            say(f"Stopping {self.service}")
            self._systemctl("stop")
        if self.is_served():
            raise Refused(f"A program still serves {self.data}. Stop it, then run this again; nothing was changed.")
        return ran

    def start(self):
        """Start the service again."""
        say(f"Starting {self.service}")
        if self._systemctl("start").returncode:
            raise Refused(f"The version was changed, but {self.service} did not start: journalctl -u {self.service}")

    def _systemctl(self, *words):
        return subprocess.run(["systemctl", *words, self.service], capture_output=True, check=False)


def read_settings(file):
    """KEY=VALUE lines, as systemd reads them.

    :raises Refused: the file cannot be read
    """
    if file is None:
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as reason:
        raise Refused(f"{file} cannot be read ({reason.strerror}); name the settings with --settings.") from None
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))


def build(bundle, place, told, python):
    """Make the version's folder from the bundle's wheels alone; one that is there whole is taken as it is."""
    folder = place.prefix / "versions" / told["id"]
    if (folder / COMPLETE).is_file():
        say(f"{told['id']} is installed already")
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"Installing {told['id']} into {folder}")
    # Of the settings nothing reaches pip: it gets the wheels, their digests, and no index.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8", "PIP_NO_INDEX": "1",
                   "PIP_FIND_LINKS": str(bundle / "wheels"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1",
                   "PIP_CONFIG_FILE": os.devnull}  # fmt: skip
    requirements = bundle / "requirements.txt"
    for words in (
        [python, "-m", "venv", folder],
        [folder / "bin" / "python", "-m", "pip", "-q", "install", "--no-deps", "--require-hashes", "-r", requirements],
        [folder / "bin" / "yidang", "--version"],
    ):
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise Refused(f"The version could not be installed; nothing was changed.\n{done.stdout}{done.stderr}")
    own = folder / "share" / "yidang"
    own.mkdir(parents=True, exist_ok=True)
    for name in ("docs", "deploy"):
        if (bundle / name).is_dir():
            shutil.copytree(bundle / name, own / name)
    for name in ("BUNDLE.json", "install"):
        shutil.copy2(bundle / name, own / name)
    (folder / COMPLETE).write_text("", encoding="ascii")
    return folder


# ---- deeds ------------------------------------------------------------------------------------------------------


def back_up(place, version, options):
    """Take a backup with the version that runs, before anything of the data changes.

    :raises Refused: it failed, or no place for it is named
    """
    if options.no_backup:
        return
    address = options.backup or place.environment.get("YIDANG_BACKUP", "")
    if not address:
        raise Refused("No place for a backup is named. Set YIDANG_BACKUP, give --backup ADDRESS, or say --no-backup.")
    say(f"Taking a backup into {address}")
    done = place.program(version, "backup", address)
    if done.returncode:
        raise Refused(f"The backup failed, so nothing was changed.\n{done.stdout}{done.stderr}")


def known_to(place, version):
    """What a version knows of tables, as its own words.

    :raises Refused: it cannot tell
    """
    done = place.program(version, "migrate", "--list", "--json")
    if done.returncode:
        raise Refused(f"{version.name} cannot tell which tables it knows.\n{done.stderr}")
    return done.stdout


def go_back_to(place, newer, older_knows):
    """Let the newer version undo what the older one does not know; answers what it said when it could not."""
    folder = place.data if place.data and place.data.is_dir() else None
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=folder) as file:
        file.write(older_knows)
        file.flush()
        Path(file.name).chmod(0o644)
        done = place.program(newer, "migrate", "--back-to", file.name)
    return (done.stdout + done.stderr) if done.returncode else ""


def install(options):
    """Install this bundle; where a version runs already, upgrade it."""
    count = verify(BUNDLE)
    say(f"{count} files of the bundle are as they were made")
    told = facts(BUNDLE)
    check_machine(told, options.python)
    place = Place(options)
    before = place.version("current")
    folder = build(BUNDLE, place, told, options.python)
    if before == folder:
        say(f"{told['id']} is the current version")
        return
    if before is None:
        place.point("current", folder)
        say(f"Installed. {folder}/share/yidang/docs/operator/deploy.md says how to start it.")
        return
    back_up(place, before, options)
    older_knows = known_to(place, before)
    ran = place.stop()
    place.point("previous", before)
    place.point("current", folder)
    say("Bringing tables up to date")
    done = place.program(folder, "migrate")
    if done.returncode:
        refusal = go_back_to(place, folder, older_knows)
        place.point("current", before)
        if not refusal and ran:
            place.start()
        end = f"The tables could not be taken back: {refusal}" if refusal else "Everything is as it was."
        raise Refused(f"The tables could not be brought up to date.\n{done.stdout}{done.stderr}\n{end}")
    if ran:
        place.start()
    say(f"Upgraded from {before.name} to {folder.name}. «{folder}/share/yidang/install rollback» goes back.")


def rollback(options):
    """Go back to the version before, if its tables can be had."""
    place = Place(options)
    present, older = place.version("current"), place.version("previous")
    if present is None or older is None:
        raise Refused(f"There is no version to go back to under {place.prefix}.")
    back_up(place, present, options)
    older_knows = known_to(place, older)
    ran = place.stop()
    refusal = go_back_to(place, present, older_knows)
    if refusal:
        if ran:
            place.start()
        raise Refused(f"{older.name} cannot take over; {present.name} stays.\n{refusal}")
    place.point("current", older)
    place.point("previous", present)
    if ran:
        place.start()
    say(f"Went back from {present.name} to {older.name}.")


def status(options):
    """Which versions are here."""
    place = Place(options)
    current, previous = place.version("current"), place.version("previous")
    for folder in sorted((place.prefix / "versions").glob("*")):
        mark = "current" if folder == current else "previous" if folder == previous else ""
        print(f"{folder.name}  {mark if (folder / COMPLETE).is_file() else 'not whole'}".rstrip())


def main():
    """Read the words and do one deed."""
    parser = argparse.ArgumentParser(prog="install", description=__doc__)
    parser.add_argument("deed", choices=["verify", "install", "rollback", "status"])
    parser.add_argument("--prefix", default="/opt/yidang", help="the folder of the versions; /opt/yidang by default")
    parser.add_argument("--settings", default="", help="the file of settings, /etc/yidang/yidang.env on a server")
    parser.add_argument("--service", default="", help="the systemd service to stop and start, such as yidang")
    parser.add_argument("--python", default="python3", help="the Python for the program; python3 by default")
    parser.add_argument("--backup", default="", help="where the backup goes; YIDANG_BACKUP of the settings by default")
    parser.add_argument("--no-backup", action="store_true", help="take none; somebody has one")
    options = parser.parse_args()
    try:
        if options.deed == "verify":
            say(f"{verify(BUNDLE)} files of the bundle are as they were made")
        else:
            {"install": install, "rollback": rollback, "status": status}[options.deed](options)
    except Refused as refused:
        say(str(refused))
        sys.exit(1)
    except OSError as reason:
        say(f"{reason.filename or ''}: {reason.strerror}. «./install status» says which version is current.")
        sys.exit(1)


if __name__ == "__main__":
    main()
