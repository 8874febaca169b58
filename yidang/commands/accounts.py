"""``yidang user add`` and ``yidang client add``."""

import secrets
import sys

import click

from yidang.commands.output import answer, as_json, refuse
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.people import actions
from yidang.people.models import Department, User
from yidang.people.roles import ROLES

OPERATOR = Actor.system("operator")


@click.group(help="Accounts.")
def user() -> None:
    """The group."""


@user.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)), help="The duty of the account.")
@click.option("--department", required=True, help="Key of the department, such as YB.")
@click.option("--display-name", default="", help="The person's name; the account's by default.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@as_json
def add_user(name: str, role: str, department: str, display_name: str, password_stdin: bool, json_wanted: bool) -> None:
    """Make an account; the password is printed once, and must be changed at the first sign-in."""
    place = Department.objects.filter(key=department).first()
    if place is None:
        raise click.BadParameter(f"there is no department «{department}»", param_hint="--department")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else f"{secrets.token_urlsafe(9)}-7a"
    try:
        made = actions.create_user(
            username=name, display_name=display_name or name, password=password, department=place, roles=[role],
            actor=OPERATOR, now=clock.now(), must_change=not password_stdin,
        )  # fmt: skip
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    shown = None if password_stdin else password
    lines = [f"{made.username} ({role}, {department})"] + ([f"password: {shown}"] if shown else [])
    answer(
        {"username": made.username, "role": role, "department": department, "password": shown},
        lines,
        json_wanted=json_wanted,
    )


@click.group(help="API clients.")
def client() -> None:
    """The group."""


@client.command("add")
@click.argument("name")
@click.option("--owner", required=True, help="The account for which the client acts.")
@click.option(
    "--scopes", required=True, help="filing, records, search, requests, climate, audit, admin; comma-separated."
)
@click.option("--days", required=True, type=click.IntRange(1, 3650), help="Days until it expires.")
@as_json
def add_client(name: str, owner: str, scopes: str, days: int, json_wanted: bool) -> None:
    """Make an API client; its token is printed once."""
    holder = User.objects.filter(username=owner, is_active=True).first()
    if holder is None:
        raise click.BadParameter(f"there is no account «{owner}»", param_hint="--owner")
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    try:
        made, token = actions.create_client(
            name, owner=holder, scopes=wanted, days=days, actor=OPERATOR, now=clock.now()
        )
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    document = {"name": made.name, "owner": owner, "scopes": made.scopes, "expires_at": made.expires_at, "token": token}
    answer(document, [token], json_wanted=json_wanted)
