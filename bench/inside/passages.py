"""File the passages of DRCD (traditional) and CMRC 2018 (simplified), ask their questions.

The sets are not part of this program; they are looked for in ``YIDANG_BENCH_TEXTS``, by default ``../shared/samples/text``.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.inside.hospital import furnish
from bench.inside.search import say
from bench.results import percentile
from yidang.catalogue.models import Document, Fonds, Record, RecordClass
from yidang.common.actor import Actor
from yidang.search import indexing
from yidang.search.asking import Query
from yidang.search.pagetext import write_pages
from yidang.search.queries import search

SETS = ("DRCD_dev.json", "cmrc2018_trial.json")
TOP = 10


def passages(file: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Title, passage and its questions."""
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield (
                article.get("title") or "段落",
                paragraph["context"],
                [asked["question"] for asked in paragraph["qas"]],
            )


def put_down(title: str, text: str, number: int) -> Record:
    """A record of one page."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    record = Record.objects.create(
        fonds=Fonds.objects.get(), record_class=RecordClass.objects.get(code="K00"), title=title, year=2026, retention="D30",
        accession_number=f"P{number:06d}", received_at=moment, updated_at=moment,
    )  # fmt: skip
    Document.objects.create(
        record=record,
        number=1,
        name="正文.pdf",
        path="documents/0001.pdf",
        size=1,
        sha256="",
        sha512="",
        sm3="",
        pages=1,
        text_state="ready",
        text_mark=write_pages(record.public_id, 1, [text])[0],
    )
    return record


def ask(actor: Actor, name: str, questions: list[tuple[str, int]]) -> None:
    """The figures of one set."""
    ranks, times = [], []
    for question, wanted in questions:
        start = time.perf_counter()
        hits = search(actor, Query(question, limit=TOP, facets=False)).hits
        times.append((time.perf_counter() - start) * 1000)
        ranks.append(next((1 / place for place, hit in enumerate(hits, start=1) if hit.record.pk == wanted), 0.0))
    note = f"{len(ranks)} questions, first {sum(rank == 1 for rank in ranks) / len(ranks):.3f}, p95 {percentile(times, 0.95):.0f} ms"
    say(f"passages that answer, {name}, MRR@{TOP}", sum(ranks) / len(ranks), "", note=note)


def main(number: int) -> None:
    """The whole bench; prints nothing but its own absence when the sets are not there."""
    folder = Path(os.environ.get("YIDANG_BENCH_TEXTS", "../shared/samples/text"))
    files = [folder / name for name in SETS if (folder / name).is_file()]
    if not files:
        say("passages", 0, "sets", note=f"none in {folder}; set YIDANG_BENCH_TEXTS")
        return
    actor = furnish().archivist
    asked: dict[str, list[tuple[str, int]]] = {}
    filed = 0
    for file in files:
        for title, text, questions in passages(file):
            filed += 1
            record = put_down(title, text, filed)
            asked.setdefault(file.stem, []).extend((question, record.pk) for question in questions)
    indexing.rebuild()
    say("passages", filed, "records")
    for name, questions in asked.items():
        ask(actor, name, random.Random(5).sample(questions, min(number, len(questions))))
