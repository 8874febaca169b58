"""Builds the whole demonstration: people, catalogue, records, rights, and the search index."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from yidang import search, vault
from yidang.audit import adopting
from yidang.catalogue import package
from yidang.catalogue import seed as catalogue_seed
from yidang.catalogue.models import Fonds, Record
from yidang.common import clock
from yidang.continuity import formats
from yidang.demo import cast, staffing
from yidang.demo.asking import ask_and_sign
from yidang.demo.filling import hand_all_over
from yidang.demo.folder import DataFolderNotEmpty
from yidang.demo.handover import Handover, Stage
from yidang.demo.spoilt import spoilt
from yidang.demo.staffing import FOUNDER, Account, Staff
from yidang.demo.story import handover
from yidang.demo.using import use_the_archive
from yidang.oversight.numbers import count_reach
from yidang.people.models import User
from yidang.permissions.actions import begin_care, issue_grant

RECORDS, SEED = 300, 2026


@dataclass(frozen=True)
class DemoResult:
    """What was made: the accounts to print, and how many submissions of each class became what."""

    accounts: list[Account]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """In the form of the contract."""
        return {
            "accounts": [
                {"username": one.username, "role": one.role, "password": one.password, "token": one.token}
                for one in self.accounts
            ]
        }

    def by_state(self) -> dict[str, int]:
        """How many submissions are archived, received, returned, in quarantine, refused."""
        states: Counter[str] = Counter()
        for (_class, state), count in self.counts.items():
            states[state] += count
        return dict(states)


def build_demo(
    data: Path, *, records: int = RECORDS, seed: int = SEED, report: Callable[[int], None] | None = None
) -> DemoResult:
    """Fill the data folder that the settings name; the caller asked :func:`is_empty` before reading the settings.

    :param records: how many submissions to file, beside those that fail their checks
    :param report: told how many are filed, now and then
    :raises DataFolderNotEmpty: the folder is another one than the settings', or its database holds people already
    """
    begun = clock.now()
    if data.resolve() != Path(settings.DATA).resolve():
        raise DataFolderNotEmpty(data)
    call_command("migrate", interactive=False, verbosity=0)
    if User.objects.exists() or Fonds.objects.exists():
        raise DataFolderNotEmpty(data)
    vault.prepare_sites(actor=FOUNDER, now=begun)
    vault.put_schema(package.schema_text())
    adopting.adopt_new_kinds(actor=FOUNDER)  # while nothing stands there, so that the first start has nothing to adopt
    stage = Stage(seed, records)
    staff = staffing.employ(stage, now=begun)
    catalogue_seed.load_hospital(code=cast.FONDS, name=cast.HOSPITAL, actor=FOUNDER)
    counts = hand_all_over(_everything(stage), staff, report=report)
    _give_rights(staff)
    ask_and_sign(staff, now=clock.now())
    use_the_archive(staff, now=clock.now())
    while search.index_once():
        pass
    formats.count_held(clock.now())
    count_reach(now=clock.now())
    return DemoResult(staff.accounts, counts, (clock.now() - begun).total_seconds())


def _everything(stage: Stage) -> Iterator[tuple[str, Callable[[], Handover]]]:
    for place in range(stage.records):
        yield f"demo-{place + 1:06d}", partial(handover, stage, place)
    for number, one in enumerate(spoilt(stage), 1):
        yield f"demo-x{number:02d}", partial(_same, one)


def _same(one: Handover) -> Handover:
    return one


def _give_rights(staff: Staff) -> None:
    """Present treatments of the clinicians, and a few papers opened to zhao."""
    now = clock.now()
    patients = Record.objects.exclude(patient_number="").order_by("patient_number", "-date")
    treated: dict[str, list[str]] = {}
    for ward, number in patients.values_list("department__key", "patient_number").distinct():
        treated.setdefault(ward, []).append(number)
    for ward, numbers in treated.items():
        clinicians = [
            staff.users[one.username] for one in cast.EVERYONE if one.role == "clinician" and one.department == ward
        ]
        for place, number in enumerate(dict.fromkeys(numbers)):
            # Two of three patients are in treatment now, with one clinician each; chen's ward begins with him.
            if clinicians and place % 3 != 2:
                begin_care(
                    number, clinician=clinicians[place % len(clinicians)], begins_at=now - timedelta(days=2 + place % 9), source="his",
                    actor=FOUNDER, now=now,
                )  # fmt: skip
    papers = Record.objects.filter(record_class__code__in=("KJ·SB", "KJ·KY"), state=Record.ARCHIVED).order_by(
        "accession_number"
    )
    for place, record in enumerate(papers[:4]):
        issue_grant(
            staff.users["zhao"], record.pk, record=str(record.public_id), actions={"view", "print"} if place == 0 else {"view"},
            until=now + timedelta(days=7 + place), reason="年度固定资产清查", actor=staff.actor("lin"), now=now,
        )  # fmt: skip
