"""A process that files and says so: what the tests kill and starve.

Usage: child_filing.py PREFIX COUNT TRIES; prints one JSON line per answer, after it. Its settings come from the environment.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

BEGIN = "/yidang-begins-here"


def main(prefix: str, count: int, tries: int) -> None:
    """File so many documents one after the other and print each answer."""
    import django

    django.setup()
    from yidang.common.errors import YidangError
    from yidang.intake.tests.filing import TEXT, file
    from yidang.people.actors import actor_of_user
    from yidang.people.models import User

    actor = actor_of_user(User.objects.get(username="xu"))
    with contextlib.suppress(OSError):
        Path(BEGIN).rmdir()
    for number in range(count):
        for _attempt in range(tries):
            source_id = f"{prefix}-{number}"
            try:
                outcome = file(actor, source_id, files={"正文.txt": TEXT + source_id.encode()})
                answer = {"id": source_id, "accession_number": outcome.submission.accession_number}
            except YidangError as refusal:
                answer = {"id": source_id, "refused": refusal.code, "sentence": str(refusal)}
            os.write(1, (json.dumps(answer, ensure_ascii=False) + "\n").encode())
            if "refused" not in answer:
                break
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
