"""Tells the packages below how records are found, once everything is loaded."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The catalogue lends its records to the explanations of permissions."""

    name = "yidang.catalogue"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.catalogue import copies, correction_subject, holding, policy, rebuilding, relating, row_digests

        policy.lend()
        row_digests.lend()
        holding.lend()
        correction_subject.lend()
        relating.lend()
        rebuilding.lend()
        copies.lend()
