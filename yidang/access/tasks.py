"""Later work of access."""

from django.db import transaction

from yidang import jobs
from yidang.access import actions, emergency, masks, owner_notices
from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import JobRun


@jobs.every(60)
@jobs.task("access.close", retries=3, lease_seconds=60)
def close(run: JobRun) -> None:
    """Write the second entry of openings that have ended."""
    while actions.close_openings(actor=Actor.system("access"), now=clock.now()):
        run.check_lease()


@jobs.every(300)
@jobs.task("access.escalate", retries=3, lease_seconds=60)
def escalate(run: JobRun) -> None:
    """Pass on emergency accesses that nobody reviewed in time."""
    emergency.escalate_unreviewed(actor=Actor.system("access"), now=clock.now())


@jobs.task("access.post_notice", retries=8, lease_seconds=60)
def post_notice(run: JobRun, *, notice_id: int) -> None:
    """Tell the hospital's to-do list of an emergency access; tried again while it does not answer."""
    owner_notices.post_notice(notice_id, now=clock.now())


@jobs.task("access.cover", retries=3, lease_seconds=60)
def cover(run: JobRun, *, document_id: int) -> None:
    """Cover the texts of a document once more, in case one was being read while it was masked."""
    with transaction.atomic():
        masks.cover_texts(Document.objects.select_related("record").get(pk=document_id))
