"""Addresses below /s/: what visitors of links see. The part after it is the token of the link, or the address that its
owner chose.
"""

from django.urls import path

from sharing.web import public, public_changes, sending

app_name = "public"

urlpatterns = [
    path("s/<str:slug>", public.link, name="link"),
    path("s/<str:slug>/", public.link),  # as people write it
    path("s/<str:slug>/password", public.password, name="password"),
    path("s/<str:slug>/report", public_changes.report, name="report"),
    path("s/<str:slug>/zip", public.zip_files, name="zip"),
    path("s/<str:slug>/send", sending.send, name="send"),
    path("s/<str:slug>/receipt/<str:secret>", sending.receipt, name="receipt"),
    path("s/<str:slug>/<int:node_id>", public.inside, name="inside"),
    path("s/<str:slug>/<int:node_id>/download", public.download, name="download"),
    path("s/<str:slug>/<int:node_id>/zip", public.zip_files, name="zip_folder"),
    path("s/<str:slug>/<int:node_id>/folders", public_changes.make_folder, name="make_folder"),
    path("s/<str:slug>/<int:node_id>/rename", public_changes.rename, name="rename"),
    path("s/<str:slug>/<int:node_id>/delete", public_changes.delete, name="delete"),
]
