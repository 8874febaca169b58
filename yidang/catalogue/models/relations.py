"""Relations 档案关系: which record answers, replaces or belongs to which."""

from django.db import models
from django.db.models import F, Q

from yidang.catalogue.models.records import Record, among
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id


class RelationQuerySet(models.QuerySet["Relation"]):
    """Relations, narrowed."""

    def visible_to(self, actor: Actor) -> "RelationQuerySet":
        """Those of which this actor sees both records: the other's existence is told to nobody else."""
        seen = Record.objects.visible_to(actor)
        return self.filter(among(seen, "source_id"), among(seen, "target_id"))


class Relation(models.Model):
    """One record stands in a relation to another, until somebody ends it; what ended stays told."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=20)  # a key of data/relation_kinds.yaml
    source = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="relations_from")
    target = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="relations_to")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RelationQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source", "target"], condition=Q(ended_at=None), name="catalogue_relation_once"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="catalogue_relation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
