"""Where records belong: the fonds, its tree of classes, the metadata schemes."""

from django.db import models

from yidang.common.ids import new_public_id
from yidang.permissions.reach import VISIBILITIES


class Fonds(models.Model):
    """All the records of one institution."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    code = models.CharField(max_length=20, unique=True)
    labels = models.JSONField()  # {"zh": …, "en": …}
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")

    def __str__(self) -> str:
        return self.code


class MetadataScheme(models.Model):
    """The fields that describe the records of a class, as data: they validate, draw the form and feed the facets.

    A field is ``{"key", "labels": {"zh", "en"}, "type": text|number|date|choice|boolean|person|list, "required",
    "choices": [{"value", "labels"}], "least", "most", "pattern", "facet", "element": DA/T 46 id, "personal"}``.
    """

    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    labels = models.JSONField()
    fields = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="catalogue_scheme_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class RecordClass(models.Model):
    """A branch of the classification scheme; the tree has no depth limit, and ``code`` holds the whole path: KJ·KY."""

    BY_ITEM, BY_VOLUME = "item", "volume"
    RUNNING, YEARLY, NONE = "running", "yearly", "none"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="classes")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    code = models.CharField(max_length=80)
    labels = models.JSONField()
    position = models.PositiveIntegerField(default=0)
    arrangement = models.CharField(max_length=10, default=BY_ITEM)  # 按件 or 按卷
    scheme = models.ForeignKey(MetadataScheme, null=True, blank=True, on_delete=models.PROTECT)
    code_template = models.CharField(max_length=120, blank=True)
    # running: the number is final at acceptance; yearly: provisional until the yearly arrangement; none: no code before it
    numbering = models.CharField(max_length=10, default=YEARLY)
    without_gaps = models.BooleanField(default=False)
    visibility = models.CharField(max_length=12, choices=[(key, key) for key in VISIBILITIES])
    default_level = models.PositiveSmallIntegerField(default=1)
    default_retention = models.CharField(max_length=10, default="D30")
    takes_records = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["fonds", "code"], name="catalogue_class_code")]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str = "zh-hans") -> str:
        """The name in a language, in Chinese when there is no other."""
        return self.labels.get("en" if language == "en" else "zh") or self.labels.get("zh", self.code)
