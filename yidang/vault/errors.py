"""Why the vault refuses; each names the site, because that is what somebody has to look at."""

import errno
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yidang.common.errors import IntegrityFailure, InvalidInput, NotFound, Unavailable, WrongState


class SiteMissing(Unavailable):
    """A required site does not answer, or is not the one that was set up."""

    code = "vault.site_missing"
    default_remedy = _("Tell the system administrator to bring the site back; then file again. Nothing was lost.")

    def __init__(self, site: str) -> None:
        super().__init__(
            _("The required storage site «%(site)s» is missing, so nothing can be kept now.") % {"site": site},
            site=site,
        )


class SiteFull(Unavailable):
    """A required site has no room for what is to be kept."""

    code = "vault.site_full"
    default_remedy = _("Tell the system administrator to make room on the site; then file again. Nothing was lost.")

    def __init__(self, site: str) -> None:
        super().__init__(
            _("The storage site «%(site)s» is full, so nothing can be kept now.") % {"site": site}, site=site
        )


class SiteReadOnly(Unavailable):
    """A required site does not take anything at present."""

    code = "vault.site_read_only"
    default_remedy = _("Tell the system administrator that the site is read-only; then file again. Nothing was lost.")

    def __init__(self, site: str) -> None:
        super().__init__(
            _("The storage site «%(site)s» cannot be written, so nothing can be kept now.") % {"site": site}, site=site
        )


class TooFewSites(Unavailable):
    """A class of records needs more copies than there are sites."""

    code = "vault.too_few_sites"
    default_remedy = _("Name another site in YIDANG_SITES, or have the class need fewer copies; then try again.")

    def __init__(self, needed: int, sites: int) -> None:
        super().__init__(
            _("%(needed)d copies are needed and there are %(sites)d sites, so nothing was kept.")
            % {"needed": needed, "sites": sites},
            field="copies",
        )


class WriteFailed(Unavailable):
    """The disk answered with an error; what was written is given up."""

    code = "vault.write_failed"
    default_remedy = _("File again; if it happens again, tell the system administrator to look at the disk.")

    def __init__(self, site: str, reason: str) -> None:
        sentence = _("Writing to the storage site «%(site)s» failed (%(reason)s); nothing was kept.")
        super().__init__(sentence % {"site": site, "reason": reason}, site=site)


class FolderInUse(WrongState):
    """A site is to be set up in a folder that holds something else."""

    code = "vault.folder_in_use"
    default_remedy = _("Name an empty folder, or empty this one if nobody needs what is in it.")

    def __init__(self, folder: str) -> None:
        super().__init__(
            _("«%(folder)s» holds files that are not a storage site, so no site was set up in it.") % {"folder": folder}
        )


class LockMissing(WrongState):
    """A site is to keep objects against everybody, and its bucket cannot."""

    code = "vault.lock_missing"
    default_remedy = _("Make a new bucket with Object Lock turned on, or leave «lock_days» out of the site's address.")

    def __init__(self, address: str) -> None:
        super().__init__(
            _("The bucket «%(address)s» was made without Object Lock, so it cannot be a locked site.")
            % {"address": address}
        )


class HeldByLock(WrongState):
    """A locked site keeps an object until a date, whoever asks."""

    code = "vault.held_by_lock"
    default_remedy = _("Carry out the destruction after that date. Nothing was removed anywhere.")

    def __init__(self, site: str, until: datetime) -> None:
        super().__init__(
            _("The locked storage site «%(site)s» keeps this object until %(until)s against everybody.")
            % {"site": site, "until": f"{until:%Y-%m-%d}"},
            site=site,
        )


class NotPrepared(WrongState):
    """Rows were to be made before the sites were set up."""

    code = "vault.not_prepared"
    default_message = _("The storage sites have not been set up yet.")
    default_remedy = _("Run «yidang vault status», which sets them up and shows them.")


class UnknownSite(InvalidInput):
    """Settings name no such site."""

    code = "vault.unknown_site"
    default_remedy = _("«yidang vault status» lists the sites.")

    def __init__(self, site: str) -> None:
        super().__init__(_("There is no storage site «%(site)s».") % {"site": site}, field="site")


class BadPath(InvalidInput):
    """A path that cannot stand in an object, or that is not in it."""

    code = "vault.bad_path"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("«%(path)s» cannot be used as the path of a file in an object.") % {"path": path}, field=path
        )


class BadObject(InvalidInput):
    """A group of objects or files that contradicts itself."""

    code = "vault.bad_object"
    default_message = _("Each object needs files, and each path and each object may be named only once.")


class SourceMissing(InvalidInput):
    """A file that was to be kept cannot be read."""

    code = "vault.source_missing"
    default_message = _("A file that was to be kept can no longer be read.")
    default_remedy = _("Hand the file in again.")


class DigestMismatch(IntegrityFailure):
    """Bytes do not have the digest that they were announced with, or came back different after writing."""

    code = "vault.digest_mismatch"

    def __init__(self, path: str) -> None:
        super().__init__(_("«%(path)s» does not have the digest that it should have.") % {"path": path}, path=path)


class ObjectExists(WrongState):
    """Another writer keeps, or kept, an object of this id."""

    code = "vault.object_exists"
    default_message = _("An object with this identifier is in the vault already.")


class StaleVersion(WrongState):
    """Another writer added a version first."""

    code = "vault.stale_version"
    default_message = _("Somebody else has just saved a newer version of this object.")


class NoSuchObject(NotFound):
    """The vault holds no such object or file."""

    code = "vault.no_such_object"


class NoGoodCopy(IntegrityFailure):
    """No site has this file in the state in which it was kept."""

    code = "vault.no_good_copy"
    default_message = _("No good copy of this file could be found on any storage site.")
    default_remedy = _("Tell the archive room at once: the copies must be looked at before anything else is written.")


class NoWarrant(WrongState):
    """Kept content is removed with a warrant of disposal only."""

    code = "vault.no_warrant"
    default_message = _("Kept content can only be removed by a signed destruction.")
    default_remedy = _("Propose the record for appraisal; after its signatures the destruction follows by itself.")


def refusal_of(site: str, problem: OSError) -> Unavailable:
    """The refusal that tells people about an operating system's error at one site."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return SiteFull(site)
    if problem.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return SiteReadOnly(site)
    return WriteFailed(site, problem.strerror or str(problem))
