"""A history of many clients at once, and a checker over all of it (promise A5): small here, whole in `make torture`.

Every client files, accepts, takes back, describes, groups into volumes and arranges the year, and writes down what was
acknowledged to it. Afterwards the history must be explained by what stands there: no number twice, no final code changed
or reused, no item in two volumes, nothing acknowledged lost, no gap where there may be none, every row as its last act left it.
"""

import os
import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang.audit.rows import check_rows
from yidang.audit.verify import Walk
from yidang.catalogue.actions import arrange_year, create_volume, describe_record
from yidang.catalogue.models import ArchivalCode, Record
from yidang.common import clock
from yidang.common.errors import YidangError
from yidang.intake import actions as intake

YEAR = 2026


class Client:
    """One of many, with its own dice and its own list of what it was told."""

    def __init__(self, house: Archive, number: int, seed: int) -> None:
        self.dice = random.Random(f"{seed}/{number}")
        # Source ids of one client do not meet those of another.
        self.desk = Archive(house.cast, house.fonds, filed=number * 100_000)
        self.waiting: list[Record] = []
        self.items: list[Record] = []
        self.history: list[tuple[str, Any]] = []
        self.refused: Counter[str] = Counter()

    def step(self) -> None:
        """One deed; a refusal is an answer, anything else a fault of the program."""
        deeds: list[tuple[Callable[[], None], int]] = [
            (self.file, 8), (self.accept, 5), (self.take_back, 2), (self.describe, 3), (self.group, 3), (self.arrange, 1)
        ]  # fmt: skip
        deed = self.dice.choices([one for one, _often in deeds], [often for _one, often in deeds])[0]
        try:
            deed()
        except YidangError as refusal:
            self.refused[refusal.code] += 1

    def file(self) -> None:
        day = f"{YEAR}-{self.dice.randint(1, 12):02d}-{self.dice.randint(1, 28):02d}"
        of, metadata = self.dice.choice([("WS·XZ", {}), ("KJ·KY", {"project_number": "2026KY"})])
        made = self.desk.file(of=of, date=day, metadata=metadata, accepted=False)
        self.waiting.append(made)
        self.history.append(("filed", (made.pk, made.accession_number)))

    def accept(self) -> None:
        if self.waiting:
            one = self.waiting.pop(self.dice.randrange(len(self.waiting)))
            self.desk.accept(self.desk.submissions[one.pk])
            self.items.append(one)
            self.history.append(("accepted", one.pk))

    def take_back(self) -> None:
        if self.waiting:
            one = self.waiting.pop(self.dice.randrange(len(self.waiting)))
            actor = self.desk.cast.actor("xu")
            intake.withdraw(self.desk.submissions[one.pk], actor=actor, reason="", now=clock.now())
            self.history.append(("withdrawn", one.pk))

    def describe(self) -> None:
        if self.items:
            one = self.dice.choice(self.items)
            words = f"摘要{secrets.token_hex(6)}"
            describe_record(one, {"description": words}, actor=self.desk.cast.actor("lin"), now=clock.now())
            self.history.append(("described", (one.pk, words)))

    def group(self) -> None:
        """Any items of the class, those of other clients too, so that two may reach for one."""
        free = list(Record.objects.filter(record_class__code="KJ·KY", kind="item", state="archived", volume=None)[:20])
        if len(free) > 1:
            chosen = self.dice.sample(free, min(len(free), self.dice.randint(2, 3)))
            made = create_volume(chosen, title="课题", actor=self.desk.cast.actor("lin"), now=clock.now())
            self.history.append(("grouped", (made.pk, [one.pk for one in chosen])))

    def arrange(self) -> None:
        record_class = self.desk.record_class("WS·XZ")
        arrange_year(record_class, YEAR, actor=self.desk.cast.actor("lin"), now=clock.now())
        final = Record.objects.filter(record_class=record_class, code_state="final").values_list("pk", "code")
        self.history.append(("final", dict(final)))


@pytest.mark.promise("A5")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("clients", "deeds"),
    [(4, 10), pytest.param(32, 200, marks=[pytest.mark.torture, pytest.mark.timeout(0)])],
)
def test_a_history_of_many_clients_is_explained(data: Any, clients: int, deeds: int) -> None:
    seed = int(os.environ.get("TORTURE_SEED") or secrets.randbelow(2**32))
    print(f"SEED={seed}")
    house = build_archive(build_cast())
    crowd = [Client(house, number, seed) for number in range(clients)]
    broken: list[BaseException] = []

    def live(client: Client) -> None:
        try:
            for _number in range(deeds):
                client.step()
        except BaseException as fault:
            broken.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=live, args=(client,)) for client in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken, f"SEED={seed}: {broken[:3]!r}"
    explain([told for client in crowd for told in client.history])
    for client in crowd:
        while client.waiting:
            client.accept()
    crowd[0].arrange()
    without_gaps()
    assert list(check_rows()) == []
    assert list(Walk([])) == []


def explain(history: list[tuple[str, Any]]) -> None:
    """Compare everything that was acknowledged with what stands in the catalogue."""
    rows = {one.pk: one for one in Record.objects.all()}
    filed = [told for kind, told in history if kind == "filed"]
    accessions = [accession for _pk, accession in filed]
    assert len(set(accessions)) == len(accessions) == len({pk for pk, _accession in filed})
    assert all(rows[pk].accession_number == accession for pk, accession in filed)
    assert all(rows[pk].state == Record.ARCHIVED for kind, pk in history if kind == "accepted")
    assert all(rows[pk].state == Record.WITHDRAWN and not rows[pk].code for kind, pk in history if kind == "withdrawn")
    grouped = [told for kind, told in history if kind == "grouped"]
    taken = [pk for _volume, items in grouped for pk in items]
    assert len(set(taken)) == len(taken), "an item was put into two volumes"
    assert all(rows[pk].volume_id == volume for volume, items in grouped for pk in items)
    said: dict[int, set[str]] = {}
    for pk, words in (told for kind, told in history if kind == "described"):
        said.setdefault(pk, set()).add(words)
    assert all(rows[pk].description in words for pk, words in said.items()), "an acknowledged description is lost"
    for final in (told for kind, told in history if kind == "final"):
        assert all(rows[pk].code == code for pk, code in final.items()), "a final code was changed"
    codes = [one.code for one in rows.values() if one.code]
    assert len(set(codes)) == len(codes)


def without_gaps() -> None:
    """Each series of the arranged year counts from one, every number borne by a record."""
    series: dict[str, list[int]] = {}
    held = ArchivalCode.objects.filter(state=ArchivalCode.FINAL, record_id__in=Record.objects.filter(
        record_class__code="WS·XZ").values("pk"))  # fmt: skip
    for name, number in held.values_list("series", "number"):
        series.setdefault(name, []).append(number)
    assert series
    for name, numbers in series.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), name
