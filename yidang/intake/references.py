"""What many filings of one moment ask the catalogue: each class, department and rule is read once for all of them."""

from threading import Lock

from yidang.catalogue import proposals
from yidang.catalogue.models import RecordClass, RetentionRule
from yidang.common.actor import Actor
from yidang.intake.errors import NoSuchClass, NoSuchDepartment
from yidang.people.models import Department


class References:
    """Answers for the filings of one group; thrown away with it, so that a change counts from the next filing on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._classes: dict[str, RecordClass | None] = {}
        self._departments: dict[tuple[str, object], Department | None] = {}
        self._rules: dict[int, list[RetentionRule]] = {}

    def record_class(self, code: str) -> RecordClass:
        """The class of a code that takes records.

        :raises NoSuchClass: there is none
        """
        with self._lock:
            if code not in self._classes:
                self._classes[code] = (
                    RecordClass.objects.select_related("fonds", "scheme", "parent")
                    .filter(code=code, is_active=True, takes_records=True)
                    .order_by("fonds__code")
                    .first()
                )
            found = self._classes[code]
        if found is None:
            raise NoSuchClass(code)
        return found

    def named_department(self, key: str) -> Department:
        """The department of a key.

        :raises NoSuchDepartment: there is none
        """
        found = self._department("key", key)
        if found is None:
            raise NoSuchDepartment(key)
        return found

    def own_department(self, actor: Actor) -> Department | None:
        """The department of the person who files."""
        return None if actor.department_id is None else self._department("pk", actor.department_id)

    def retention_rule(self, record_class: RecordClass, *, title: str) -> RetentionRule | None:
        """The rule of the schedule that fits the title."""
        with self._lock:
            if record_class.pk not in self._rules:
                self._rules[record_class.pk] = proposals.rules_for(record_class)
            rules = self._rules[record_class.pk]
        return proposals.best_rule(rules, title=title)

    def _department(self, field: str, value: object) -> Department | None:
        with self._lock:
            if (field, value) not in self._departments:
                self._departments[field, value] = Department.objects.filter(**{field: value}).first()
            return self._departments[field, value]
