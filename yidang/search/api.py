"""``GET /api/v1/search``."""

from typing import Any

from django.http import HttpRequest
from ninja import Query as Parameter
from ninja import Router, Schema

from yidang.catalogue.api import item_json
from yidang.search.actions import search_and_log
from yidang.search.asking import from_address
from yidang.search.results import Hit, Results

router = Router(tags=["search"])


class SearchParameters(Schema):
    """What may be asked; a facet is narrowed by ``class=WS`` (only) and ``class!=WS`` (without), as often as needed."""

    q: str = ""
    sort: str = "relevance"
    limit: int = 20
    cursor: str = ""
    facets: bool = False


@router.get("/search", summary="Find records", url_name="search")
def find(request: HttpRequest, parameters: Parameter[SearchParameters]) -> dict[str, Any]:
    """Records that the caller may see with every term of ``q`` in their description or in the text of a viewable page.

    Besides ``q``: ``class``, ``year`` (2026 or 2019..2024), ``department``, ``retention``, ``state``, ``role``, ``level``,
    each also with ``!`` to leave values out, and ``fact=key=value`` for fields of a scheme.
    """
    query = from_address(request.GET, facets=parameters.facets)
    return answer(search_and_log(query, actor=request.actor), with_facets=parameters.facets)  # type: ignore[attr-defined]


def answer(results: Results, *, with_facets: bool) -> dict[str, Any]:
    """The results as JSON."""
    body: dict[str, Any] = {
        "items": [item(hit) for hit in results.hits],
        "next": results.next or None,
        "total": results.total,
        "took_ms": results.took_ms,
        "lag": {"changes": results.lag.changes, "seconds": round(results.lag.seconds, 1)},
        "text_pending": results.pending_text,
        "widened": results.widened or None,
    }
    if with_facets:
        body["facets"] = facets = {}
        for facet in results.facets:  # the fields of a scheme share the name «fact»
            listed = [{"value": one.value, "label": one.label, "count": one.count} for one in facet.values]
            facets[facet.name] = facets.get(facet.name, []) + listed
    return body


def item(hit: Hit) -> dict[str, Any]:
    """One hit as JSON."""
    record = hit.record
    return {
        **item_json(record),
        "record": str(record.public_id),
        "title_marked": str(hit.title),
        "text_pending": hit.pending,
        "pages_matched": hit.pages,
        "matches": [{"document": spot.document, "page": spot.page, "snippet": str(spot.snippet)} for spot in hit.spots],
        "why": [{"part": reason.part, "snippet": str(reason.snippet)} for reason in hit.reasons],
    }
