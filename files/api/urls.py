"""Routes of files under /api/v1/. The last one answers what no other does."""

from django.urls import path, re_path

from files.api.schema import DocumentationView, SchemaView
from files.api.views import folders, moving, nodes, problems, trash

urlpatterns = [
    path("nodes/<int:node_id>", nodes.NodeView.as_view()),
    path("nodes/<int:node_id>/children", folders.ChildrenView.as_view()),
    path("metadata", nodes.MetadataView.as_view()),
    path("folders", folders.FoldersView.as_view()),
    path("move", moving.MoveView.as_view()),
    path("copy", moving.CopyView.as_view()),
    path("trash", trash.TrashView.as_view()),
    path("trash/restore", trash.RestoreView.as_view()),
    path("trash/purge", trash.PurgeView.as_view()),
    path("trash/empty", trash.EmptyView.as_view()),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="api-documentation"),
    path("problems", problems.ProblemsView.as_view()),
    re_path("", problems.unknown_route),
]
