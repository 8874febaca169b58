"""After the storm: acknowledgements against rows, bytes on every site, the log, the index and the doctor.

Rows and bytes are read here by the database's own library and hashlib alone, so that a fault of the program's own reading shows too.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.torture.client import Ledger
from tests.torture.house import House, NotWell, Operator

INDEX_SECONDS = 900  # the worker gives way to everybody else on the machine
SETTLING_SECONDS = 30


def check(
    house: House, operator: Operator, ledger: Ledger, *, where: str, scrubs: bool = True, serves: bool = True,
    forgives: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Compare everything; answers what the program said of itself.

    :param where: the seed and the point, for whoever has to find it again
    :param serves: whether a worker runs, which then brings the index up to date by itself
    :param forgives: an area of the doctor that the attack itself made ill, e.g. a disk that is too small
    :raises NotWell: anything does not agree
    """
    seen = _when_indexed(operator, serves, forgives)
    wrong = {name: found for name, found in seen["faults"].items() if found}
    if scrubs:
        wrong |= {f"scrub of {site}": kinds for site, kinds in operator("scrub").items() if kinds}
    if seen["indexed"] != seen["records"] or seen["lag"]:
        wrong["index"] = {key: seen[key] for key in ("indexed", "records", "lag")}
    if not seen["records"] == seen["receipts"] == seen["received"]:
        wrong["halves"] = {key: seen[key] for key in ("records", "receipts", "received")}
    wrong |= _when_settled(house, ledger, serves)
    if wrong:
        raise NotWell(f"{where}: {json.dumps(wrong, ensure_ascii=False, default=str)[:3000]}")
    return seen


def _when_indexed(operator: Operator, serves: bool, forgives: str) -> dict[str, Any]:
    if not serves:
        operator("work")
        operator("index")
    deadline = time.monotonic() + INDEX_SECONDS
    while serves and operator("waits") and time.monotonic() < deadline:
        time.sleep(0.2)
    while True:
        seen: dict[str, Any] = operator("look")
        ill = seen["faults"]["doctor"]
        seen["faults"]["doctor"] = [one for one in ill if not forgives or not one.startswith(f"{forgives}:")]
        late = seen["lag"] or seen["faults"]["reserved"] or seen["faults"]["doctor"]
        if not late or not serves or time.monotonic() > deadline:
            return seen
        time.sleep(0.5)


def _when_settled(house: House, ledger: Ledger, serves: bool) -> dict[str, Any]:
    """What an outsider sees wrong and stays so: a worker at its own work has bytes first, and rows a moment later."""
    deadline = time.monotonic() + (SETTLING_SECONDS if serves else 0)
    while (wrong := outside(house.data, ledger, house.rows)) and time.monotonic() < deadline:
        time.sleep(1)
    return wrong


def outside(data: Path, ledger: Ledger, ask: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, Any]:
    """What an outsider sees wrong: acknowledgements without row, entry or bytes; entries written twice; halves on a site.

    :param ask: answers a question to the database with its rows
    """
    wrong: dict[str, Any] = {}
    rows = {
        source_id: (accession, plain(record))
        for source_id, accession, record in ask(
            "SELECT s.source_id, s.accession_number, r.public_id FROM intake_submission s"
            " JOIN catalogue_record r ON r.id = s.record_id WHERE s.state IN ('received', 'archived')"
        )
    }
    archived = {one for (one,) in ask("SELECT source_id FROM intake_submission WHERE state = 'archived'")}
    told = Counter(target for (target,) in ask("SELECT target FROM audit_entry WHERE event = 'intake.filing.received'"))
    known = {plain(one) for (one,) in ask("SELECT object_id FROM vault_storedobject")}
    numbers = Counter(accession for accession, _record in rows.values())
    lost = [
        source_id for source_id, receipt in ledger.receipts.items()
        if rows.get(source_id) != (receipt["accession_number"], plain(receipt["record"]))
    ]  # fmt: skip
    if lost:
        wrong["acknowledged and lost"] = lost
    if left_out := sorted(set(ledger.accepted) - archived):
        wrong["accepted and forgotten"] = left_out
    if silent := [one for one, receipt in ledger.receipts.items() if told[receipt["record"]] != 1]:
        wrong["not exactly one entry in the log"] = silent
    if twice := [number for number, count in numbers.items() if count > 1]:
        wrong["accession numbers given twice"] = twice
    for site in sorted((data / "vault").glob("[!.]*")):
        standing = content_of(site)
        objects = {plain(path.name.rpartition("%3a")[2]) for path in site.glob("[0-9a-f][0-9a-f]/*/*")}
        if objects != known:
            wrong[f"objects without a row on {site.name}"] = sorted(objects - known)
            wrong[f"rows without an object on {site.name}"] = sorted(known - objects)
        gone = [one for one, digests in ledger.digests.items() if not set(digests) <= standing]
        if gone:
            wrong[f"bytes missing on {site.name}"] = gone
    return wrong


def plain(key: object) -> str:
    """An id without its dashes: each database and each folder writes it in its own way."""
    return str(key).replace("-", "")


def content_of(site: Path) -> set[str]:
    """The SHA-256 of every file that stands below the content folders of a site."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in site.glob("[0-9a-f][0-9a-f]/*/*/v*/content/**/*")
        if path.is_file()
    }
