"""Routes of links under /api/v1/."""

from django.urls import path

from sharing.api.link_administration import AllLinksView, AnyLinkView
from sharing.api.link_views import LinksView, LinkView

urlpatterns = [
    path("links", LinksView.as_view()),
    path("links/<int:link_id>", LinkView.as_view()),
    path("links/all", AllLinksView.as_view()),
    path("links/all/<int:link_id>", AnyLinkView.as_view()),
]
