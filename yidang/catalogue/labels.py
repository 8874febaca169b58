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


def event(trigger: str) -> str:
    """From what a period counts, by the schedule's name for it."""
    words = {
        "YEAR_END": _("the end of the filing year"),
        "FY_END": _("the end of the fiscal year"),
        "CREATED": _("the day it was made"),
        "ISSUE_DATE": _("the day it was issued"),
        "LAST_DISCHARGE": _("the patient's last discharge"),
        "LAST_VISIT": _("the patient's last visit"),
        "CONTRACT_END": _("the end of the contract"),
        "CASE_END": _("the end of the case"),
        "EMPLOY_END": _("the end of the employment"),
        "PROJECT_CLOSE": _("the acceptance of the project"),
        "DEVICE_EOL": _("the end of the device's use"),
        "ASSET_DISPOSED": _("the asset being scrapped"),
        "VACCINE_EXPIRY": _("the vaccine's day of expiry"),
        "DRUG_EXPIRY": _("the drug's day of expiry"),
        "FOOD_EXPIRY": _("the food's day of expiry"),
        "APPROVAL": _("the product's approval"),
        "TRIAL_END": _("the end of the trial"),
        "SEAL_DATE": _("the day it was sealed"),
        "SYSTEM_EOL": _("the end of the system's use"),
        "PERSON": _("the person's own file"),
        "RECORD": _("the records that it tells of"),
    }
    return words.get(trigger, trigger)


def why_it_stays(code: str) -> str:
    """Why a record may not end today, or that its period is over."""
    words = {
        "held": _("It is held and stays until the hold is lifted."),
        "permanent": _("It is kept for ever."),
        "unknown": _("It stays: from when its period counts is not known."),
        "running": _("Its period is running."),
    }
    return words.get(code, _("Its period is over; it waits for its appraisal."))
