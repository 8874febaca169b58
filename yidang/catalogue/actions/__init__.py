"""Everything that changes the catalogue."""

from yidang.catalogue.actions.arrangement import arrange_year
from yidang.catalogue.actions.copies import drop_copies, set_copies
from yidang.catalogue.actions.description import describe_record
from yidang.catalogue.actions.keeping_longer import extend_retention, lift_hold, place_hold
from yidang.catalogue.actions.records import archive_record, withdraw_record
from yidang.catalogue.actions.relations import end_relation, relate
from yidang.catalogue.actions.retention import approve_schedule
from yidang.catalogue.actions.volumes import create_volume

__all__ = [
    "approve_schedule",
    "archive_record",
    "arrange_year",
    "create_volume",
    "describe_record",
    "drop_copies",
    "end_relation",
    "extend_retention",
    "lift_hold",
    "place_hold",
    "relate",
    "set_copies",
    "withdraw_record",
]
