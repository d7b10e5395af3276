"""Addresses of the pages."""

from django.urls import path

from files.web import (
    alike,
    browse,
    changes,
    details,
    downloads,
    picker,
    reservations,
    restrictions,
    spaces,
    trash,
    undo,
)

app_name = "files"

urlpatterns = [
    path("", browse.home, name="home"),
    path("files/<int:node_id>/", browse.browse, name="browse"),
    path("files/<int:node_id>/download", downloads.download, name="download"),
    path("files/<int:node_id>/versions/<int:version_id>/download", downloads.download_version, name="download_version"),
    path("files/<int:node_id>/versions/<int:version_id>/restore", details.restore_version, name="restore_version"),
    path("files/<int:node_id>/unlock", details.unlock, name="unlock"),
    path("files/<int:node_id>/folders", changes.create_folder, name="create_folder"),
    path("files/<int:node_id>/restriction", restrictions.change_restriction, name="restriction"),
    path("files/<int:node_id>/alike", alike.names_alike, name="alike"),
    path("files/rename", changes.rename, name="rename"),
    path("files/move", changes.move, name="move"),
    path("files/copy", changes.copy, name="copy"),
    path("files/trash", changes.trash_nodes, name="trash_nodes"),
    path("files/zip", downloads.zip_selection, name="zip"),
    path("files/undo", undo.undo, name="undo"),
    path("picker/<int:node_id>/", picker.picker, name="picker"),
    path("spaces/", spaces.spaces, name="spaces"),
    path("spaces/new", spaces.create, name="create_space"),
    path("spaces/<int:space_id>/", spaces.space, name="space"),
    path("spaces/<int:space_id>/change", spaces.change, name="change_space"),
    path("spaces/<int:space_id>/members", spaces.add_member, name="add_member"),
    path("spaces/<int:space_id>/members/remove", spaces.remove_member, name="remove_member"),
    path("uploads/", reservations.reservations, name="reservations"),
    path("uploads/<uuid:upload_id>/end", reservations.end, name="end_reservation"),
    path("trash/", trash.trash, name="trash"),
    path("trash/<int:space_id>/", trash.trash, name="trash_of_space"),
    path("trash/<int:space_id>/empty", trash.empty_trash, name="empty_trash"),
    path("trash/restore", trash.restore, name="restore"),
    path("trash/purge", trash.purge, name="purge"),
]
