"""Routes of sharing under /api/v1/."""

from django.urls import path

from sharing.api import share_views as views
from sharing.api import transfer_views as transfers

urlpatterns = [
    path("shares", views.SharesView.as_view()),
    path("shares/preview", views.SharePreviewView.as_view()),
    path("shares/<int:share_id>", views.ShareView.as_view()),
    path("transfers", transfers.TransfersView.as_view()),
    path("transfers/<int:transfer_id>", transfers.TransferView.as_view()),
    path("transfers/<int:transfer_id>/accept", transfers.AcceptTransferView.as_view()),
    path("shared-with-me", views.SharedWithMeView.as_view()),
    path("shared-by-me", views.SharedByMeView.as_view()),
]
