"""Addresses of the pages of shares."""

from django.urls import path

from sharing.web import access, shares

app_name = "shares"

urlpatterns = [
    path("files/<int:node_id>/share/", shares.share_page, name="share"),
    path("files/<int:node_id>/access/", access.who_has_access, name="access"),
    path("files/<int:node_id>/give", shares.offer, name="offer"),
    path("transfers/<int:transfer_id>/answer", shares.answer, name="answer"),
    path("shared/", shares.with_me, name="with_me"),
    path("shared/by-me/", shares.by_me, name="by_me"),
    path("shares/<int:share_id>/change", shares.change, name="change_share"),
    path("shares/<int:share_id>/end", shares.end, name="end_share"),
]
