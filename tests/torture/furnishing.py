"""Make the archive that is attacked: cast, classes, two sites, a sender's token. Prints them as JSON.

Usage: python -m tests.torture.furnishing RECORDS; its settings come from the environment.
"""

import json
import sys


def main(records: int) -> None:
    """Fill the data folder of the environment."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests.archive import build_archive
    from tests.cast import PASSWORD, build_cast

    call_command("migrate", verbosity=0)
    archive = build_archive(build_cast())
    for _number in range(records):
        archive.file()
    token = archive.cast.token("xu", "filing", name="sender")
    print(json.dumps({"token": token, "password": PASSWORD}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
