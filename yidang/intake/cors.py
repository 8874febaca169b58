"""Pages of other origins, such as the OA's, may file from the browser when the settings name them; nothing else opens."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PATH = "/api/v1/filings"


class FilingOriginsMiddleware:
    """Answers the browser's question whether a page of this origin may file, and lets it read the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers for a named origin; credentials are never allowed, only tickets and tokens."""
        origin = request.headers.get("Origin", "")
        if not request.path.startswith(PATH) or origin not in settings.FILING_ORIGINS:
            return self.get_response(request)
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if asks else self.get_response(request)
        response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = ", ".join(filter(None, [response.get("Vary"), "Origin"]))
        if asks:
            response["Access-Control-Allow-Methods"] = "GET, POST"
            response["Access-Control-Allow-Headers"] = "Authorization, X-Yidang-Channel"
            response["Access-Control-Max-Age"] = "600"
        return response
