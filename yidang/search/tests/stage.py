"""A small hospital for tests of search: departments, classes, people, and a way to file records without a vault."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from yidang.catalogue.models import Document, Fonds, MetadataScheme, Record, RecordChange, RecordClass
from yidang.common.actor import Actor
from yidang.people.models import Department, DepartmentName, Duty, User
from yidang.search.actions import put_page_text

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Stage:
    """Makes records and people; everything is in one fonds."""

    fonds: Fonds
    classes: dict[str, RecordClass]
    departments: dict[str, Department]
    people: dict[str, User] = field(default_factory=dict)
    filed: int = 0

    def actor(self, name: str) -> Actor:
        """The actor of a person of the cast."""
        user = self.people[name]
        duties = frozenset(user.duties.values_list("role", flat=True))
        return Actor("person", user.username, user.display_name, user.pk, user.department_id, duties)

    def record(
        self, title: str, *, of: str = "WS", department: str = "YB", pages: list[str] | None = None, **facts: Any
    ) -> Record:
        """A record with one document; its text is pending while ``pages`` is None."""
        self.filed += 1
        moment = START + timedelta(minutes=self.filed)
        defaults: dict[str, Any] = {
            "year": 2026,
            "retention": "D30",
            "level": 1,
            "received_at": moment,
            "updated_at": moment,
        }
        name, role = facts.pop("file", f"{self.filed:04d}.pdf"), facts.pop("role", "正本")
        record = Record.objects.create(
            fonds=self.fonds,
            record_class=self.classes[of],
            department=self.departments[department],
            title=title,
            accession_number=f"JS2026-{self.filed:06d}",
            **{**defaults, **facts},
        )
        digest = f"{self.filed:064x}"
        Document.objects.create(
            record=record, number=1, role=role, name=name, path="documents/0001.pdf", size=1,
            sha256=digest, sha512=digest * 2, sm3=digest,
        )  # fmt: skip
        self.changed(record)
        if pages is not None:
            put_page_text(record, 1, pages)
        return record

    def changed(self, record: Record, kind: str = RecordChange.DESCRIPTION) -> None:
        """Tell the feed."""
        RecordChange.objects.create(record_id=record.pk, kind=kind, at=datetime.now(UTC))


def build_stage() -> Stage:
    """The fonds, five classes, three departments and the cast."""
    fonds = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"})
    scheme = MetadataScheme.objects.create(
        key="ky",
        labels={"zh": "科研"},
        fields=[
            {"key": "topic", "type": "text", "facet": True, "labels": {"zh": "课题"}},
            {"key": "identity", "type": "text", "personal": True, "labels": {"zh": "身份证号"}},
        ],
    )
    visibilities = {"WS": "hospital", "KJ": "department", "KJ·KY": "department", "BA": "care", "RS": "entry_only"}
    classes = {
        code: RecordClass.objects.create(
            fonds=fonds, code=code, labels={"zh": code}, visibility=visibility, scheme=scheme
        )
        for code, visibility in visibilities.items()
    }
    departments = {}
    for key, name in {"YB": "院长办公室", "CW": "财务科", "XN": "心血管内科"}.items():
        departments[key] = Department.objects.create(key=key)
        DepartmentName.objects.create(department=departments[key], zh=name)
    stage = Stage(fonds, classes, departments)
    cast = [
        ("lin", "林静", "YB", "archivist"),
        ("zhao", "赵磊", "CW", ""),
        ("chen", "陈思远", "XN", "clinician"),
        ("sys", "孙工", "", "system_admin"),
    ]
    for username, name, department, duty in cast:
        user = User.objects.create(
            username=username,
            display_name=name,
            department=departments.get(department),
            clearance=2 if username == "lin" else 1,
        )
        if duty:
            Duty.objects.create(user=user, role=duty)
        stage.people[username] = user
    return stage
