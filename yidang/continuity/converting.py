"""Conversion beside the original: PDF/A or TIFF made in the cage, compared, and kept as a new version; never instead."""

import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yidang import audit, formats, jobs, vault
from yidang.catalogue import package, row_digests
from yidang.catalogue.models import Document, Record, Rendition
from yidang.common.actor import Actor
from yidang.common.digests import digest_file
from yidang.common.errors import IntegrityFailure, NotAllowed, Unavailable, WrongState, YidangError
from yidang.continuity import policy
from yidang.formats import ReadingFailed, converting
from yidang.formats.types import Format

ENDINGS = {converting.PDFA: "pdf", converting.TIFF: "tif"}
FORMATS = {converting.PDFA: converting.PDFA_FORMAT, converting.TIFF: converting.TIFF_FORMAT}


class ConverterMissing(Unavailable):
    """LibreOffice, or the cage itself, is not there."""

    code = "continuity.converter_missing"
    default_message = _("LibreOffice is not installed, so Office files cannot be converted.")
    default_remedy = _("Install it (apt-get install libreoffice), then let the conversion go on.")


class NothingToConvert(WrongState):
    """The format is one for keeping, or nothing here converts it."""

    code = "continuity.nothing_to_convert"
    default_message = _("There is nothing to convert: the format is one for keeping, or nothing here converts it.")
    default_remedy = _("OFD, sound, film, CAD and data stay as they came; look at the register's plan for them.")


class OriginalTouched(IntegrityFailure):
    """After a new version the original is not what it was: this must never happen."""

    code = "continuity.original_touched"
    default_message = _("The original differs after the conversion.")
    default_remedy = _("Stop conversions, read the copies of this object again, and tell the makers of the program.")


def convert_document(document: Document, target: str, *, actor: Actor, now: datetime) -> Rendition:
    """Make the other format of one document, compare, keep or refuse it, and record which and why.

    Call it outside a transaction: bytes first, rows second.

    :param target: ``pdfa`` or ``tiff``
    :raises NotAllowed: the actor judges no formats, or may not describe the record
    :raises WrongState: it is kept already, or the record was withdrawn
    :raises ConverterMissing: nothing is wrong with the file
    :raises Unavailable: a required site does not take the new version
    """
    record = document.record
    if not policy.judges_formats(actor):
        raise NotAllowed(_("Only an archivist has documents converted."))
    if not Record.objects.visible_to(actor, "describe").filter(pk=record.pk).exists():
        raise NotAllowed(_("You may not change what is kept of this record."))
    if document.renditions.filter(target=target, outcome=Rendition.KEPT).exists():
        raise WrongState(_("This document has been converted already."), code="continuity.converted_already")
    made = Rendition(document=document, target=target, made_at=now, made_by=actor.username)
    cache = Path(settings.DATA) / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="convert-") as folder:
        place = _try(document, made, Path(folder))
        if place is not None:
            _keep(record, document, made, place, now)
    _enter(record, made, actor, now)
    return made


def _try(document: Document, made: Rendition, folder: Path) -> Path | None:
    """Convert, check and compare in the cage; the file where it passed, else the reasons are in ``made``."""
    try:
        path = vault.local_path(document.record.object_id, document.path, check=True)
        known = formats.identify(path, document.name)
        return _judged(path, known, made, folder)
    except ReadingFailed as failed:
        if failed.finding.code == "reader_absent":
            raise ConverterMissing from failed
        made.outcome, made.facts = (
            Rendition.FAILED,
            {"reason": failed.finding.code, "params": dict(failed.finding.params)},
        )
    except OSError as problem:
        made.outcome, made.facts = Rendition.FAILED, {"reason": "disk", "said": str(problem.strerror)[:100]}
    except YidangError as problem:
        made.outcome, made.facts = Rendition.FAILED, {"reason": "no_good_copy", "said": str(problem.code)}
    return None


def _judged(path: Path, known: Format, made: Rendition, folder: Path) -> Path | None:
    if converting.target_of(known.puid, known.mime, known.kind) != made.target:
        made.outcome, made.facts = Rendition.REFUSED, {"obstacles": [{"code": "no_converter", "said": known.name[:60]}]}
        return None
    result = converting.make(path, known, made.target, folder)
    if result.path is None:
        made.outcome, made.facts = Rendition.REFUSED, {"obstacles": result.obstacles}
        return None
    compared = converting.compare(path, known, result.path, made.target, folder)
    facts = {"comparison": compared.facts, "removed": result.removed}
    failures = list(compared.failures)
    if made.target == converting.PDFA:
        said = converting.check_pdfa(result.path)
        facts |= {"checks": said["checks"], "producer": said["producer"]}
        failures += ["checks"] * any(not one["well"] for one in said["checks"])
    made.facts = {**facts, "failures": failures}
    made.outcome = Rendition.REFUSED if failures else Rendition.KEPT
    return None if failures else result.path


def _keep(record: Record, document: Document, made: Rendition, place: Path, now: datetime) -> None:
    """The file and the description with it as one new version of the object; the original stays what it was."""
    digests, kind = digest_file(place), FORMATS[made.target]
    made.path = f"renditions/{document.number:04d}-{made.target}.{ENDINGS[made.target]}"
    made.size, made.sha256, made.sha512, made.sm3 = digests.size, digests.sha256, digests.sha512, digests.sm3
    made.format, made.mime = kind.puid, kind.mime
    files = [vault.NewFile(made.path, place, sha512=made.sha512, sha256=made.sha256)]
    files += [vault.NewFile(name, content) for name, content in package.files_of_record(record, adding=[made]).items()]
    kept = vault.add_version(record.object_id, files, message="converted", user_name="yidang", created_at=now)
    if {file.logical_path: file.sha512 for file in kept.files}.get(document.path) != document.sha512:
        raise OriginalTouched(object_id=str(record.object_id), path=document.path)


@transaction.atomic
def _enter(record: Record, made: Rendition, actor: Actor, now: datetime) -> None:
    made.save(force_insert=True)
    facts = {
        "document": made.document.number, "target": made.target, "original": made.document.sha256, "sha256": made.sha256,
        "reasons": [one["code"] for one in made.facts.get("obstacles", [])] + made.facts.get("failures", []),
    }  # fmt: skip
    outcome = {Rendition.KEPT: "done", Rendition.REFUSED: "refused"}.get(made.outcome, "failed")
    audit.write(
        "continuity.document.converted", actor=actor, target_kind="record", target=record.public_id, outcome=outcome,
        facts=facts, now=now,
    )  # fmt: skip
    audit.write(
        f"catalogue.rendition.{made.outcome}", actor=actor, target_kind=row_digests.RENDITION, target=made.public_id,
        outcome=outcome, facts={"record": str(record.public_id), "document": made.document.number}, now=now,
        row=row_digests.digest_of_rendition(made),
    )  # fmt: skip
    if made.outcome != Rendition.FAILED:
        # Writes the refusal into the object; after a keeping it changes nothing, unless somebody described meanwhile.
        jobs.later("catalogue.version", key=str(record.pk), record_id=record.pk)
