"""Addresses of uploads through a link."""

from django.urls import path

from protocols.tus import public

urlpatterns = [
    path("s/<str:slug>/send/tus/", public.uploads),
    path("s/<str:slug>/send/tus/<str:upload_id>", public.upload),
]
