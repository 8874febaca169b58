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


class BadCredentials(InvalidInput):
    """The file with the keys of the place cannot be used."""

    code = "backup_credentials"
    default_message = _("The file with the keys of the place for backups cannot be used.")
    default_remedy = _(
        "It is JSON with access_key and secret_key, or with ssh_key and known_hosts, and only this account may read it "
        "(chmod 600); YIDANG_BACKUP_CREDENTIALS names it."
    )


class BadAddress(InvalidInput):
    """The address is none that restic knows."""

    code = "backup_address"
    default_message = _("This is no address for backups.")
    default_remedy = _("Name a folder, s3:https://server/bucket/folder or sftp:account@server:/folder.")


class NotLocked(InvalidInput):
    """Only a bucket with Object Lock keeps what was written first."""

    code = "backup_not_locked"
    default_message = _("This place keeps no earlier versions, so it cannot be read as of a moment.")
    default_remedy = _("Only a bucket that was made with Object Lock can; leave --as-of away.")


class PlaceSilent(Unavailable):
    """The server of the place does not answer, or stopped answering."""

    code = "backup_place_silent"
    default_message = _("The place for backups does not answer; earlier backups are as they were.")
    default_remedy = _(
        "See that its server runs and is reached from here, then try again: what arrived is not sent twice."
    )


class PlaceRefuses(Unavailable):
    """The server of the place does not take our keys, or forbids what is asked."""

    code = "backup_place_refuses"
    default_message = _("The place for backups refuses: the keys are wrong or may not do this.")
    default_remedy = _("See the file that YIDANG_BACKUP_CREDENTIALS names, and what its account may do at the place.")


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


class NoRoomForDrill(Unavailable):
    """What the backup holds does not fit where drills restore aside."""

    code = "drill_no_room"
    default_remedy = _(
        "Make room there, or name a folder on another disk in YIDANG_DRILL_FOLDER; earlier backups are as they were."
    )


class NotConfigured(WrongState):
    """No place for backups is named."""

    code = "backup_not_configured"
    default_message = _("No place for backups is named.")
    default_remedy = _("Name it in YIDANG_BACKUP: a folder on another machine or disk.")
