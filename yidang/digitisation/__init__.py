"""From files to pages and text: page images, the text of born-digital files, recognition of scans, checks after receipt.

Leans on formats for opening files in the cage, on the vault for bytes and on search, which owns the text.
"""

from typing import Any

__all__ = ["draw_ahead", "page_image"]


def __getattr__(name: str) -> Any:
    # Models may not be imported while Django still loads the packages.
    if name in __all__:
        from yidang.digitisation import images

        return getattr(images, name)
    raise AttributeError(f"module 'yidang.digitisation' has no attribute {name!r}")
