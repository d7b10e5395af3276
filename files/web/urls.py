"""Addresses of the pages."""

from django.urls import path

from files.web import alike, brakes, browse, changes, details, mounts, space_states, spaces, team, trash, undo

app_name = "files"

urlpatterns = [
    path("", browse.home, name="home"),
    path("files/<int:node_id>/", browse.browse, name="browse"),
    path("files/<int:node_id>/download", browse.download, name="download"),
    path("files/<int:node_id>/versions/<int:version_id>/download", browse.download_version, name="download_version"),
    path("files/<int:node_id>/versions/<int:version_id>/restore", details.restore_version, name="restore_version"),
    path("files/<int:node_id>/lock", details.lock, name="lock"),
    path("files/<int:node_id>/unlock", details.unlock, name="unlock"),
    path("files/<int:node_id>/folders", changes.create_folder, name="create_folder"),
    path("files/<int:node_id>/restriction", spaces.change_restriction, name="restriction"),
    path("files/<int:node_id>/alike", alike.names_alike, name="alike"),
    path("files/rename", changes.rename, name="rename"),
    path("files/move", changes.move, name="move"),
    path("files/copy", changes.copy, name="copy"),
    path("files/trash", changes.trash_nodes, name="trash_nodes"),
    path("files/zip", browse.zip_selection, name="zip"),
    path("files/undo", undo.undo, name="undo"),
    path("picker/<int:node_id>/", changes.picker, name="picker"),
    path("spaces/", spaces.spaces, name="spaces"),
    path("spaces/new", spaces.create, name="create_space"),
    path("spaces/<int:space_id>/", spaces.space, name="space"),
    path("spaces/<int:space_id>/change", spaces.change, name="change_space"),
    path("spaces/<int:space_id>/members", spaces.add_member, name="add_member"),
    path("spaces/<int:space_id>/members/remove", spaces.remove_member, name="remove_member"),
    path("spaces/<int:space_id>/archive", space_states.archive, name="archive_space"),
    path("spaces/<int:space_id>/limit", space_states.limit, name="limit_space"),
    path("spaces/<int:space_id>/delete", space_states.delete, name="delete_space"),
    path("spaces/<int:space_id>/restore", space_states.restore, name="restore_space"),
    path("spaces/<int:space_id>/moved", space_states.moved, name="moved_out"),
    path("spaces/<int:space_id>/moved/undo", space_states.undo_move, name="undo_move"),
    path("team/members/<int:user_id>/files", team.hand_over, name="hand_over"),
    path("uploads/", team.reservations, name="reservations"),
    path("uploads/<uuid:upload_id>/end", team.end, name="end_reservation"),
    path("held/", brakes.held, name="held"),
    path("held/bounds", brakes.bounds, name="brake_bounds"),
    path("held/<int:brake_id>/", brakes.brake, name="brake"),
    path("held/<int:brake_id>/accept", brakes.accept_brake, name="accept_brake"),
    path("held/<int:brake_id>/revert", brakes.revert_brake, name="revert_brake"),
    path("removed/", mounts.removed, name="removed"),
    path("removed/show", mounts.show, name="show_mount"),
    path("trash/", trash.trash, name="trash"),
    path("trash/<int:space_id>/", trash.trash, name="trash_of_space"),
    path("trash/<int:space_id>/empty", trash.empty_trash, name="empty_trash"),
    path("trash/restore", trash.restore, name="restore"),
    path("trash/purge", trash.purge, name="purge"),
]
