"""How many copies the records of a class need, inherited down the tree, and the classes that have too few."""

from django.db.models import Count, Q
from django.utils.translation import get_language

from yidang.audit.rows import in_chunks, register_fields
from yidang.catalogue.models import CopyRule, Record, RecordClass
from yidang.common import clock
from yidang.vault import needs, sites
from yidang.vault.models import Copy, Site, StoredObject
from yidang.vault.queries import PATIENCE

RULE = "copy_rule"
FIELDS = ("record_class__public_id", "copies", "before", "set_by", "set_at")
# Copies of each site that are looked at, the oldest first; a site that lacks more is shown as a whole.
LOOK = 1000


def rules() -> dict[int, CopyRule]:
    """The rule of every class that has one, its own or that of the nearest class above it."""
    own = {rule.record_class_id: rule for rule in CopyRule.objects.select_related("record_class")}
    if not own:
        return {}
    parents = dict(RecordClass.objects.values_list("pk", "parent_id"))
    found: dict[int, CopyRule] = {}
    for pk in parents:
        at: int | None = pk
        while at is not None and at not in own:
            at = parents[at]
        if at is not None:
            found[pk] = own[at]
    return found


def before_receipt(class_id: int) -> int | None:
    """Verified copies that there must be before a record of this class is acknowledged; None: one on every required site."""
    rule = rules().get(class_id)
    return rule.before if rule else None


def too_few() -> list[needs.Short]:
    """The classes of which a record has fewer good copies than it needs, or which need more than there are sites."""
    wanted, there = rules(), len(sites.roots())
    fewest: dict[int, tuple[int, bool]] = {}
    late_before = clock.now() - PATIENCE
    for object_ids in in_chunks(map(str, _with_a_bad_copy())):
        rows = StoredObject.objects.filter(pk__in=[int(key) for key in object_ids])
        good = {
            row.object_id: (row.good, row.changed_at < late_before)
            for row in rows.annotate(good=Count("copies", filter=Q(copies__state=Copy.State.OK)))
        }
        for object_id, class_id in Record.objects.filter(public_id__in=good).values_list("public_id", "record_class"):
            needed = wanted[class_id].copies if class_id in wanted else there
            if good[object_id][0] < needed:
                least, late = fewest.get(class_id, (there, False))
                fewest[class_id] = min(least, good[object_id][0]), late or good[object_id][1]
    for class_id, rule in wanted.items():
        if rule.copies > there:
            fewest[class_id] = fewest.get(class_id, (there, True))[0], True
    language = get_language() or ""
    return [
        needs.Short(
            one.code, one.label(language), wanted[one.pk].copies if one.pk in wanted else there, *fewest[one.pk]
        )
        for one in RecordClass.objects.filter(pk__in=fewest).order_by("code")
    ]


def _with_a_bad_copy() -> set[int]:
    found: set[int] = set()
    for site in Site.objects.all():
        bad = Copy.objects.filter(site=site).exclude(state=Copy.State.OK)
        found.update(bad.order_by("object_id").values_list("object_id", flat=True)[:LOOK])
    return found


def lend() -> None:
    """Answer the vault for the classes, and have their rules compared with the log."""
    needs.lend(too_few)
    register_fields(RULE, CopyRule, "public_id", FIELDS)
