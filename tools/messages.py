"""The interface's sentences: compile the translations, and check that each sentence has its Chinese.

`python -m tools.messages compile | check | missing`. `missing` prints entries to paste into a package's .po file.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CALLS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
}
_LITERAL = r"""[uU]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext(?:_lazy|_noop)?)\(\s*({_LITERAL})(?:\s*,\s*({_LITERAL}))?", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@dataclass(frozen=True)
class Sentence:
    """One msgid and where it stands."""

    text: str
    context: str
    path: Path
    line: int


def catalogues() -> list[Path]:
    """Every .po file of the product."""
    return sorted(path for folder in ("yidang", "config") for path in (ROOT / folder).glob("**/LC_MESSAGES/*.po"))


def compile_all() -> int:
    """Write the .mo file of every .po file that is newer than it; the answer is how many were written."""
    written = 0
    for path in catalogues():
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        part = compiled.with_suffix(".part")
        polib.pofile(str(path)).save_as_mofile(str(part))
        part.replace(compiled)  # a running program never reads half a file
        written += 1
    return written


def python_sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of one Python file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if texts:
            context = texts[0] if name.startswith("pgettext") else ""
            text = texts[1] if context and len(texts) > 1 else texts[0]
            yield Sentence(text, context, path, node.lineno)


def template_sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of one template, as Django itself finds them."""
    from django.utils.translation.template import templatize

    pseudo = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for found in _IN_TEMPLATE.finditer(pseudo):
        name, first, second = found.groups()
        text = ast.literal_eval(first)
        line = pseudo.count("\n", 0, found.start()) + 1
        if "pgettext" in name and second:
            yield Sentence(ast.literal_eval(second), text, path, line)
        else:
            yield Sentence(text, "", path, line)


def sentences() -> Iterator[Sentence]:
    """Every sentence of the product."""
    for folder in ("yidang", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield from python_sentences(path)
        for path in sorted((ROOT / folder).rglob("templates/**/*")):
            if path.suffix in {".html", ".txt", ".xml"}:
                yield from template_sentences(path)


def translated() -> tuple[set[tuple[str, str]], list[str]]:
    """What has its Chinese, as (context, msgid); and what is wrong with the files themselves."""
    done: set[tuple[str, str]] = set()
    wrong: list[str] = []
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            texts = (
                [entry.msgstr, *entry.msgstr_plural.values()]
                if not entry.msgid_plural
                else [*entry.msgstr_plural.values()]
            )
            where = f"{path.relative_to(ROOT)}:{entry.linenum}"
            if entry.obsolete:
                continue
            if not all(texts) or entry.fuzzy:
                wrong.append(f"{where}: «{entry.msgid}» has no finished translation.")
                continue
            for text in texts:
                asked, given = set(_PLACEHOLDER.findall(entry.msgid)), set(_PLACEHOLDER.findall(text))
                if given - asked - set(_PLACEHOLDER.findall(entry.msgid_plural or "")):
                    wrong.append(
                        f"{where}: the translation of «{entry.msgid}» uses {sorted(given - asked)}, unknown to it."
                    )
            done.add((entry.msgctxt or "", entry.msgid))
    return done, wrong


def django_sentences() -> set[str]:
    """What Django itself translates (form errors and the like)."""
    import django

    path = Path(django.__file__).parent / "conf/locale/zh_Hans/LC_MESSAGES/django.po"
    return {entry.msgid for entry in polib.pofile(str(path)) if entry.msgstr}


def missing() -> tuple[dict[tuple[str, str], Sentence], list[str]]:
    """Sentences without Chinese, the first place of each; and what is wrong with the files."""
    done, wrong = translated()
    from_django = django_sentences()
    absent: dict[tuple[str, str], Sentence] = {}
    for sentence in sentences():
        key = (sentence.context, sentence.text)
        if sentence.text.strip() and key not in done and (sentence.context or sentence.text not in from_django):
            absent.setdefault(key, sentence)
    return absent, wrong


def main(words: list[str]) -> int:
    """Run one of the three verbs."""
    import django
    from django.conf import settings

    verb = words[0] if words else ""
    if verb == "compile":
        compile_all()
        return 0
    if verb not in {"check", "missing"}:
        print(__doc__, file=sys.stderr)
        return 2
    if not settings.configured:
        # The real settings make a data folder; finding sentences needs none of it.
        settings.configure(USE_I18N=True)
        django.setup()
    absent, wrong = missing()
    if verb == "missing":
        for sentence in absent.values():
            place = f"#: {sentence.path.relative_to(ROOT)}:{sentence.line}"
            context = f"msgctxt {polib.escape(sentence.context)!s}\n" if sentence.context else ""
            print(f'{place}\n{context}msgid "{polib.escape(sentence.text)}"\nmsgstr ""\n')
        return 0
    for line in wrong:
        print(line)
    for sentence in absent.values():
        print(f"{sentence.path.relative_to(ROOT)}:{sentence.line}: «{sentence.text}» has no Chinese.")
    return 1 if absent or wrong else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    raise SystemExit(main(sys.argv[1:]))
