"""Finding: the index of descriptions and page texts, its one writer, and the question that every search asks of it.

Leans on the catalogue for records and their change feed, and on permissions for who reaches what.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yidang.search.actions import put_page_text, search_and_log
    from yidang.search.asking import Query
    from yidang.search.indexing import index_once, lag, lag_behind, rebuild, run_indexer, status
    from yidang.search.pagetext import guard_texts
    from yidang.search.queries import answers, search
    from yidang.search.reading import page_texts, pages_with
    from yidang.search.suggesting import suggest
    from yidang.search.texts import when_lost

# The doors of this package. They open on first use, because models may not be imported while Django starts.
_DOORS = {
    "Query": "asking", "answers": "queries", "guard_texts": "pagetext", "index_once": "indexing", "lag": "indexing",
    "lag_behind": "indexing", "page_texts": "reading", "pages_with": "reading", "put_page_text": "actions",
    "rebuild": "indexing", "run_indexer": "indexing", "search": "queries", "search_and_log": "actions",
    "status": "indexing", "suggest": "suggesting", "when_lost": "texts",
}  # fmt: skip

__all__ = [
    "Query",
    "answers",
    "guard_texts",
    "index_once",
    "lag",
    "lag_behind",
    "page_texts",
    "pages_with",
    "put_page_text",
    "rebuild",
    "run_indexer",
    "search",
    "search_and_log",
    "status",
    "suggest",
    "when_lost",
]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'yidang.search' has no attribute {name!r}")
    return getattr(import_module(f"yidang.search.{_DOORS[name]}"), name)
