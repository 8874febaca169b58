"""Forms of the pages of people."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yidang.people.models import Department, DepartmentName, User
from yidang.people.roles import ROLES, SCOPES

LEVELS = [(0, _("0 public")), (1, _("1 internal")), (2, _("2 sensitive")), (3, _("3 restricted"))]


def department_choices() -> list[tuple[str, str]]:
    """Open departments by their names of today."""
    rows = DepartmentName.objects.filter(valid_until=None, department__closed_on=None).select_related("department")
    english = get_language() == "en"
    named = [(row.department.key, f"{row.department.key} {row.en if english and row.en else row.zh}") for row in rows]
    return [("", "—"), *sorted(named)]


class _WithDepartment(forms.Form):
    """A form whose field ``department`` holds a key."""

    department = forms.ChoiceField(label=_("Department"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = department_choices()  # type: ignore[attr-defined]

    def clean_department(self) -> Department | None:
        """The department itself."""
        return Department.objects.filter(key=self.cleaned_data["department"]).first()


class NewPassword(forms.Form):
    """Choosing a new password."""

    present = forms.CharField(
        label=_("Present password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=_("New password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("New password again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any] | None:
        """Both must be the same."""
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two are not the same."))
        return cleaned


class Administrator(forms.Form):
    """One of the three administrators, on the first start."""

    username = forms.CharField(label=_("User name"), max_length=60)
    display_name = forms.CharField(label=_("Full name"), max_length=60)
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))


class NewAccount(_WithDepartment):
    """A new account."""

    username = forms.CharField(label=_("User name"), max_length=60)
    display_name = forms.CharField(label=_("Full name"), max_length=60)
    staff_number = forms.CharField(label=_("Staff number"), max_length=30, required=False)
    clearance = forms.TypedChoiceField(label=_("Clearance"), choices=LEVELS, coerce=int, initial=1)
    role = forms.ChoiceField(label=_("Duty"), choices=list(ROLES.items()), initial="staff")
    password = forms.CharField(
        label=_("First password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("The person has to choose another one at the first sign-in."),
    )  # fmt: skip
    field_order = ["username", "display_name", "staff_number", "department", "role", "clearance", "password"]


class Account(_WithDepartment):
    """The facts of an account."""

    display_name = forms.CharField(label=_("Full name"), max_length=60)
    staff_number = forms.CharField(label=_("Staff number"), max_length=30, required=False)
    clearance = forms.TypedChoiceField(label=_("Clearance"), choices=LEVELS, coerce=int)
    field_order = ["display_name", "staff_number", "department", "clearance"]

    @staticmethod
    def of(user: User) -> dict[str, Any]:
        """What stands in the form at first."""
        return {
            "display_name": user.display_name, "staff_number": user.staff_number, "clearance": user.clearance,
            "department": user.department.key if user.department else "",
        }  # fmt: skip


class NewDuty(_WithDepartment):
    """A duty to be given."""

    role = forms.ChoiceField(label=_("Duty"), choices=list(ROLES.items()))
    class_codes = forms.CharField(
        label=_("Only classes"), required=False, help_text=_("Codes such as KJ, with commas between; empty for all.")
    )
    valid_until = forms.DateField(label=_("Until"), required=False, help_text=_("2026-12-31; empty for good."))
    field_order = ["role", "class_codes", "department", "valid_until"]

    def clean_class_codes(self) -> list[str]:
        """The codes one by one."""
        text = self.cleaned_data["class_codes"].replace("，", ",").replace("、", ",")
        return [part.strip() for part in text.split(",") if part.strip()]


class FirstPassword(forms.Form):
    """A password for one sign-in."""

    password = forms.CharField(
        label=_("New password for one sign-in"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class NewDepartment(forms.Form):
    """A new department."""

    key = forms.CharField(label=_("Key"), max_length=20)
    zh = forms.CharField(label=_("Chinese name"), max_length=100)
    en = forms.CharField(label=_("English name"), max_length=100, required=False)
    parent = forms.ChoiceField(label=_("Below"), required=False)
    opened_on = forms.DateField(label=_("Since"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = department_choices()  # type: ignore[attr-defined]

    def clean_parent(self) -> Department | None:
        """The department above."""
        return Department.objects.filter(key=self.cleaned_data["parent"]).first()


class Rename(forms.Form):
    """A department's new name."""

    zh = forms.CharField(label=_("New Chinese name"), max_length=100)
    en = forms.CharField(label=_("New English name"), max_length=100, required=False)
    on = forms.DateField(label=_("From the day"))


class Merge(forms.Form):
    """The department that takes over."""

    into = forms.ChoiceField(label=_("Merged into"))
    on = forms.DateField(label=_("On the day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = department_choices()  # type: ignore[attr-defined]

    def clean_into(self) -> Department | None:
        """The department itself."""
        return Department.objects.filter(key=self.cleaned_data["into"]).first()


class NewClient(forms.Form):
    """A new API client."""

    name = forms.CharField(label=_("Name of the program"), max_length=60)
    owner = forms.CharField(label=_("Owner's user name"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=list(SCOPES.items()), widget=forms.SelectMultiple(attrs={"size": 7})
    )
    days = forms.IntegerField(label=_("Days"), min_value=1, initial=365)
    addresses = forms.CharField(
        label=_("Only from"), required=False, help_text=_("Networks such as 10.8.0.0/16, with commas between.")
    )

    def clean_addresses(self) -> list[str]:
        """The networks one by one."""
        text = self.cleaned_data["addresses"].replace("，", ",")
        return [part.strip() for part in text.split(",") if part.strip()]
