"""The yearly review of rights: opened by the calendar or by hand, decided duty by duty, closed with a signed text.

Heads decide about the people of their department, the security administrator about everybody but administrators,
whose duties the hospital's leaders confirm. Nobody decides about themselves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common import signing
from yidang.common.actor import ADMINISTRATORS, Actor
from yidang.common.errors import InvalidInput, NotFound, WrongState
from yidang.oversight import row_digests
from yidang.oversight.models import ReviewedDuty, RightsReview
from yidang.people import actions as people
from yidang.people.models import Department, Duty, User
from yidang.people.policy import administers, require_administers

YEAR = timedelta(days=365)
DAYS = 30  # to decide in, when the calendar opens it
REMIND_EVERY = timedelta(days=3)
NOTE_LEAST = 2
CONFIRM, WITHDRAW = ReviewedDuty.Verdict.CONFIRMED, ReviewedDuty.Verdict.WITHDRAWN
_PROGRAM = Actor.system("oversight.review")


def open_review(*, due_on: date, actor: Actor, now: datetime) -> RightsReview:
    """Begin a review of every duty that is held today.

    :raises NotAllowed: the actor is not the security administrator
    :raises InvalidInput: it would be due before it begins
    :raises WrongState: one is under way
    """
    require_administers(actor)
    if due_on <= localdate(now):
        raise InvalidInput(_("The review would be due before it begins."), field="due_on")
    with transaction.atomic():
        if RightsReview.objects.select_for_update().filter(closed_at=None).exists():
            raise WrongState(_("A review is under way."), code="review_open", remedy=_("Close that one first."))
        review = RightsReview.objects.create(opened_at=now, opened_by_id=actor.user_id, due_on=due_on)
        lines = ReviewedDuty.objects.bulk_create(
            [
                ReviewedDuty(
                    review=review, user=duty.user, department_id=duty.user.department_id, duty=duty.pk, role=duty.role,
                    class_codes=duty.class_codes,
                )
                for duty in _held(now).select_related("user").order_by("pk")
            ],
            batch_size=500,
        )  # fmt: skip
        audit.write(
            "oversight.review.opened", actor=actor, target_kind=row_digests.REVIEW, target=review.public_id, now=now,
            facts={"due_on": due_on.isoformat(), "duties": len(lines)}, row=row_digests.digest_of_review(review),
        )  # fmt: skip
    return review


def _held(now: datetime) -> QuerySet[Duty]:
    return Duty.objects.filter(user__is_active=True).exclude(valid_until__lt=localdate(now))


def open_by_calendar(*, now: datetime) -> RightsReview | None:
    """A year after the last one began, or after the first account was made, the next begins by itself."""
    last = RightsReview.objects.order_by("-opened_at").first()
    first = User.objects.order_by("created_at").first()
    since = last.opened_at if last else first.created_at if first else now
    if now - since < YEAR or (last and last.closed_at is None):
        return None
    return open_review(due_on=localdate(now) + timedelta(days=DAYS), actor=_PROGRAM, now=now)


def lines_for(actor: Actor, review: RightsReview) -> QuerySet[ReviewedDuty]:
    """The lines that this person decides about; none for others."""
    lines = review.lines.exclude(user_id=actor.user_id)
    if actor.kind != "person":
        return lines.none()
    if administers(actor):
        return lines.exclude(role__in=ADMINISTRATORS)
    mine = Q(pk__in=[])
    if actor.has_duty("leader"):
        mine |= Q(role__in=ADMINISTRATORS)
    if actor.has_duty("approver") and actor.department_id is not None:
        mine |= Q(department_id=actor.department_id) & ~Q(role__in=ADMINISTRATORS)
    return lines.filter(mine)


def open_review_of(actor: Actor) -> RightsReview | None:
    """The review that is under way, when this person has anything to decide in it."""
    review = RightsReview.objects.filter(closed_at=None).first()
    return review if review and (administers(actor) or lines_for(actor, review).exists()) else None


def may_look(actor: Actor) -> bool:
    """Whether the page of reviews is for this person: the security administrator, or who decides in an open one."""
    return actor.kind == "person" and (administers(actor) or open_review_of(actor) is not None)


def waiting_for(actor: Actor) -> int:
    """How many duties wait for this person's word."""
    review = RightsReview.objects.filter(closed_at=None).first()
    return lines_for(actor, review).filter(verdict="").count() if review else 0


def decide(
    review: RightsReview, said: Mapping[str, tuple[str, str]], *, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Confirm or withdraw some duties; a withdrawn one ends at once. All of it or nothing.

    :param said: by the line's public id the verdict and a note; withdrawing needs one
    :returns: how many were confirmed and withdrawn
    :raises NotFound: a line is not this person's to decide
    :raises InvalidInput: a verdict is unknown, a withdrawal without a word
    :raises WrongState: the review is closed, or the last administrator of a kind would go
    """
    counted: dict[str, int] = {CONFIRM: 0, WITHDRAW: 0}
    with transaction.atomic():
        row = RightsReview.objects.select_for_update().get(pk=review.pk)
        if row.closed_at is not None:
            raise WrongState(_("This review is closed."), code="review_closed")
        lines = lines_for(actor, row).filter(public_id__in=list(said)).select_related("user", "department")
        known = {str(line.public_id): line for line in lines}
        for key, (verdict, note) in said.items():
            if key not in known:
                raise NotFound()
            if verdict not in counted:
                raise InvalidInput(_("Say «confirm» or «withdraw»."), field=key)
            if known[key].verdict:
                continue  # somebody else decided meanwhile
            _decide(known[key], ReviewedDuty.Verdict(verdict), " ".join(note.split())[:200], actor, now)
            counted[verdict] += 1
    return counted[CONFIRM], counted[WITHDRAW]


def _decide(line: ReviewedDuty, verdict: ReviewedDuty.Verdict, note: str, actor: Actor, now: datetime) -> None:
    if verdict == WITHDRAW and len(note) < NOTE_LEAST:
        raise InvalidInput(
            _("Say in a word why the duty of %(name)s is withdrawn.") % {"name": line.user.display_name},
            field=str(line.public_id), code="note_missing",
        )  # fmt: skip
    duty = _held(now).filter(pk=line.duty).select_related("user").first()
    if duty is None:
        verdict = ReviewedDuty.Verdict.ENDED
    elif verdict == WITHDRAW:
        _require_another(duty, now)
        # By the program, because heads give and take no duties otherwise; the entry below says who decided.
        people.end_duty(duty, actor=_PROGRAM, now=now)
    line.verdict, line.note, line.decided_by_id, line.decided_at = verdict, note, actor.user_id, now
    line.save(update_fields=["verdict", "note", "decided_by", "decided_at"])
    audit.write(
        f"oversight.review.{verdict}", actor=actor, target_kind=row_digests.LINE, target=line.public_id, now=now,
        facts={"user": line.user.username, "role": line.role, "duty": line.duty}, personal={"note": note},
        row=row_digests.digest_of_line(line),
    )  # fmt: skip


def _require_another(duty: Duty, now: datetime) -> None:
    others = _held(now).filter(role=duty.role).exclude(user=duty.user)
    if duty.role in ADMINISTRATORS and not others.exists():
        raise WrongState(
            _("This is the last administrator of the kind."), code="last_administrator",
            remedy=_("Let another account be given the duty first."),
        )  # fmt: skip


def close_review(review: RightsReview, *, actor: Actor, now: datetime) -> RightsReview:
    """End a review in which everything is decided, and sign what was.

    :raises NotAllowed: the actor is not the security administrator
    :raises WrongState: it is closed, or something is not decided yet
    """
    require_administers(actor)
    with transaction.atomic():
        row = RightsReview.objects.select_for_update().get(pk=review.pk)
        if row.closed_at is not None:
            raise WrongState(_("This review is closed."), code="review_closed")
        if left := _still_open(row, now):
            raise WrongState(
                _("%(left)d duties are not decided yet.") % {"left": left}, code="review_undecided",
                remedy=_("Remind those who decide, or decide about their people yourself."),
            )  # fmt: skip
        key = signing.archive_key()
        row.closed_at, row.text = now, canonical(row, now)
        row.signature, row.key_id = key.sign_text(row.text), key.key_id
        row.save()
        audit.write(
            "oversight.review.closed", actor=actor, target_kind=row_digests.REVIEW, target=row.public_id, now=now,
            facts=dict(row.lines.values_list("verdict").annotate(n=Count("pk")).order_by()),
            row=row_digests.digest_of_review(row),
        )  # fmt: skip
    return row


def _still_open(review: RightsReview, now: datetime) -> int:
    """How many lines nobody decided; those whose duty has ended meanwhile are noted so."""
    held = set(_held(now).values_list("pk", flat=True))
    left = 0
    for line in review.lines.filter(verdict="").select_related("user", "department"):
        if line.duty in held:
            left += 1
        else:
            _decide(line, ReviewedDuty.Verdict.ENDED, "", _PROGRAM, now)
    return left


def canonical(review: RightsReview, closed_at: datetime) -> str:
    """Everything that was decided, as the text that is signed: JSON with sorted keys, the same for the same decisions."""
    lines = review.lines.select_related("user", "department", "decided_by").order_by("pk")
    said = {
        "review": str(review.public_id), "opened_at": review.opened_at.isoformat(), "due_on": review.due_on.isoformat(),
        "closed_at": closed_at.isoformat(),
        "duties": [
            {
                "user": line.user.username, "name": line.user.display_name, "role": line.role,
                "classes": line.class_codes, "department": line.department.key if line.department else "",
                "verdict": line.verdict, "note": line.note,
                "decided_by": line.decided_by.username if line.decided_by else "",
                "decided_at": line.decided_at.isoformat() if line.decided_at else "",
            }
            for line in lines
        ],
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verify(review: RightsReview) -> bool:
    """Whether the rows still say what was signed, and the signature is the archive's.

    :raises KeyMissing: the key it was signed with is not in the data folder
    """
    if review.closed_at is None or review.text != canonical(review, review.closed_at):
        return False
    return signing.verify_text(signing.archive_key(review.key_id).public_raw, review.text, review.signature)


def remind_overdue(*, now: datetime) -> bool:
    """Say in the log that a review is overdue, every few days; the desks of those who decide show it all the time."""
    with transaction.atomic():
        review = RightsReview.objects.select_for_update().filter(closed_at=None, due_on__lt=localdate(now)).first()
        if review is None or (review.reminded_at and now - review.reminded_at < REMIND_EVERY):
            return False
        review.reminded_at = now
        review.save(update_fields=["reminded_at"])
        audit.write(
            "oversight.review.overdue", actor=_PROGRAM, target_kind=row_digests.REVIEW, target=review.public_id, now=now,
            facts={"left": review.lines.filter(verdict="").count()},
            row=row_digests.digest_of_review(review),
        )  # fmt: skip
    return True


@dataclass(frozen=True)
class Progress:
    """How far a department is, and who decides there."""

    department: Department | None
    deciders: str
    done: int
    withdrawn: int
    total: int


def progress(review: RightsReview) -> list[Progress]:
    """Department by department, the least finished first."""
    rows = review.lines.values("department").annotate(
        total=Count("pk"), done=Count("pk", filter=~Q(verdict="")), withdrawn=Count("pk", filter=Q(verdict=WITHDRAW))
    )
    known = Department.objects.in_bulk([row["department"] for row in rows if row["department"]])
    heads: dict[int | None, list[str]] = {}
    deciders = User.objects.filter(is_active=True, duties__role="approver").distinct().order_by("username")
    for place, name in deciders.values_list("department_id", "display_name"):
        heads.setdefault(place, []).append(name)
    made = [
        Progress(
            known.get(row["department"]), "、".join(heads.get(row["department"], []) if row["department"] else []),
            row["done"], row["withdrawn"], row["total"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.done / one.total, one.department.position if one.department else -1))
