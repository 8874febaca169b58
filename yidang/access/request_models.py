"""利用申请: who asks for which records, what for, on which ground; and what became of each of them."""

from typing import Any

from django.conf import settings
from django.db import models

from yidang.approval.models import Case
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id
from yidang.permissions.models import Grant


class RequestSet(models.QuerySet["AccessRequest"]):
    """Requests, narrowed by who may read of them."""

    def of(self, actor: Actor) -> "RequestSet":
        """Those that the actor asked for."""
        return self.none() if actor.user_id is None else self.filter(asker_id=actor.user_id)


class AccessRequest(models.Model):
    """One request for records; ``case`` is the present or last course of signatures, none where the rules allowed it."""

    class State(models.TextChoices):
        GRANTED = "granted"
        WAITING = "waiting"
        REFUSED = "refused"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # whoever took the call; empty: the asker
    purpose = models.CharField(max_length=12)
    reason = models.CharField(max_length=1000, blank=True)
    basis = models.CharField(max_length=12, blank=True)  # legal basis where it is about somebody's privacy
    basis_detail = models.CharField(max_length=300, blank=True)
    actions = models.JSONField(default=list)
    days = models.PositiveIntegerField()
    pages = models.CharField(max_length=200, blank=True)  # what narrows the grants, as of permissions.Grant
    times = models.PositiveIntegerField(null=True, blank=True)
    sheets = models.PositiveIntegerField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects: Any = RequestSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["asker", "-asked_at", "-id"], name="access_requests_of_user")]

    def __str__(self) -> str:
        return self.number


class RequestedRecord(models.Model):
    """One record of a request, by the name that the asker used for it.

    ``record`` is empty where no record has that name: the asker, who might not see it if there were one, is told the same
    in both cases, and the signers decide.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="records")
    position = models.PositiveSmallIntegerField()
    named = models.CharField(max_length=150)
    record = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    grant = models.ForeignKey(Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_out = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["request", "position"], name="access_requested_position")]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.position}"
