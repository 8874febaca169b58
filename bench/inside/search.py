"""Fill a hospital, build its index, ask it."""

import json
import random
import time
from collections.abc import Callable

from bench.inside.hospital import CHARACTERS, People, fill, furnish
from bench.results import percentile
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.search import indexing
from yidang.search.asking import Filter, Query
from yidang.search.normal import normalise
from yidang.search.queries import search
from yidang.search.reading import page_texts

ASKED = 100
TERMS = 200


def say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    """One figure for the bench that started this."""
    print(json.dumps([name, value, unit, aim, at_least, note], ensure_ascii=False), flush=True)


def texts_of(record: Record) -> list[str]:
    """Every text in which a person would look, each by itself: a term never spans two."""
    pages = page_texts(record, 1) or []
    described = (record.title, record.creator, record.document_number, *record.parties, "正文.pdf")
    return [normalise(text) for text in (*described, *pages)]


def kinds(chance: random.Random) -> dict[str, Callable[[], Query]]:
    """How a question of each kind is made."""
    words = ("医院管理", "质量", "患者", "工作", "安全检查")

    def of_a_record(length: int) -> str:
        record = Record.objects.order_by("pk")[chance.randrange(Record.objects.count())]
        text = (page_texts(record, 1) or [record.title])[0]
        place = chance.randrange(max(1, len(text) - length))
        return text[place : place + length]

    return {
        "rare": lambda: Query(text=of_a_record(9)),
        "common": lambda: Query(text=chance.choice(words)),
        "phrase": lambda: Query(text=f'"{of_a_record(6)}"'),
        "two terms": lambda: Query(text=" ".join(chance.sample(words, 2))),
        "code prefix": lambda: Query(text=f"Y012-K{chance.randrange(40):02d}·{chance.randint(2000, 2026)}"),
        "filtered": lambda: Query(
            text=chance.choice(words),
            filters={"year": Filter(only=("2019..2024",)), "retention": Filter(only=("Y", "D30"))},
        ),
    }


def ask(people: People, chance: random.Random) -> None:
    """The speed of each kind of question, with facets, for both people."""
    asking = {"sees everything": people.archivist, "normal user": people.colleague}
    for name, make in kinds(chance).items():
        times: dict[str, list[float]] = {who: [] for who in asking}
        for query in [make() for _ in range(ASKED)]:
            for who, actor in sorted(asking.items(), key=lambda _: chance.random()):  # neither always comes first
                start = time.perf_counter()
                search(actor, query)
                times[who].append((time.perf_counter() - start) * 1000)
        for who, spent in times.items():
            note = f"p50 {percentile(spent, 0.5):.1f}"
            say(f"{name} with facets, {who}, p95", percentile(spent, 0.95), "ms", 50, note=note)
        ratio = percentile(times["normal user"], 0.95) / percentile(times["sees everything"], 0.95)
        say(f"{name}: normal user against sees everything", ratio, "times", 1.5)


def exactness(actor: Actor, chance: random.Random) -> None:
    """Whether any two to four characters of a readable record find it and nothing else."""
    everything = [texts_of(record) for record in Record.objects.order_by("pk").iterator(chunk_size=5000)]
    expected = found = wrong = 0
    for _ in range(TERMS):
        text = chance.choice(chance.choice(everything))
        length = min(len(text), chance.randint(2, 4))
        place = chance.randrange(len(text) - length + 1)
        term = text[place : place + length]
        if not term.isalpha():
            continue
        truth = sum(any(term in text for text in texts) for texts in everything)
        total = search(actor, Query(text=f'"{term}"', facets=False, limit=1)).total
        expected += truth
        found += min(truth, total)
        wrong += max(0, total - truth)
    say("recall of 2 to 4 characters", found / expected, "", 1.0, at_least=True, note=f"{TERMS} terms")
    say("precision of 2 to 4 characters", found / (found + wrong), "", 1.0, at_least=True)


def main(records: int) -> None:
    """The whole bench."""
    people = furnish()
    start = time.perf_counter()
    for _ in fill(records):
        pass
    say("records written straight to the database", records / (time.perf_counter() - start), "records/s")
    start = time.perf_counter()
    status = indexing.rebuild()
    say("index built from the catalogue", records / (time.perf_counter() - start), "records/s", 100, at_least=True)
    say("records in the index", status.records, "records")
    say("text per record", status.characters_per_record, "characters", note=f"{CHARACTERS} of them on its page")
    say("index on disk", status.bytes / 2**20, "MiB", note=f"page texts {status.text_bytes / 2**20:.0f} MiB")
    chance = random.Random(11)
    ask(people, chance)
    exactness(people.archivist, chance)
