"""The words for retention periods and levels of security, in the reader's language."""

import re

from django.utils.translation import gettext as _


def retention(code: str) -> str:
    """永久, 定期30年 … for Y, D30 …"""
    if code == "Y":
        return _("permanent")
    if code.startswith("D") and code[1:].isdigit():
        return _("%(years)s years") % {"years": code[1:]}
    counted = re.fullmatch(r"[A-Z]+\+([\d.]+)", code)
    if counted:
        return _("%(years)s years after the event") % {"years": counted.group(1)}
    if code.startswith("M") and code[1:].isdigit():
        return _("%(months)s months") % {"months": code[1:]}
    return code


def level(number: int) -> str:
    """The name of a level of security."""
    return [_("public"), _("internal"), _("sensitive"), _("restricted")][number]
