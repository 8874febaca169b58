"""The tables of the catalogue, by topic."""

from yidang.catalogue.models.arrangement import Fonds, MetadataScheme, RecordClass
from yidang.catalogue.models.codes import ArchivalCode, Counter
from yidang.catalogue.models.copy_rules import CopyRule
from yidang.catalogue.models.corrections import Correction
from yidang.catalogue.models.covered import CoveredDescription
from yidang.catalogue.models.holdings import Holding
from yidang.catalogue.models.holds import RetentionHold
from yidang.catalogue.models.records import Document, Record, RecordChange, among
from yidang.catalogue.models.relations import Relation
from yidang.catalogue.models.renditions import Rendition
from yidang.catalogue.models.retention import RetentionRule, RetentionSchedule

__all__ = [
    "ArchivalCode",
    "CopyRule",
    "Correction",
    "Counter",
    "CoveredDescription",
    "Document",
    "Fonds",
    "Holding",
    "MetadataScheme",
    "Record",
    "RecordChange",
    "RecordClass",
    "Relation",
    "Rendition",
    "RetentionHold",
    "RetentionRule",
    "RetentionSchedule",
    "among",
]
