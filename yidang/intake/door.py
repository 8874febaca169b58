"""The checks at the door: everything that can be said about a submission before it is kept, within a small budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yidang import formats
from yidang.catalogue.models import Document
from yidang.common.errors import InvalidInput
from yidang.formats import scan, secrecy
from yidang.intake.envelope import Envelope
from yidang.intake.staging import StagedFile

PASS, WARN, FAIL = "pass", "warn", "fail"
AUTHENTICITY, INTEGRITY, USABILITY, SECURITY = "authenticity", "integrity", "usability", "security"


@dataclass(frozen=True, slots=True)
class DoorFinding:
    """One result at the door; ``document`` is the number of the file it speaks of, or nothing for the whole."""

    code: str
    level: str
    property: str
    check_code: str = ""
    document: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What opening a file told: its format, its pages, the beginning of its text."""

    format: str = ""
    mime: str = ""
    pages: int | None = None
    text: str = ""


@dataclass(frozen=True)
class DoorReport:
    """All findings about a submission, and the facts of each document in order."""

    findings: list[DoorFinding]
    facts: list[DocumentFacts]

    @property
    def failed(self) -> list[DoorFinding]:
        """The findings for which the submission must wait in quarantine."""
        return [finding for finding in self.findings if finding.level == FAIL]

    @property
    def text(self) -> str:
        """The beginning of the text of all documents, the main one first."""
        return "\n".join(facts.text for facts in self.facts if facts.text)


class StateSecretRefused(InvalidInput):
    """A mark of state secrecy was found: refused without a copy left behind."""

    code = "state_secret"

    def __init__(self, place: str, mark: str) -> None:
        super().__init__(
            _("%(place)s carries the mark of a state secret. This system may not hold state secrets; nothing was kept.")
            % {"place": place},
            field="documents",
            remedy=_(
                "Hand it to the secrecy office on paper or through the secret network, and remove it from this computer."
            ),
            mark=mark,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What the cage said of each file of a filing, and which records hold the same bytes already, by digest."""

    inspections: Sequence[formats.Inspection]
    kept: Mapping[str, int]


def open_together(filings: Sequence[Sequence[StagedFile]]) -> list[Opened]:
    """Open the files of several filings in the cage and look for the same bytes, all with one call and one query."""
    files = [file for filing in filings for file in filing]
    inspections = iter(formats.inspect_many([(file.path, file.name) for file in files]))
    kept = dict(
        Document.objects.filter(sha256__in=[file.digests.sha256 for file in files]).values_list("sha256", "record_id")
    )
    return [Opened([next(inspections) for _file in filing], kept) for filing in filings]


def judge(envelope: Envelope, files: Sequence[StagedFile], opened: Opened) -> DoorReport:
    """Gather what is to say of a filing whose files were opened.

    :raises StateSecretRefused: a name, the description or a first page carries such a mark
    """
    refuse_state_secrets(_described_texts(envelope, files))
    findings: list[DoorFinding] = []
    facts: list[DocumentFacts] = []
    for part, file, inspection in zip(envelope.documents, files, opened.inspections, strict=True):
        findings += _declared_digest(part.sha256, file)
        refuse_state_secrets([(file.name, inspection.text_sample)], whole_text=True)
        findings += [_from_formats(found, file.number) for found in inspection.findings]
        findings += [_from_formats(found, file.number) for found in scan.scan(file.path)]
        if file.digests.sha256 in opened.kept:
            # Which record holds the bytes is said only to those who may see it.
            holds = {"record": opened.kept[file.digests.sha256]}
            findings.append(DoorFinding("duplicate_content", WARN, INTEGRITY, "", file.number, holds))
        known = inspection.format
        facts.append(DocumentFacts(known.puid, known.mime, inspection.page_count, inspection.text_sample))
    return DoorReport(findings, facts)


def refuse_state_secrets(texts: Iterable[tuple[str, str]], *, whole_text: bool = False) -> None:
    """Look for marks of state secrecy.

    :param texts: pairs of the place, as people call it, and its text
    :raises StateSecretRefused: at the first mark
    """
    for place, text in texts:
        mark = secrecy.find_mark(text, page=whole_text)
        if mark is not None:
            raise StateSecretRefused(place, mark)


def _described_texts(envelope: Envelope, files: Sequence[StagedFile]) -> Iterable[tuple[str, str]]:
    yield _("The title"), envelope.title
    yield _("The document number"), envelope.document_number
    yield _("The description"), envelope.description
    for key, value in envelope.metadata.items():
        if isinstance(value, str):
            yield key, value
    for step in envelope.workflow:
        yield _("The routing slip"), " ".join(str(part) for part in step.values())
    for file in files:
        yield _("A file name"), file.name


def _declared_digest(declared: str, file: StagedFile) -> Iterable[DoorFinding]:
    if not declared:
        return
    if declared == file.digests.sha256:
        yield DoorFinding("digest_agrees", PASS, AUTHENTICITY, "GD-1-1", file.number)
    else:
        yield DoorFinding(
            "digest_differs",
            FAIL,
            AUTHENTICITY,
            "GD-1-1",
            file.number,
            {"declared": declared, "received": file.digests.sha256},
        )


def _from_formats(found: formats.Finding, number: int) -> DoorFinding:
    return DoorFinding(found.code, found.level, found.property, found.check, number, found.params)
