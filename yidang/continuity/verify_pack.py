#!/usr/bin/env python3
"""校验百年包 / Verifies a century pack. Needs Python 3 alone:  python3 verify.py

Reads every file of this folder and compares it with SHA256SUMS. It changes nothing. 0 全部相符 all as written · 1 有出入 not.
"""

import hashlib
import sys
from pathlib import Path

SUMS = "SHA256SUMS"


def digest(path: Path) -> str:
    """A file's SHA-256."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def verify(folder: Path) -> tuple[int, list[tuple[str, str]]]:
    """How many files are listed, and what is wrong, as (kind, path); nothing is when all is as written."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    expected = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    problems = []
    for path, wanted in expected.items():
        if not (folder / path).is_file():
            problems.append(("缺失 missing", path))
        elif digest(folder / path) != wanted:
            problems.append(("已改动 changed", path))
    here = {place.relative_to(folder).as_posix() for place in folder.rglob("*") if not place.is_dir()}
    problems += [("多出 not listed", path) for path in sorted(here - {SUMS, *expected})]
    return len(expected), problems


def main() -> int:
    """Say what was found; the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    number, problems = verify(folder)
    for kind, path in problems:
        print(kind, path)
    print(f"清单 {number} 个文件，问题 {len(problems)} 个 / {number} files listed, {len(problems)} problems")
    print(f"{SUMS}: {digest(folder / SUMS)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
