"""Registers the package with Django."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """No tables; templates, static files and template tags."""

    name = "yidang.ui"
    label = "ui"
