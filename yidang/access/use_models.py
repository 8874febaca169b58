"""利用登记: one row for each use of the archive, on screen or on paper, and beside it who came to the counter."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from yidang.access.request_models import AccessRequest
from yidang.catalogue.models import Record
from yidang.catalogue.models.records import among, class_facts
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id
from yidang.people.models import Department
from yidang.permissions.models import Grant
from yidang.permissions.reach import SEE, Reach, reach

KEEPERS = ("archivist", "records_clerk")


class UseSet(models.QuerySet["Use"]):
    """Uses, narrowed by who may read of them."""

    def visible_to(self, actor: Actor) -> "UseSet":
        """Keepers: every use of the records they keep, and what their own counter registered; others: their own uses."""
        if actor.user_id is None or not actor.is_signed_in:
            return self.none()
        mine = Q(user_id=actor.user_id) | Q(registered_by_id=actor.user_id)
        seen = reach(actor, SEE, class_facts())
        # A title that one no longer sees is not told by one's own uses of it either.
        shown = self.filter(Q(record=None) | Q(among(Record.objects.reached_by(seen))))
        if not actor.has_duty(*KEEPERS):
            return shown.filter(mine)
        kept = Reach(SEE, tuple(clause for clause in seen.clauses if clause.reason.startswith("duty.")))
        counter = Q(record=None, kind=Use.Kind.EMERGENCY)
        if actor.department_id is not None:
            counter |= Q(record=None, department_id=actor.department_id)
        return shown.filter(mine | counter | Q(among(Record.objects.reached_by(kept))))


class Use(models.Model):
    """Somebody used the archive: who, when, why, what, with which result."""

    class Kind(models.TextChoices):
        SCREEN = "screen"
        PRINT = "print"
        ORIGINAL = "original"
        PAGES = "pages"  # single pages as a file
        EMERGENCY = "emergency"
        COUNTER = "counter"
        PHONE = "phone"
        REMOTE = "remote"

    class Result(models.TextChoices):
        WAITING = "waiting"
        GIVEN = "given"
        PARTLY = "partly"
        NOTHING = "nothing"
        REFUSED = "refused"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    day = models.DateField()  # of the hospital's calendar
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    visitor = models.CharField(max_length=40)  # tells visits apart without naming anybody
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=12)
    why = models.CharField(max_length=300, blank=True)
    asked = models.CharField(max_length=300, blank=True)  # what was looked for, where no record is named
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.GIVEN)
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    paper = models.BooleanField(default=False)  # the paper original was taken out for it
    paper_reason = models.CharField(max_length=200, blank=True)
    borrowed = models.BooleanField(default=False)  # it left the archive room
    grant = models.ForeignKey(Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(
        AccessRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # that a call became
    seconds = models.PositiveIntegerField(null=True, blank=True)  # that registering took

    objects: Any = UseSet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_uses_latest"),
            models.Index(fields=["day", "purpose"], name="access_uses_year"),
            models.Index(fields=["user", "-at"], name="access_uses_of_user"),
            models.Index(fields=["at"], condition=Q(result="waiting"), name="access_uses_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


BY_HAND = (Use.Kind.COUNTER, Use.Kind.PHONE, Use.Kind.REMOTE)


class UseReader(models.Model):
    """Who came, called or wrote, kept beside the register: personal facts that pages show with their middle covered."""

    use = models.OneToOneField(Use, on_delete=models.PROTECT, related_name="reader")
    name = models.CharField(max_length=60, blank=True)
    id_number = models.CharField(max_length=20, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)  # as it stands on the card
    checked = models.CharField(max_length=8, blank=True)  # the authority's word on name and number, where it was asked

    def __str__(self) -> str:
        return f"{self.use_id}"
