"""Why a backup, a restore or a drill cannot be made, each with what to do."""

from django.utils.translation import gettext_lazy as _

from yidang.common.errors import IntegrityFailure, InvalidInput, Unavailable, WrongState


class EngineMissing(Unavailable):
    """The program restic is not installed."""

    code = "restic_missing"
    default_message = _("The program restic is not installed, so no backup can be made or read.")
    default_remedy = _("Install it: apt-get install -y restic")


class NoBackupThere(InvalidInput):
    """The address holds no backup."""

    code = "no_backup_there"
    default_message = _("There is no backup at this address.")
    default_remedy = _("Name the address that «yidang backup» was given, and see that its disk is mounted.")


class WrongPassphrase(InvalidInput):
    """The passphrase does not open the backup."""

    code = "wrong_passphrase"
    default_message = _("The passphrase does not open this backup.")
    default_remedy = _("Use the passphrase that was printed when the first backup was made there.")


class NoPassphrase(Unavailable):
    """The file with the passphrase is not there or empty."""

    code = "no_passphrase"
    default_message = _("The passphrase of the backups is not on this machine.")
    default_remedy = _(
        "Put it into a file that only this account may read, and name it in YIDANG_BACKUP_PASSPHRASE_FILE."
    )


class BackupFailed(Unavailable):
    """restic ended with an error."""

    code = "backup_failed"
    default_message = _("The backup was not made; earlier ones are as they were.")
    default_remedy = _("See that the place is mounted and has room, then try again.")


class BackupDamaged(IntegrityFailure):
    """What is kept cannot be read back as it was written."""

    code = "backup_damaged"
    default_message = _("The backup is damaged: what was read back is not what was written.")
    default_remedy = _("Keep it for examination, make a new backup at another place, and check the disk.")


class BackupUnderWay(WrongState):
    """Another process makes a backup of this data folder."""

    code = "backup_under_way"
    default_message = _("Another backup is under way.")
    default_remedy = _("Wait until it has ended.")


class NotConfigured(WrongState):
    """No place for backups is named."""

    code = "backup_not_configured"
    default_message = _("No place for backups is named.")
    default_remedy = _("Name it in YIDANG_BACKUP: a folder on another machine or disk.")
