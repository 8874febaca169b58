"""``yidang``: the program's entry. Django is loaded after the data folder is known, because the settings read it."""

import atexit
import os
import sys
import tempfile
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
    "machine": "machines:machine",
    "doctor": "health:doctor",
    "support-bundle": "supporting:support_bundle",
    "conformance": "conformity:conformance",
    "vault": "yidang.vault.commands:vault",
    "audit": "yidang.audit.commands:audit",
    "backup": "returning:backup",
    "restore": "returning:restore",
    "drill": "returning:drill",
    "passphrase": "wording:passphrase",
    "export": "exporting:export",
    "migrate-installation": "moving:migrate_installation",
    "arrive": "moving:arrive",
}
SHORT = {
    "serve": "Serve the archive: web pages, API and workers.",
    "demo": "Fill an empty data folder with a hospital.",
    "user": "Accounts: add.",
    "client": "API clients: add.",
    "file": "File documents as one record.",
    "migrate": "Bring the data folder to this version.",
    "search": "The search index: status, rebuild.",
    "machine": "The machines of one archive: list, share, forget.",
    "doctor": "What is not well, each with its remedy.",
    "support-bundle": "One file for whoever helps, with nobody's data.",
    "conformance": "Which requirement is shown by which test.",
    "vault": "Copies and their health: status, scrub, repair, rebuild.",
    "audit": "The log's proof: verify, export, checkpoint, proof.",
    "backup": "Take a backup while the program works.",
    "restore": "Fill an empty data folder from a backup.",
    "drill": "Restore aside, compare, measure, report.",
    "passphrase": "The passphrase of the backups: print its sheet, enter it again.",
    "export": "Records as files that open without Yidang: the century pack.",
    "migrate-installation": "Move this installation to PostgreSQL and other sites.",
}
# These read or make the data folder before Django may look at it.
BEFORE_DJANGO = {"demo", "conformance", "web", "restore", "migrate-installation"}
# This one must find the folder empty, so it looks for itself.
OWN_DATA = {"demo", "restore"}


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
        return [name for name in COMMANDS if name not in {"worker", "web", "arrive"}]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the line, once the data folder is known."""
        return super().resolve_command(ctx, args if args[0] in OWN_DATA else take_data(args))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with what they do, without loading one of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SHORT[name]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        place, _, attribute = COMMANDS[cmd_name].partition(":")
        module = place if "." in place else f"yidang.commands.{place}"
        if cmd_name not in BEFORE_DJANGO:
            if "--help" in sys.argv:
                # Settings make the data folder; somebody who asks for help has not asked for one.
                folder = tempfile.TemporaryDirectory(prefix="yidang-help-")
                atexit.register(folder.cleanup)
                use_data(Path(folder.name))
            load_django()
        command: click.Command = getattr(import_module(module), attribute)
        return command


def take_data(arguments: list[str]) -> list[str]:
    """Use the folder that --data names anywhere on the line; answers the line without it.

    It must be known before the settings are read, and every command knows it without declaring it.
    """
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words]
        if word == "--data":
            folder = next(words, "")
            if not folder:
                raise click.UsageError("--data needs the name of a folder.")
            use_data(Path(folder))
        elif word.startswith("--data="):
            use_data(Path(word.removeprefix("--data=")))
        else:
            rest.append(word)
    return rest


@click.command(cls=Program)
@click.version_option(package_name="yidang", prog_name="yidang")
def program() -> None:
    """Yidang 医档: a hospital's archive.

    Every command takes --data DIR: the data folder; YIDANG_DATA by default, else ./var.
    """


def main() -> None:
    """Run the command that was asked for; a refusal is one sentence on standard error and exit code 1."""
    from yidang.common.errors import YidangError

    try:
        program(standalone_mode=True)
    except YidangError as error:
        click.echo(f"{error} {error.remedy}".strip(), err=True)
        sys.exit(1)
