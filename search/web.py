"""The page of results."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from http_kit import forms
from http_kit.page import page
from search.queries import search

PAGE_SIZE = 30


@require_safe
@page
def results(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders files/search.html, or only its next hits (files/search_hits.html).

    Context: search_query, hits (search.queries.Hit: node, path, score, snippet), total, next_cursor, next_url.
    """
    text = request.GET.get("q", "")
    found = search(actor, text, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    context = {
        "search_query": text.strip(),
        "hits": found.hits,
        "total": found.total,
        "next_cursor": found.next_cursor,
        "next_url": _next_url(request, found.next_cursor),
    }
    partial = forms.is_next_page(request)
    return render(request, "files/search_hits.html" if partial else "files/search.html", context)


def _next_url(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"
