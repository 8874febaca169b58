"""An object that has a later version than the restored database knows goes back to the version that its row names."""

import shutil
from pathlib import Path

from django.db import connection

from yidang import vault
from yidang.catalogue.actions.description import describe_record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity.rolling_back import roll_back_newer
from yidang.continuity.tests.conftest import Living
from yidang.vault import scrubbing, sites
from yidang.vault.models import StoredObject


def test_a_later_version_is_taken_back_and_the_copy_is_whole(living: Living, own_database: Path) -> None:
    record = living.archive.file()
    living.archive.work()
    head = StoredObject.objects.get(object_id=record.object_id).head
    connection.close()
    earlier = shutil.copy(own_database, own_database.with_name("earlier"))
    describe_record(record, {"keywords": ["后来的词"]}, actor=living.archive.cast.actor("lin"), now=clock.now())
    living.archive.work()
    later = living.archive.file()
    assert StoredObject.objects.get(object_id=record.object_id).head == head + 1
    connection.close()
    for name in ("-wal", "-shm"):
        Path(f"{own_database}{name}").unlink(missing_ok=True)
    shutil.copy(earlier, own_database)

    for root in sites.roots():
        assert roll_back_newer(root) == (1, 1)
        assert root.object_folder(later.object_id).is_dir(), "what was received after the moment is real and stays"
    assert "后来的词" not in vault.read_bytes(record.object_id, "record.json").decode()
    states = scrubbing.scrub(actor=Actor.system("test"), anew=True)
    kinds = {kind for state in states for kind, count in state.kinds.items() if count}
    assert kinds <= {"foreign"}, kinds
    for root in sites.roots():
        assert roll_back_newer(root) == (0, 1)
