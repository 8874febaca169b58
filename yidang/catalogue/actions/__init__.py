"""Everything that changes the catalogue."""

from yidang.catalogue.actions.records import archive_record, describe_record, withdraw_record

__all__ = ["archive_record", "describe_record", "withdraw_record"]
