"""Routes as versioned data, cases that follow them, seats that wait for a signature, signed decisions, delegation."""

from django.db import models
from django.db.models import F, Q

from yidang.common.ids import new_public_id
from yidang.people.models import User

WAITING, APPROVED, REFUSED, RETURNED, WITHDRAWN = "waiting", "approved", "refused", "returned", "withdrawn"


class Route(models.Model):
    """One version of the way that cases of a kind take; a change is a new version, cases keep theirs.

    ``steps`` is a list of ``{"signers": [{"by": "duty", "value": "leader"}], "need": "any" | "all"}``, in sequence; the
    signers of one step sign in parallel. A step may say ``otherwise`` (who signs when nobody of ``signers`` is there),
    ``escalate`` (who is added when it is overdue) and ``reauth`` (the password is asked). ``conditions`` maps a fact of the case to the values it may have, or to
    ``{"min": number}``; the first current route by ``position`` whose conditions all hold is taken.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    labels = models.JSONField(default=dict)
    conditions = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    is_current = models.BooleanField(default=True)
    target_hours = models.PositiveIntegerField(default=8)  # working hours from asking to the last signature

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "version"], name="approval_one_version"),
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(is_current=True), name="approval_one_current_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.key} {self.version}"


class Case(models.Model):
    """Something that waits for signatures, or has them. ``facts`` is what was asked, and stands in every signed text."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    asker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cases")
    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="cases")
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, default=WAITING)
    label = models.CharField(max_length=200, blank=True)  # a number and a few words without personal facts
    urgent = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="waiting"), name="approval_one_waiting_case"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], name="approval_case_by_state"),
            models.Index(fields=["kind", "subject"], name="approval_case_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Seat(models.Model):
    """One person whose signature a step of a case waits for.

    ``kind`` says how they came to it: by the route, added by a signer (countersign), because it was overdue
    (escalated), or because they are the duty officer after hours (watch). One escalated or watch signature stands for
    the route's own of this step; a countersignature is always needed.
    """

    ROUTE, COUNTERSIGN, ESCALATED, WATCH = "route", "countersign", "escalated", "watch"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="seats")
    step = models.PositiveSmallIntegerField()
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="seats")
    kind = models.CharField(max_length=12, default=ROUTE)
    seated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step", "signer"], name="approval_one_seat")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.step} {self.signer_id}"


class Decision(models.Model):
    """What one seat decided: the text that was signed, its signature, and the key's name."""

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="decision")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    days = models.PositiveIntegerField(null=True, blank=True)
    narrowed = models.JSONField(default=dict, blank=True)  # what the signer took out of what was asked for
    decided_at = models.DateTimeField()
    text = models.TextField()
    signature = models.CharField(max_length=100)
    key_id = models.CharField(max_length=16)
    sm2_key = models.CharField(max_length=128, blank=True)  # the public half, which the text names too
    sm2_signature = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.seat_id} {self.choice}"


class TakenBack(models.Model):
    """A decision that its signer took back while nothing had followed: the signed text stays as it was."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="taken_back")
    step = models.PositiveSmallIntegerField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=10)
    decided_at = models.DateTimeField()
    text = models.TextField()
    signature = models.CharField(max_length=100)
    key_id = models.CharField(max_length=16)
    sm2_key = models.CharField(max_length=128, blank=True)  # the public half, which the text names too
    sm2_signature = models.CharField(max_length=100, blank=True)
    taken_back_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id}/{self.step} {self.choice}"


class Reassignment(models.Model):
    """A waiting seat was given to somebody else by hand, with the reason."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="reassignments")
    former = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seat_id} {self.former_id} to {self.signer_id}"


class CalendarDay(models.Model):
    """A day that is not what its place in the week says: a holiday, or a weekend worked in exchange."""

    day = models.DateField(unique=True)
    worked = models.BooleanField()
    note = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {self.worked}"


class Delegation(models.Model):
    """One person signs for another between two moments."""

    principal = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deputations")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(principal=F("deputy")), name="approval_deputy_is_another"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="approval_delegation_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.principal_id}"


class Watch(models.Model):
    """行政总值班: who signs urgent cases outside office hours, between two moments."""

    officer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="approval_watch_ends_later")
        ]
        indexes = [models.Index(fields=["ends_at"], name="approval_watch_by_end")]

    def __str__(self) -> str:
        return f"{self.officer_id} from {self.begins_at:%F %T}"


class SignLink(models.Model):
    """A link that opens one seat's decision screen once; only its digest is kept."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.seat_id} until {self.expires_at:%F %T}"
