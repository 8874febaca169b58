"""``yidang``: the program's entry. Django is loaded after the data folder is known, because the settings read it."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

# Each command lives in a module that is imported when it is called, so that --help and wrong use answer at once.
COMMANDS = {
    "serve": "serving:serve",
    "worker": "serving:worker",
    "web": "web:web",
    "demo": "filling:demo",
    "user": "accounts:user",
    "client": "accounts:client",
    "file": "filing:file",
    "migrate": "preparing:migrate",
    "search": "indexing:search",
    "doctor": "health:doctor",
    "conformance": "conformity:conformance",
    "vault": "yidang.vault.commands:vault",
    "audit": "yidang.audit.commands:audit",
}
# These read or make the data folder before Django may look at it.
BEFORE_DJANGO = {"demo", "conformance", "web"}


def use_data(value: Path) -> None:
    """Name the data folder before the settings are read."""
    os.environ["YIDANG_DATA"] = str(value.absolute())


def load_django() -> None:
    """Read the settings and load the packages; in this process once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


class Program(click.Group):
    """Finds commands by name and loads them late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names for --help."""
        return [name for name in COMMANDS if name not in {"worker", "web"}]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, with its --data option."""
        if cmd_name not in COMMANDS:
            return None
        place, _, attribute = COMMANDS[cmd_name].partition(":")
        module = place if "." in place else f"yidang.commands.{place}"
        if cmd_name not in BEFORE_DJANGO and not ctx.resilient_parsing and "--help" not in sys.argv:
            _data_from_arguments()
            load_django()
        command: click.Command = getattr(import_module(module), attribute)
        return command


def _data_from_arguments() -> None:
    """The folder named by --data anywhere on the line: it must be known before the settings are read."""
    arguments = sys.argv[1:]
    for index, word in enumerate(arguments):
        if word == "--data" and index + 1 < len(arguments):
            use_data(Path(arguments[index + 1]))
        elif word.startswith("--data="):
            use_data(Path(word.removeprefix("--data=")))


@click.command(cls=Program)
@click.version_option(package_name="yidang", prog_name="yidang")
def program() -> None:
    """Yidang 医档: a hospital's archive."""


def main() -> None:
    """Run the command that was asked for; a refusal is one sentence on standard error and exit code 1."""
    from yidang.common.errors import YidangError

    try:
        program(standalone_mode=True)
    except YidangError as error:
        click.echo(f"{error} {error.remedy}".strip(), err=True)
        sys.exit(1)
