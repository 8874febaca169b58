"""`make bundle`: one archive that installs Yidang where there is no network.

`python -m tools.bundle [--output FOLDER] [--wheels FOLDER]` gathers the wheels that requirements/runtime.txt pins (compared with its
digests), the program's own wheel with its assets and translations, documentation, deploy/ and the installer, lists a
checksum of each, packs them, then installs the archive in a temporary folder with the network cut off.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from tools.lint import ROOT, project_files

PROGRAM = ("yidang", "config", "requirements")
WHOLE = ("README.md", "LICENSE", "pyproject.toml")
WHEEL = re.compile(r"^(?P<name>[^-]+)-(?P<version>[^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-(?P<platform>[^-]+)\.whl$")
SUMS = "SHA256SUMS"
README = """医档离线安装包。先核对压缩包的 .sha256，再运行 ./install verify 与 ./install install；说明见 docs/operator/offline.md。

The offline bundle of Yidang. Compare the archive with its .sha256 file, then run ./install verify and ./install install;
docs/operator/offline.md says the rest.
"""


def run(*words: str | Path, cwd: Path = ROOT, quiet: bool = True, environment: dict[str, str] | None = None) -> None:
    """Run a program; its words are shown only when it fails.

    :raises SystemExit: it failed
    """
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=quiet, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} failed:\n{done.stdout}\n{done.stderr}")


def fetch_wheels(target: Path) -> None:
    """The wheels that the pins name; what has none is built from its pinned source."""
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel", "--no-deps"]
    run(*pip, "--require-hashes", "--no-build-isolation", "-r", "requirements/runtime.txt", "-w", target)


def build_program(target: Path) -> None:
    """The program's own wheel, from the files of the project, the assets and the compiled translations, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="yidang-wheel-") as name:
        copy = Path(name)
        own = [path for path in project_files() if _belongs(path.relative_to(ROOT))]
        made = [*(ROOT / "yidang").glob("**/*.mo"), *(ROOT / "yidang/ui/static/vendor").glob("**/*")]
        if not (ROOT / "yidang/ui/static/vendor/LIST.txt").is_file() or not any(path.suffix == ".mo" for path in made):
            raise SystemExit("The assets or the translations are not made yet: run «make setup».")
        for path in [*own, *(path for path in made if path.is_file())]:
            to = copy / path.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)
        pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel"]
        run(*pip, "--no-deps", "--no-build-isolation", "-w", target, ".", cwd=copy)


def _belongs(path: Path) -> bool:
    return (path.parts[0] in PROGRAM and "tests" not in path.parts) or str(path) in WHOLE


def requirements_of(wheels: Path) -> str:
    """Every wheel by name, version and digest, as pip wants it."""
    lines = []
    for wheel in sorted(wheels.glob("*.whl")):
        found = WHEEL.match(wheel.name)
        if found is None:
            raise SystemExit(f"{wheel.name} is not the name of a wheel.")
        lines.append(f"{found['name']}=={found['version']} --hash=sha256:{digest(wheel)}")
    return "\n".join(lines) + "\n"


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def facts(wheels: Path) -> dict[str, str]:
    """What the installer must know of the bundle."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    commit, when = _git("rev-parse", "--short=10", "HEAD"), _git("show", "-s", "--format=%cI", "HEAD")
    changed = "" if not _git("status", "--porcelain", "--", *PROGRAM) else ".changed"
    return {
        "id": f"{version}-{commit}{changed}", "version": version, "commit": commit, "committed_at": when,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}", "machine": platform.machine(),
        "libc": _libc(wheels),
    }  # fmt: skip


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown" if words[0] != "status" else done.stdout.strip()


def _libc(wheels: Path) -> str:
    """The newest glibc that a wheel asks for; a wheel for several is good from its oldest on."""
    needed = (2, 17)
    for wheel in wheels.glob("*.whl"):
        asked = [(int(one), int(two)) for one, two in re.findall(r"manylinux_(\d+)_(\d+)", wheel.name)]
        if asked:
            needed = max(needed, min(asked))
    return ".".join(map(str, needed))


def lay_out(folder: Path, wheels: Path) -> None:
    """Everything that the archive holds, with its checksums."""
    shutil.copytree(wheels, folder / "wheels")
    (folder / "requirements.txt").write_text(requirements_of(folder / "wheels"), encoding="utf-8")
    (folder / "BUNDLE.json").write_text(json.dumps(facts(folder / "wheels"), indent=1) + "\n", encoding="utf-8")
    for name in ("docs", "deploy"):
        for path in project_files():
            if path.is_relative_to(ROOT / name):
                to = folder / path.relative_to(ROOT)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to)
    shutil.move(folder / "deploy/install.py", folder / "install")
    (folder / "install").chmod(0o755)
    (folder / "README.txt").write_text(README, encoding="utf-8")
    shutil.copy2(ROOT / "LICENSE", folder / "LICENSE")
    write_sums(folder)


def write_sums(folder: Path) -> None:
    """The list that the installer compares with."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{digest(path)}  {path.relative_to(folder)}" for path in files]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def pack(folder: Path, archive: Path) -> None:
    """One archive, the same bytes for the same files; wheels are compressed already."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = 0
        member.mode = 0o755 if member.isdir() or member.name.endswith("/install") else 0o644
        return member

    with tarfile.open(archive, "w") as packed:
        packed.add(folder, folder.name, filter=plain)
    sums = f"{digest(archive)}  {archive.name}\n"
    archive.with_name(f"{archive.name}.sha256").write_text(sums, encoding="ascii")


def without_network() -> list[str]:
    """The words that cut the network off, where this machine permits it."""
    words = ["unshare", "--map-root-user", "--net"]
    try:
        permitted = subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        permitted = False
    return words if permitted else []


def try_out(archive: Path) -> None:
    """Install the archive somewhere else with the network cut off, and let the program make an archive and look at it."""
    cut = without_network()
    if not cut:
        print(
            "This machine does not permit cutting the network off; the trial goes on with pip's index turned off alone."
        )
    with tempfile.TemporaryDirectory(prefix="yidang-trial-") as name:
        place = Path(name)
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        [folder] = place.iterdir()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("YIDANG_", "PIP_", "PYTHON"))}
        environment = {**kept, "YIDANG_DATA": str(place / "data"), "YIDANG_CLAMD": "off"}
        prefix = place / "opt"
        run(
            *cut, folder / "install", "install", "--prefix", prefix, "--python", sys.executable, environment=environment
        )
        for words in (
            ["migrate"],
            ["user", "--help"],
            ["vault", "status"],
            ["support-bundle", "--output", place / "x.zip"],
        ):
            run(*cut, prefix / "current/bin/yidang", *words, cwd=place, environment=environment)


def main() -> None:
    """Make the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder of the archive; dist by default")
    parser.add_argument(
        "--wheels", type=Path, help="a folder with the pinned wheels, when there is no network here either"
    )
    parser.add_argument("--no-trial", action="store_true", help="do not install it afterwards")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yidang-bundle-", dir=options.output) as name:
        wheels = Path(name) / "wheels"
        if options.wheels:
            shutil.copytree(options.wheels, wheels)
        else:
            wheels.mkdir()
            fetch_wheels(wheels)
        build_program(wheels)
        told = facts(wheels)
        folder = Path(name) / f"yidang-{told['id']}"
        lay_out(folder, wheels)
        archive = options.output / f"yidang-{told['id']}-py{told['python']}-{told['machine']}.tar"
        pack(folder, archive)
    if not options.no_trial:
        try_out(archive)
    print(f"{archive}  {archive.stat().st_size / 1e6:.0f} MB, with its .sha256 beside it")


if __name__ == "__main__":
    main()
