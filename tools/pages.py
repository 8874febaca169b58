"""Pages of docs/ that are made from the code: `python -m tools.pages` writes them, `--check` says which are stale."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "yidang/commands/data"
SHOWN = {"gbt39784": "GB/T 39784-2021", "promise": "promises", "seed_rule": "rules of the seed data"}


def marks() -> dict[str, dict[str, list[str]]]:
    """Which tests show what, collected from the tests without running them.

    :raises SystemExit: the tests cannot be collected
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--marks={answer.name}",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"The tests could not be collected:\n{done.stdout}\n{done.stderr}")
        return json.loads(Path(answer.name).read_text(encoding="utf-8"))


def _tests_cell(tests: list[str], missing: str) -> str:
    if not tests:
        return missing
    return "<br>".join(f"`{name.rpartition('/')[2]}`" for name in tests)


def _requirements() -> list[dict[str, Any]]:
    return yaml.safe_load((DATA / "gbt39784.yaml").read_text(encoding="utf-8"))["requirements"]


def _promises() -> list[dict[str, str]]:
    return yaml.safe_load((DATA / "promises.yaml").read_text(encoding="utf-8"))["promises"]


def conformance_page(found: dict[str, dict[str, list[str]]]) -> str:
    """docs/conformance.md: every requirement and promise with the tests that show it, or a plain «missing»."""
    requirements = _requirements()
    shown = {row["id"]: found["gbt39784"].get(row["id"].removeprefix("GBT39784-"), []) for row in requirements}
    count = Counter(row["level"] for row in requirements if shown[row["id"]])
    total = Counter(row["level"] for row in requirements)
    lines = [
        "# 标准符合情况 · Conformance",
        "",
        "由 `make conformance` 从测试生成：一条要求只有在测试能够证明时才算满足；没有测试的写「未证明」。",
        "Generated from the tests by `make conformance`: a requirement counts only where a test shows it; «missing» means that "
        "no test does.",
        "",
        "## GB/T 39784-2021 电子档案管理系统通用功能要求",
        "",
        f"共 {len(requirements)} 条，已证明 {sum(count.values())} 条："
        f"必选 {count['mandatory']}/{total['mandatory']}，可选 {count['optional']}/{total['optional']}。"
        "要求文字为转述。 The wording is a paraphrase.",
        "",
    ]
    area = ""
    for row in requirements:
        if row["area"] != area:
            area = row["area"]
            lines += ["", f"### {area}", "", "| 条款 | 要求 | 约束 | 证明 shown by |", "|---|---|---|---|"]
        level = "必选" if row["level"] == "mandatory" else "可选"
        text = f"{row['section']}：{row['zh']}".replace("|", "／")
        name = row["id"].removeprefix("GBT39784-")
        lines.append(f"| {name} | {text} | {level} | {_tests_cell(shown[row['id']], '未证明 missing')} |")
    lines += ["", "## 承诺 · Promises", "", "| id | promise | shown by |", "|---|---|---|"]
    for promise in _promises():
        tests = found["promise"].get(promise["id"], [])
        lines.append(f"| {promise['id']} | {promise['en']} | {_tests_cell(tests, 'missing')} |")
    if found["seed_rule"]:
        lines += ["", "## 种子数据的规则 · Rules of the seed data", "", "| rule | shown by |", "|---|---|"]
        lines += [f"| {rule} | {_tests_cell(tests, '')} |" for rule, tests in found["seed_rule"].items()]
    return "\n".join(lines) + "\n"


def unknown_marks(found: dict[str, dict[str, list[str]]]) -> list[str]:
    """Marks that name nothing that exists: mostly a slip of the pen."""
    known = {
        "gbt39784": {row["id"].removeprefix("GBT39784-") for row in _requirements()},
        "promise": {row["id"] for row in _promises()},
    }
    return [
        f"{tests[0]}: {kind}(«{identifier}») names no known {SHOWN[kind]} entry."
        for kind, identifiers in known.items()
        for identifier, tests in found[kind].items()
        if identifier not in identifiers
    ]


def settings_page() -> str:
    """docs/operator/settings.md: every setting as the readers declare it."""
    script = (
        "import json, config.settings as s\n"
        "from config.readers import DECLARED\n"
        "print(json.dumps([[d.name, d.kind, d.default.replace(str(s.DATA), '$YIDANG_DATA'), d.meaning] "
        "for d in DECLARED.values()]))"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": "/usr/bin:/bin", "YIDANG_DATA": f"{folder}/data", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"The settings could not be read:\n{done.stderr}")
    rows = json.loads(done.stdout)
    lines = [
        "# 设置 · Settings",
        "",
        "由 `make conformance` 从 `config/settings.py` 生成。设置是环境变量，只在启动时读取；写错的设置会让程序在启动时停下，并用一句话说明原因。",
        "",
        "Generated from `config/settings.py` by `make conformance`. Settings are environment variables, read once at start; a value "
        "that cannot be used ends the program with a sentence that names the setting.",
        "",
        "| setting | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, kind, default, meaning in rows:
        shown = "./var" if name == "YIDANG_DATA" else default
        lines.append(f"| `{name}` | {kind} | {f'`{shown}`' if shown else '(empty)'} | {meaning.replace('|', '∣')} |")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    """Write the pages, or say which would change."""
    found = marks()
    problems = unknown_marks(found)
    pages = {
        ROOT / "docs/conformance.md": conformance_page(found),
        ROOT / "docs/operator/settings.md": settings_page(),
        DATA / "conformance.json": json.dumps(found, ensure_ascii=False, indent=1) + "\n",
    }
    for path, text in pages.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in words:
            problems.append(f"{path.relative_to(ROOT)} is stale; run make conformance and commit it.")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {path.relative_to(ROOT)}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
