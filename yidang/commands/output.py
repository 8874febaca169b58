"""Answers of commands: for people by default, one JSON document on standard output with --json."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from yidang.common.errors import YidangError

NOT_WELL = 1


def as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --json."""
    return click.option("--json", "json_wanted", is_flag=True, help="One JSON document on standard output.")(function)


def answer(document: Any, lines: Sequence[str], *, json_wanted: bool, well: bool = True) -> None:
    """Print the outcome and end: 0 when all of it is well, 1 otherwise."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if json_wanted else "\n".join(lines))
    if not well:
        sys.exit(NOT_WELL)


def refuse(error: YidangError, *, json_wanted: bool) -> None:
    """Print a refusal in the form that was asked for and end with 1."""
    details = {key: value for key, value in error.details.items() if key in {"findings", "faults", "filing"}}
    document = {"code": error.code, "detail": str(error), "field": error.field, "remedy": str(error.remedy), **details}
    lines = [f"{error} {error.remedy}".strip()]
    lines += [f"- {item['what']} {item['remedy']}" for item in details.get("findings", [])]
    click.echo(
        json.dumps(document, ensure_ascii=False, default=str) if json_wanted else "\n".join(lines), err=not json_wanted
    )
    sys.exit(NOT_WELL)


def say(sentence: str) -> None:
    """Progress, on standard error."""
    click.echo(sentence, err=True)
