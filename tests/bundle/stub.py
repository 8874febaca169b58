"""A bundle of a program that only writes down what it is asked: small enough to be installed for real in a test."""

import base64
import hashlib
import json
import platform
import sys
import zipfile
from pathlib import Path

from tools import bundle

PROGRAM = """
import json, os, sys
from pathlib import Path
KNOWN = {known!r}
FAILS = {fails!r}
def main():
    words = sys.argv[1:]
    if words == ["--version"]:
        return
    data = Path(os.environ["YIDANG_DATA"])
    with (data / "calls").open("a") as calls:
        calls.write(" ".join(["{version}", *words]) + "\\n")
    if words[0] == FAILS or "broken" in words[-1]:
        sys.exit("it does not work: " + words[0])
    if words[:2] == ["migrate", "--list"]:
        print(json.dumps({{"known": KNOWN, "made": KNOWN}}))
    elif words[:2] == ["migrate", "--back-to"]:
        surplus = sorted(set(KNOWN) - set(json.loads(Path(words[2]).read_text())["known"]))
        if any("fixed" in name for name in surplus):
            sys.exit("These changes of tables cannot be undone: " + ", ".join(surplus))
"""


def _wheel(folder: Path, version: str, known: list[str], fails: str) -> None:
    name = f"yidang-{version}"
    files = {
        "stub.py": PROGRAM.format(known=known, fails=fails, version=version),
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: yidang\nVersion: {version}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}.dist-info/entry_points.txt": "[console_scripts]\nyidang = stub:main\n",
    }
    rows = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{name}.dist-info/RECORD"] = "\n".join([*rows, f"{name}.dist-info/RECORD,,"]) + "\n"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as packed:
        for path, text in files.items():
            packed.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_stub(folder: Path, version: str, *, known: list[str], fails: str = "", python: str = "") -> Path:
    """An unpacked bundle of that version, laid out as the real one.

    :param known: the changes of tables that it knows; one with «fixed» in its name has no way back
    :param fails: the command that does not work
    """
    made = folder / f"yidang-{version}"
    (made / "wheels").mkdir(parents=True)
    _wheel(made / "wheels", version, known, fails)
    told = {
        "id": version, "python": python or f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(), "libc": "2.17",
    }  # fmt: skip
    (made / "BUNDLE.json").write_text(json.dumps(told))
    (made / "requirements.txt").write_text(bundle.requirements_of(made / "wheels"))
    (made / "install").write_bytes((bundle.ROOT / "deploy/install.py").read_bytes())
    (made / "install").chmod(0o755)
    bundle.write_sums(made)
    return made
