"""Tells search, once everything is loaded, that texts go through the masks before they are kept."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Access covers parts of pages, in their texts as well."""

    name = "yidang.access"

    def ready(self) -> None:
        """Models are there now."""
        from yidang import search
        from yidang.access import keeping_beside, masks, request_subject, row_digests, watermarking

        search.guard_texts(masks.guard)
        request_subject.lend()
        watermarking.lend()
        row_digests.lend()
        keeping_beside.lend_parts()
