"""Make the archive that is attacked: cast, classes, two sites, records, a sender's token, which it prints as JSON.

Beside the data folder, `earlier` keeps the vault as it was before the records were accepted: valid, and out of date.

Usage: python -m tests.torture.furnishing RECORDS; its settings come from the environment.
"""

import json
import shutil
import sys
from pathlib import Path


def main(records: int) -> None:
    """Fill the data folder of the environment."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.archive import build_archive
    from tests.cast import FOUNDER, PASSWORD, build_cast
    from yidang.common import clock
    from yidang.people.actions import create_client

    call_command("migrate", verbosity=0)
    archive = build_archive(build_cast())
    text = "各科室：请遵照执行设备采购管理办法，于月底前报院长办公室备案。\n"
    filed = [
        archive.file(files={"正文.txt": f"第{number}号\n{text * 4**number}".encode()}, accepted=False)
        for number in range(records)
    ]
    _keep_earlier(Path(settings.DATA).with_name("earlier"))
    for record in filed:
        archive.accept(archive.submissions[record.pk])
    archive.work()
    _client, token = create_client(
        "sender", owner=archive.cast.people["xu"], scopes=["filing"], days=700, actor=FOUNDER, now=clock.now()
    )
    print(json.dumps({"token": token, "password": PASSWORD}))


def _keep_earlier(folder: Path) -> None:
    """Every site as it is now, by its key."""
    from yidang.vault import sites
    from yidang.vault.bucket import Bucket
    from yidang.vault.folder import Folder

    for root in sites.roots():
        if isinstance(root, Folder):
            shutil.copytree(root.path, folder / root.key)
        elif isinstance(root, Bucket):
            for key in root.store.keys(""):
                path = folder / root.key / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(root.store.get(key))


if __name__ == "__main__":
    main(int(sys.argv[1]))
