"""Tells the log which rows of approvals it speaks of, once everything is loaded."""

from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    """Routes, deputies and duty officers are compared with the log."""

    name = "yidang.approval"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.approval import row_digests

        row_digests.lend()
