"""The century pack 百年包: a selection of records as plain files that open by double click, with search, list and verifier."""

import csv
import hashlib
import html
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from yidang import audit, vault
from yidang.catalogue import labels
from yidang.catalogue.models import Document, Record
from yidang.catalogue.schemes import shown_fields
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState, YidangError
from yidang.ui.spreadsheets import harmless
from yidang.vault.flush import flush

DATA = Path(__file__).parent / "data" / "century"
VERIFIER = Path(__file__).with_name("verify_pack.py")
CHUNK = 1024 * 1024
# Records in one of the files that the search reads.
SHARD = 2000
SUMS = "SHA256SUMS"
DESCRIPTIONS = ("record.json", "metadata.xml")
_UNSAFE = re.compile(r"[^\w·．.-]+")


class DestinationInUse(WrongState):
    """A pack is to be written where something stands."""

    code = "continuity.destination_in_use"
    default_message = _("The folder for the pack exists already, so nothing was written.")
    default_remedy = _("Name a folder that does not exist yet.")


class NothingChosen(InvalidInput):
    """A selection without records."""

    code = "continuity.nothing_chosen"
    default_message = _("The selection holds no record, so no pack was made.")
    default_remedy = _("Look at the class, the year and the codes.")


@dataclass(slots=True)
class Pack:
    """What was written, and what could not be: path in the pack and reason."""

    folder: Path
    records: int = 0
    left: int = 0
    files: int = 0
    bytes: int = 0
    sums_sha256: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether everything that was chosen is in it."""
        return not self.problems


def make_pack(
    chosen: "QuerySet[Record]",
    target: Path,
    *,
    actor: Actor,
    progress: Callable[[Pack], None] = lambda pack: None,
    now: datetime | None = None,
) -> Pack:
    """Write a century pack of records with their descriptions and originals; each file is compared while it is copied.

    The pack holds the originals as they were kept, whatever masks lie over copies that people look at: it is for those
    who keep the archive. It appears at ``target`` when it is whole.

    :param chosen: which records; withdrawn ones are left out
    :raises DestinationInUse: something stands at ``target``
    :raises NothingChosen: no record is in the selection
    :raises OSError: the folder cannot be written
    """
    now = now or clock.now()
    if target.exists():
        raise DestinationInUse
    chosen = chosen.exclude(state=Record.WITHDRAWN)
    pack = Pack(target, left=chosen.count())
    if not pack.left:
        raise NothingChosen
    beside = target.with_name(f"{target.name}.unfinished")
    if beside.exists():
        shutil.rmtree(beside)
    beside.mkdir(parents=True)
    with _Writer(beside, pack) as writer, translation.override("zh-hans"):
        for record in _in_order(chosen):
            writer.add(record)
            pack.records, pack.left = pack.records + 1, pack.left - 1
            progress(pack)
        writer.finish(now)
    pack.sums_sha256 = hashlib.sha256((beside / SUMS).read_bytes()).hexdigest()
    beside.rename(target)
    flush([target, target.parent])
    with transaction.atomic():
        facts = {
            "records": pack.records, "files": pack.files, "bytes": pack.bytes, "sums_sha256": pack.sums_sha256,
            "problems": len(pack.problems),
        }  # fmt: skip
        outcome = "done" if pack.is_well else "failed"
        audit.write("continuity.pack.made", actor=actor, outcome=outcome, facts=facts, now=now)
    return pack


def _in_order(chosen: "QuerySet[Record]") -> Iterator[Record]:
    wanted = chosen.select_related("fonds", "record_class__scheme", "department").prefetch_related(
        "documents", "department__names"
    )
    return wanted.order_by("fonds__code", "code", "pk").iterator(chunk_size=500)


class _Writer:
    """Writes one pack's files and remembers the digest of each."""

    def __init__(self, folder: Path, pack: Pack) -> None:
        self.folder = folder
        self.pack = pack
        self.shards = 0
        self._rows: list[dict[str, object]] = []
        self._sums: TextIO = (folder / SUMS).open("w", encoding="utf-8", newline="\n")
        self._list: TextIO = (folder / "checklist.csv").open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._list)
        self._csv.writerow(["全宗号", "档号", "题名", "责任者", "日期", "保管期限", "密级", "文件数", "字节数", "位置"])

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_words: object) -> None:
        self._sums.close()
        self._list.close()

    def write(self, path: str, content: bytes) -> None:
        """One small file of the pack."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        self._count(path, hashlib.sha256(content).hexdigest(), len(content))

    def _count(self, path: str, digest: str, size: int) -> None:
        self._sums.write(f"{digest}  {path}\n")
        self.pack.files += 1
        self.pack.bytes += size

    def add(self, record: Record) -> None:
        """One record: its folder, its row of the list, its entry for the search."""
        name = _UNSAFE.sub("_", record.code or record.accession_number)[:80]
        top = f"records/{_UNSAFE.sub('_', record.fonds.code)}/{name}-{str(record.public_id)[:8]}"
        for path in DESCRIPTIONS:
            try:
                self.write(f"{top}/{path}", vault.read_bytes(record.object_id, path))
            except YidangError as problem:
                self.pack.problems.append((f"{top}/{path}", str(problem)))
        documents = list(record.documents.all())
        size = sum(self._copy(record, document, top) for document in documents)
        self.write(f"{top}/index.html", _record_page(record, documents).encode())
        row = [
            record.fonds.code, str(record), record.title, record.creator, record.date, labels.retention(record.retention),
            labels.level(record.level), str(len(documents)), str(size), top,
        ]  # fmt: skip
        self._csv.writerow([harmless(cell) for cell in row])
        words = [record.document_number, *record.keywords, *record.parties, *(one.name for one in documents)]
        self._rows.append({
            "code": str(record), "title": record.title, "date": record.date, "creator": record.creator,
            "files": len(documents), "words": " ".join(map(str, words)), "href": quote(f"{top}/index.html"),
        })  # fmt: skip
        if len(self._rows) == SHARD:
            self._shard()

    def _copy(self, record: Record, document: Document, top: str) -> int:
        """Copy one original, comparing its bytes on the way; its size, 0 when no good copy was found."""
        path, digest, size = f"{top}/{document.path}", hashlib.sha256(), 0
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with vault.open_file(record.object_id, document.path, check=True) as source, place.open("wb") as target:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
                    size += len(chunk)
        except YidangError as problem:
            self.pack.problems.append((path, str(problem)))
            place.unlink(missing_ok=True)
            return 0
        self._count(path, digest.hexdigest(), size)
        return size

    def _shard(self) -> None:
        if self._rows:
            self.shards += 1
            told = json.dumps(self._rows, ensure_ascii=False).replace("</", "<\\/")
            told = told.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
            self.write(
                f"data/records-{self.shards:04d}.js", f"(window.pack = window.pack || []).push({told});\n".encode()
            )
            self._rows = []

    def finish(self, now: datetime) -> None:
        """The first page, the search, the list, the verifier and what explains them; the digests last."""
        self._shard()
        for name in ("pack.css", "pack.js"):
            self.write(f"data/{name}", (DATA / name).read_bytes())
        self.write("README.txt", (DATA / "readme.txt").read_bytes())
        self.write("verify.py", VERIFIER.read_bytes())
        self.write("index.html", _first_page(self.pack, self.shards, now).encode())
        if self.pack.problems:
            lines = "".join(f"{path}\t{reason}\n" for path, reason in self.pack.problems)
            self.write("PROBLEMS.txt", lines.encode())
        self._list.close()
        content = (self.folder / "checklist.csv").read_bytes()
        self._count("checklist.csv", hashlib.sha256(content).hexdigest(), len(content))
        self._sums.close()


def _page(title: str, top: str, body: str, head: str = "") -> str:
    return (
        f'<!doctype html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{top}data/pack.css">{head}</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


def _first_page(pack: Pack, shards: int, now: datetime) -> str:
    name = html.escape(settings.HOSPITAL_NAME)
    made = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
    warning = (
        "<p><b>有文件未能写入，见 PROBLEMS.txt / Some files are missing, see PROBLEMS.txt</b></p>"
        if pack.problems
        else ""
    )
    body = (
        f"<h1>{name} · 档案百年包</h1>\n<p>{pack.records} 份档案，生成于 {made}。不需要网络与专用程序，说明见 "
        '<a href="README.txt">README.txt</a>，清单见 <a href="checklist.csv">checklist.csv</a>。 '
        f'<span lang="en">{pack.records} records; needs no network and no program of its own.</span></p>\n{warning}'
        '<label for="words">检索 / Search</label> <input id="words" type="search" autocomplete="off" '
        'placeholder="题名、档号、责任者、日期，空格分隔">\n<p id="count" aria-live="polite"></p>\n'
        '<table class="list"><thead><tr><th>档号</th><th>题名</th><th>日期</th><th>责任者</th><th>文件</th></tr></thead>'
        '<tbody id="hits"></tbody></table>\n<noscript><p>浏览器未启用脚本：请看 checklist.csv，或直接打开 records 文件夹。'
        "</p></noscript>"
    )
    scripts = "".join(f'<script src="data/records-{number:04d}.js" defer></script>' for number in range(1, shards + 1))
    return _page(
        f"{settings.HOSPITAL_NAME} 档案百年包", "", body, scripts + '<script src="data/pack.js" defer></script>'
    )


def _department(record: Record) -> str:
    """Today's name and the key that stays."""
    if record.department is None:
        return ""
    names = [name.zh for name in record.department.names.all() if name.valid_until is None]
    return " ".join([*names, record.department.key])


def _record_page(record: Record, documents: list[Document]) -> str:
    facts = [
        ("档号", str(record)), ("题名", record.title), ("文号", record.document_number), ("责任者", record.creator),
        ("日期", record.date), ("年度", str(record.year)), ("全宗", record.fonds.code),
        ("类目", f"{record.record_class.code} {record.record_class.labels.get('zh', '')}"),
        ("部门", _department(record)), ("保管期限", labels.retention(record.retention)),
        ("密级", labels.level(record.level)), ("关键词", "、".join(map(str, record.keywords))),
        ("相关人员", "、".join(map(str, record.parties))), ("内容", record.description),
        ("接收登记号", record.accession_number),
        *((one.label, one.value) for one in shown_fields(record, language="zh")),
    ]  # fmt: skip
    table = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>" for name, text in facts if text
    )
    files = "".join(
        f'<tr><td>{one.number}</td><td>{html.escape(one.role)}</td><td><a href="{quote(one.path)}">'
        f"{html.escape(one.name)}</a></td><td>{one.size:,} B</td></tr>"
        f'<tr><td></td><td colspan="3"><code>SHA-256 {one.sha256}<br>SM3 {one.sm3}</code></td></tr>'
        for one in documents
    )
    steps = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(str(step.get(key, '')))}</td>" for key in ("step", "who", "at", "opinion"))
        + "</tr>"
        for step in record.workflow
    )
    body = (
        f'<p><a href="../../../index.html">← 返回检索</a></p>\n<h1>{html.escape(record.title)}</h1>\n<table>{table}</table>\n'
        f"<h2>文件</h2>\n<table>{files}</table>\n" + (f"<h2>办理过程</h2>\n<table>{steps}</table>\n" if steps else "")
        + '<p><a href="record.json">record.json</a> · <a href="metadata.xml">metadata.xml</a></p>'
    )  # fmt: skip
    return _page(f"{record} {record.title}", "../../../", body)
