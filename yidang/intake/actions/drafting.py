"""Preparing a filing at the web form: files are staged and looked at one by one, nothing is filed yet."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from yidang import formats, vault
from yidang.common.actor import Actor
from yidang.common.digests import Digests
from yidang.common.errors import InvalidInput, NotFound
from yidang.formats import propose
from yidang.intake import door, staging
from yidang.intake.actions.receiving import may_file
from yidang.intake.errors import MayNotFile
from yidang.intake.models import DraftFile, FilingDraft, Submission, SubmittedDocument
from yidang.intake.names import display_name
from yidang.intake.staging import StagedFile

KEPT_FOR = timedelta(days=30)


class FileGone(InvalidInput):
    """A prepared file is neither here nor at the shared place."""

    code = "draft_file_gone"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The prepared file «%(name)s» is gone; nothing was filed.") % {"name": name}, field="documents",
            remedy=_("Remove it from the list and choose it again."),
        )  # fmt: skip


def folder_of(public_id: UUID) -> Path:
    """Where a draft's files wait."""
    return Path(settings.DATA) / "quarantine" / "drafts" / str(public_id)


def draft_of(actor: Actor, public_id: UUID) -> FilingDraft:
    """The actor's own draft.

    :raises NotFound: there is none, or it is somebody else's
    """
    found = FilingDraft.objects.filter(public_id=public_id, user_id=actor.user_id).first()
    if found is None:
        raise NotFound()
    return found


def start_draft(*, actor: Actor, now: datetime) -> FilingDraft:
    """Begin a filing at the web form.

    :raises MayNotFile: the actor hands nothing over
    """
    if not may_file(actor) or actor.kind != "person":
        raise MayNotFile()
    return FilingDraft.objects.create(user_id=actor.user_id, created_at=now, changed_at=now)


def add_file(draft: FilingDraft, *, name: str, chunks: Iterable[bytes], actor: Actor, now: datetime) -> DraftFile:
    """Stage one file of a draft, look at it in the cage and keep what was found and proposed.

    :raises StateSecretRefused: it carries such a mark; nothing of it is left
    :raises InvalidInput, Unavailable: it is too large, or the disk does not take it
    """
    with transaction.atomic():
        last = (
            FilingDraft.objects.select_for_update().get(pk=draft.pk).files.aggregate(Max("number"))["number__max"] or 0
        )
        row = DraftFile.objects.create(
            draft=draft, number=last + 1, name=display_name(name), role="附件" if last else "正本",
            size=0, sha256="", sha512="", sm3="",
        )  # fmt: skip
        FilingDraft.objects.filter(pk=draft.pk).update(changed_at=now)
    path = folder_of(draft.public_id) / f"{row.number:04d}"
    try:
        staged = staging.stage(folder_of(draft.public_id), row.number, row.name, chunks)
        door.refuse_state_secrets([(row.name, row.name)])
        inspection = formats.inspect(staged.path, row.name)
        door.refuse_state_secrets([(row.name, inspection.text_sample)], whole_text=True)
        staging.share(path)
    except BaseException:
        path.unlink(missing_ok=True)
        row.delete()
        raise
    row.size, row.sha256 = staged.digests.size, staged.digests.sha256
    row.sha512, row.sm3 = staged.digests.sha512, staged.digests.sm3
    row.format, row.pages = inspection.format.puid, inspection.page_count
    row.findings = [
        {"code": found.code, "level": found.level, "params": dict(found.params)}
        for found in inspection.findings
        if found.level != "pass"
    ]
    row.proposals = {key: _plain(value) for key, value in propose.propose(row.name, inspection.text_sample).items()}
    row.save()
    return row


def _plain(proposal: Any) -> dict[str, Any]:
    return proposal if isinstance(proposal, dict) else asdict(proposal)


def remove_file(draft: FilingDraft, number: int) -> None:
    """Take a file out of a draft.

    :raises NotFound: the draft has none of this number
    """
    row = draft.files.filter(number=number).first()
    if row is None:
        raise NotFound()
    row.delete()
    staging.clear_everywhere(folder_of(draft.public_id) / f"{number:04d}")


def keep_fields(draft: FilingDraft, fields: dict[str, Any], *, now: datetime) -> None:
    """Keep what was typed, so that nothing is lost when the page closes."""
    FilingDraft.objects.filter(pk=draft.pk).update(fields=fields, changed_at=now)


def staged_into(draft: FilingDraft, submission_id: UUID) -> Iterator[StagedFile]:
    """The draft's files again in the folder of a submission; links, since both stand on one disk."""
    folder = staging.folder_of(submission_id)
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(draft.files.all(), 1):
        source, target = folder_of(draft.public_id) / f"{row.number:04d}", folder / f"{number:04d}"
        if not staging.is_at_hand(source):
            raise FileGone(row.name)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
        yield StagedFile(number, row.name, target, Digests(row.size, row.sha256, row.sha512, row.sm3))


def discard(draft: FilingDraft) -> None:
    """End a draft after its filing, or because its owner gives it up."""
    public_id = draft.public_id
    draft.delete()
    staging.clear_everywhere(folder_of(public_id))


def discard_old(*, now: datetime) -> int:
    """End drafts that nobody touched for a month; returns how many."""
    old = list(FilingDraft.objects.filter(changed_at__lt=now - KEPT_FOR)[:200])
    for draft in old:
        discard(draft)
    return len(old)


def clear_here(now: datetime) -> int:
    """Remove the files of drafts that ended at another machine; returns how many folders."""
    root = folder_of(UUID(int=0)).parent
    standing = {path.name: path for path in root.iterdir()} if root.is_dir() else {}
    known = {str(one) for one in FilingDraft.objects.values_list("public_id", flat=True)} if standing else set()
    old = [
        path
        for name, path in standing.items()
        if name not in known and path.stat().st_mtime < (now - timedelta(hours=1)).timestamp()
    ]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def named_apart(draft: FilingDraft) -> list[DraftFile]:
    """The draft's files; of several with one name the later ones get a number, because a submission names them."""
    rows = list(draft.files.all())
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        if seen[row.name] > 1:
            stem, dot, ending = row.name.rpartition(".")
            row.name = f"{stem} ({seen[row.name]}){dot}{ending}" if dot else f"{row.name} ({seen[row.name]})"
            row.save(update_fields=["name"])
    return rows


def draft_from_submission(submission: Submission, *, actor: Actor, now: datetime) -> FilingDraft:
    """A draft with the description and the files of a submission that failed its checks or was returned.

    Its identifier is the submission's source id, so that what is filed from it takes the failed one's place.

    :raises NotFound: it is not the actor's own, did not come through the web form, or waits no longer
    """
    states = {Submission.QUARANTINED, Submission.RETURNED}
    if submission.state not in states or submission.channel != "web" or submission.submitted_by_id != actor.user_id:
        raise NotFound()
    public_id = UUID(submission.source_id)
    draft, made = FilingDraft.objects.get_or_create(
        public_id=public_id,
        defaults={
            "user_id": actor.user_id,
            "fields": _as_typed(submission.payload),
            "created_at": now,
            "changed_at": now,
        },
    )
    if made:
        folder_of(public_id).mkdir(parents=True, exist_ok=True)
        for document in submission.documents.all():
            source = _file_of(submission, document)
            if source is None:
                continue
            target = folder_of(public_id) / f"{document.number:04d}"
            shutil.copyfile(source, target)
            staging.share(target)
            notes = submission.findings.filter(document=document.number).exclude(level="pass")
            DraftFile.objects.create(
                draft=draft, number=document.number, name=document.name, role=document.role, size=document.size,
                sha256=document.sha256, sha512=document.sha512, sm3=document.sm3, format=document.format,
                pages=document.pages, findings=[{"code": f.code, "level": f.level, "params": f.params} for f in notes],
            )  # fmt: skip
    return draft


def _file_of(submission: Submission, document: SubmittedDocument) -> Path | None:
    """Where a submitted file lies: still in the quarantine, or in the vault if it was received before it came back."""
    waiting = staging.folder_of(submission.public_id) / f"{document.number:04d}"
    if staging.is_at_hand(waiting):
        return waiting
    if submission.record is None:
        return None
    kept = submission.record.documents.get(number=document.number)
    return vault.local_path(submission.record.object_id, kept.path)


def _as_typed(payload: dict[str, Any]) -> dict[str, Any]:
    """A submission's description as the form's fields."""
    typed = {key: value for key, value in payload.items() if isinstance(value, str)}
    typed["keywords"] = "、".join(payload.get("keywords") or [])
    return typed | {f"m-{key}": str(value) for key, value in (payload.get("metadata") or {}).items()}
