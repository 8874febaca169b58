"""Puts a refusal back into the form it came from, so that the input stays."""

from django.forms import BaseForm

from yidang.common.errors import YidangError


def put_error(form: BaseForm, error: YidangError) -> None:
    """Show ``error`` at its field, or above the form where it names none that the form has."""
    sentence = f"{error} {error.remedy}".strip()
    form.add_error(error.field if error.field in form.fields else None, sentence)
