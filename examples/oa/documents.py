"""Documents of the office system: drafted, passed through their steps, finished. One SQLite file."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

STEPS = ["拟稿", "科室审核", "办公室核稿", "院长签发", "办结"]
PEOPLE = ["许芳", "吴建国", "许芳", "周文", "许芳"]


@dataclass(frozen=True)
class Document:
    """A document with its history and its attachments' names."""

    id: int
    title: str
    number: str
    body: str
    step: int
    history: list[dict[str, str]]
    attachments: list[str]

    @property
    def is_finished(self) -> bool:
        """Whether the last step is done."""
        return self.step >= len(STEPS)

    @property
    def source_id(self) -> str:
        """The lasting identifier under which the document is filed."""
        return f"{self.history[0]['at'][:4]}-{self.id:06d}" if self.history else f"{self.id:06d}"

    @property
    def next_step(self) -> str:
        """What is to be done next."""
        return STEPS[self.step] if not self.is_finished else ""


class Office:
    """The store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS document (id INTEGER PRIMARY KEY, title TEXT, number TEXT, body TEXT, "
                "step INTEGER, history TEXT, attachments TEXT)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "oa.sqlite3", timeout=30)

    def draft(self, title: str, body: str, attachments: dict[str, bytes]) -> int:
        """Draft a document; its drafting is the first step."""
        with self._open() as database:
            made = database.execute(
                "INSERT INTO document (title, number, body, step, history, attachments) VALUES (?, '', ?, 0, '[]', ?)",
                (title, body, json.dumps(list(attachments), ensure_ascii=False)),
            )
            key = int(made.lastrowid or 0)
        for name, content in attachments.items():
            place = self.folder / "files" / str(key)
            place.mkdir(parents=True, exist_ok=True)
            (place / Path(name).name).write_bytes(content)
        self.advance(key, "请审。")
        return key

    def advance(self, key: int, opinion: str) -> None:
        """Do the next step; signing gives the document its number."""
        document = self.get(key)
        if document is None or document.is_finished:
            return
        now = datetime.now(UTC).astimezone()
        history = [
            *document.history,
            {
                "step": STEPS[document.step],
                "who": PEOPLE[document.step],
                "at": now.isoformat(timespec="seconds"),
                "opinion": opinion,
            },
        ]
        number = document.number
        if STEPS[document.step] == "院长签发":
            number = f"仁医发〔{now.year}〕{key}号"
        with self._open() as database:
            database.execute(
                "UPDATE document SET step = step + 1, history = ?, number = ? WHERE id = ? AND step = ?",
                (json.dumps(history, ensure_ascii=False), number, key, document.step),
            )

    def get(self, key: int) -> Document | None:
        """One document, or nothing."""
        return next(iter(self._select("WHERE id = ?", (key,))), None)

    def all(self) -> list[Document]:
        """All documents, the newest first."""
        return self._select("ORDER BY id DESC LIMIT 200")

    def attachment(self, key: int, index: int) -> tuple[str, bytes] | None:
        """Name and content of one attachment."""
        document = self.get(key)
        if document is None or not 0 <= index < len(document.attachments):
            return None
        name = document.attachments[index]
        return name, (self.folder / "files" / str(key) / Path(name).name).read_bytes()

    def _select(self, rest: str, values: tuple[object, ...] = ()) -> list[Document]:
        with self._open() as database:
            rows = database.execute(
                f"SELECT id, title, number, body, step, history, attachments FROM document {rest}", values
            )
            return [Document(*row[:5], json.loads(row[5]), json.loads(row[6])) for row in rows]
