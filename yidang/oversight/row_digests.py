"""Alarms, notices of leaving, reviews of rights and what was decided in them, bound to the log."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register, register_fields
from yidang.oversight.models import Alarm, Departure, ReviewedDuty, RightsReview

REVIEW, LINE, ALARM, DEPARTURE = "rights_review", "reviewed_duty", "alarm", "departure"


def digest_of_review(review: RightsReview) -> str:
    """The digest of a review without its lines: when, until when, what was signed."""
    return hash_body(
        canonical(
            ["review/1", review.opened_at.isoformat(), review.due_on.isoformat(),
             review.closed_at.isoformat() if review.closed_at else "", review.text, review.signature, review.key_id]
        )
    )  # fmt: skip


def digest_of_line(line: ReviewedDuty) -> str:
    """The digest of a decision about a duty."""
    return hash_body(
        canonical(
            ["reviewed/1", str(line.review.public_id), line.user.username, line.duty, line.role, line.class_codes,
             line.verdict, line.note, line.decided_by.username if line.decided_by else "",
             line.decided_at.isoformat() if line.decided_at else ""]
        )
    )  # fmt: skip


def _reviews(keys: Sequence[str]) -> dict[str, str]:
    rows = RightsReview.objects.filter(public_id__in=[UUID(key) for key in keys])
    return {str(row.public_id): digest_of_review(row) for row in rows}


def _lines(keys: Sequence[str]) -> dict[str, str]:
    rows = ReviewedDuty.objects.filter(public_id__in=[UUID(key) for key in keys])
    return {str(row.public_id): digest_of_line(row) for row in rows.select_related("review", "user", "decided_by")}


def _review_keys() -> Iterator[str]:
    for key in RightsReview.objects.order_by("pk").values_list("public_id", flat=True):
        yield str(key)


def _line_keys() -> Iterator[str]:
    """Lines that somebody decided; the others tell nothing yet."""
    decided = ReviewedDuty.objects.exclude(verdict="").order_by("pk")
    for key in decided.values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def lend() -> None:
    """Have these rows compared with the log."""
    register(RowKind(REVIEW, _reviews, _review_keys))
    register(RowKind(LINE, _lines, _line_keys))
    register_fields(
        ALARM, Alarm, "public_id",
        ("user__username", "rule", "raised_at", "began_at", "verdict", "note", "closed_at", "closed_by__username", "suspended"),
    )  # fmt: skip
    register_fields(DEPARTURE, Departure, "pk", ("user__username", "last_day", "noted_by__username", "noted_at"))
