"""The database is gone: what was masked is covered again, what was sealed is known again, from one site alone."""

import json
import shutil
from typing import Any

import jsonschema_rs
import pytest
from django.core.management import call_command

from tests.archive import Archive
from yidang import vault
from yidang.access import masks
from yidang.access.keeping_beside import mask_json, seal_json
from yidang.access.models import Mask, SealedCopy
from yidang.access.sealing import check_seal, open_seal, seal_record
from yidang.audit import rows
from yidang.catalogue import package, reference
from yidang.catalogue.models import CoveredDescription, Document, Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.formats.tests import making
from yidang.vault import sites

pytestmark = pytest.mark.django_db(transaction=True)
REBUILDER = Actor.system("rebuild")
NAME = "欧阳明月"


def export() -> dict[str, Any]:
    """What is covered, what is sealed, and what readers are shown."""
    told = {
        "masks": [mask_json(one) for one in Mask.objects.order_by("public_id")],
        "seals": [seal_json(one) for one in SealedCopy.objects.order_by("public_id")],
        "shown": list(Record.objects.order_by("public_id").values_list("title", "parties")),
        "names": list(Document.objects.order_by("record__public_id", "number").values_list("name", flat=True)),
        "covered": list(CoveredDescription.objects.order_by("record__public_id").values_list("fields", "names")),
        "whole": [package.record_json(one) for one in Record.objects.order_by("public_id")],
    }
    return json.loads(json.dumps(told, default=str))


def masked_and_sealed(archive: Archive, tmp_path) -> Record:
    path = making.pdf(tmp_path / "a.pdf", [[f"经办人 {NAME}", "设备管理办法"]])
    record = archive.file(
        f"关于{NAME}的设备管理办法", {f"{NAME}报告.pdf": path.read_bytes()}, of="WS·GZ", parties=[NAME], accepted=False
    )
    archive.work()
    actor, now = archive.cast.actor("lin"), clock.now()
    document = archive.document(record)
    assert masks.mask_found(document, [], [NAME], reason="隐私", actor=actor, now=now)
    masks.mask_regions(document, 1, [(0.1, 0.1, 0.5, 0.2)], reason="", actor=actor, now=now)
    drawn = Mask.objects.get(finds=[])
    masks.lift_masks(document, [drawn.public_id], actor=actor, now=now)
    seal = seal_record(record, present=["林医生", "患者家属"], reason="医患双方申请", actor=actor, now=now)
    open_seal(seal, present=["林医生", "患者家属"], reason="鉴定", actor=actor, now=now)
    seal_record(record, present=["林医生", "患者家属"], reason="重新封存", actor=actor, now=now)
    archive.work()
    reference.keep_reference()
    return record


@pytest.mark.promise("B8")
def test_an_export_before_and_after_is_equal(archive: Archive, tmp_path) -> None:
    record = masked_and_sealed(archive, tmp_path)
    kept = json.loads(vault.read_bytes(record.object_id, "record.json"))
    jsonschema_rs.validate(json.loads(package.schema_text()), kept)
    assert len(kept["masks"]) == 2 and len(kept["seals"]) == 2
    before = export()
    assert NAME not in json.dumps([before["shown"], before["names"]], ensure_ascii=False) and before["covered"]
    shutil.rmtree(sites.roots()[0].path)
    call_command("flush", verbosity=0, interactive=False)
    done = vault.rebuild(site="second", actor=REBUILDER)
    assert done.unreadable == []
    archive.work()
    after = export()
    for part, told in before.items():
        assert after[part] == told, part
    for seal in SealedCopy.objects.all():
        assert check_seal(seal).whole
    assert list(rows.check_rows()) == []
