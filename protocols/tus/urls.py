"""Addresses below /tus/."""

from django.urls import path

from protocols.tus import views

urlpatterns = [
    path("", views.uploads),
    path("<str:upload_id>", views.upload),
]
