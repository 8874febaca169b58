"""The data folder of a demonstration must be empty; asked before the settings are read, because they fill it."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from yidang.common.errors import WrongState


class DataFolderNotEmpty(WrongState):
    """The folder holds something that the demonstration must not touch."""

    code = "data_folder_not_empty"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            _("The data folder is not empty; nothing was changed in it."),
            remedy=_("Name an empty or a new folder with --data."),
            folder=str(folder),
        )


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything, even an empty folder.

    :raises DataFolderNotEmpty: it does, or it is a file
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataFolderNotEmpty(folder)
