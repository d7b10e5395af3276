"""Routes of files under /api/v1/."""

from django.urls import path

from files.api.schema import DocumentationView, SchemaView
from files.api.views import (
    bulk,
    changes,
    direct,
    folders,
    journal,
    moving,
    nodes,
    problems,
    spaces,
    trash,
    uploads,
    versions,
)

urlpatterns = [
    path("nodes/<int:node_id>", nodes.NodeView.as_view()),
    path("nodes/<int:node_id>/unlock", nodes.UnlockView.as_view()),
    path("nodes/<int:node_id>/children", folders.ChildrenView.as_view()),
    path("metadata", nodes.MetadataView.as_view()),
    path("folders", folders.FoldersView.as_view()),
    path("move", moving.MoveView.as_view()),
    path("copy", moving.CopyView.as_view()),
    path("trash", trash.TrashView.as_view()),
    path("trash/restore", trash.RestoreView.as_view()),
    path("trash/purge", trash.PurgeView.as_view()),
    path("trash/empty", trash.EmptyView.as_view()),
    path("nodes/<int:node_id>/versions", versions.VersionsView.as_view()),
    path("nodes/<int:node_id>/versions/<int:version_id>", versions.VersionView.as_view()),
    path("nodes/<int:node_id>/versions/<int:version_id>/restore", versions.RestoreVersionView.as_view()),
    path("nodes/<int:node_id>/rewind", versions.RewindView.as_view()),
    path("nodes/<int:node_id>/history", journal.NodeHistoryView.as_view()),
    path("journal", journal.JournalView.as_view()),
    path("changes", changes.ChangesView.as_view()),
    path("changes/cursor", changes.LatestCursorView.as_view()),
    path("uploads", uploads.UploadsView.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view()),
    path("uploads/<uuid:upload_id>/pieces/<int:offset>", uploads.PieceView.as_view()),
    path("uploads/<uuid:upload_id>/finish", uploads.FinishView.as_view()),
    path("uploads/<uuid:upload_id>/direct", direct.DirectView.as_view()),
    path("uploads/<uuid:upload_id>/direct/complete", direct.DirectCompleteView.as_view()),
    path("bulk", bulk.BulkView.as_view()),
    path("spaces", spaces.SpacesView.as_view()),
    path("usage", spaces.UsageView.as_view()),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="api-documentation"),
    path("problems", problems.ProblemsView.as_view()),
]
