"""Routes of sharing under /api/v1/."""

from django.urls import path

from sharing.api import share_views as views

urlpatterns = [
    path("shares", views.SharesView.as_view()),
    path("shares/preview", views.SharePreviewView.as_view()),
    path("shares/<int:share_id>", views.ShareView.as_view()),
    path("shared-with-me", views.SharedWithMeView.as_view()),
    path("shared-by-me", views.SharedByMeView.as_view()),
]
