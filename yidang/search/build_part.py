"""One part of a build, as a process of its own: ``python -m yidang.search.build_part``, with its orders on standard input.

It tells how far it is through a pipe; when whoever started it is gone, telling fails and it ends.
"""

import gc
import json
import os
import sys
from pathlib import Path

import django


def main() -> None:
    """Fill the ordered folder with the ordered blocks of records."""
    orders = json.load(sys.stdin)
    django.setup()
    from django.conf import settings

    from yidang.search import building
    from yidang.search.embedded import Folder
    from yidang.search.folder_writer import FolderWriter

    gc.freeze()  # what stands now stays to the end and need not be walked again and again
    settings.DATA = Path(orders["data"])
    settings.DATABASES["default"]["NAME"] = orders["database"]
    with os.fdopen(orders["pipe"], "w", encoding="utf-8", buffering=1) as pipe:

        def tell(done: int, failed: dict[str, str] | None = None) -> None:
            pipe.write(json.dumps([orders["number"], done, failed or {}]) + "\n")

        part = Folder(Path(orders["folder"]))
        writer = FolderWriter(part.path, heap=building.HEAP)
        failed, done = building.fill(part, writer, range(*orders["blocks"]), orders["size"], tell)
        tell(done, failed)


if __name__ == "__main__":
    main()
