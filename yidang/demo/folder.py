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


def is_empty(folder: Path) -> bool:
    """Whether a folder is new or holds nothing, not even an empty folder; no error of ours: those need the settings."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
