"""Addresses of the pages of sharing."""

from django.urls import path

from sharing.web import activity, comments, notifications, reminders, tags, webhooks

app_name = "sharing"

urlpatterns = [
    path("activity/", activity.activity, name="activity"),
    path("activity/files/<int:node_id>/", activity.activity_of_node, name="node_activity"),
    path("activity/spaces/<int:space_id>/", activity.activity_of_space, name="space_activity"),
    path("files/<int:node_id>/comments/", comments.comments, name="comments"),
    path("files/<int:node_id>/comments/add", comments.add, name="add_comment"),
    path("comments/<int:comment_id>/edit", comments.edit, name="edit_comment"),
    path("comments/<int:comment_id>/delete", comments.delete, name="delete_comment"),
    path("files/<int:node_id>/reminders/add", reminders.add, name="add_reminder"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/<int:reminder_id>/remove", reminders.remove, name="remove_reminder"),
    path("files/<int:node_id>/tags/add", tags.add, name="add_tag"),
    path("files/<int:node_id>/tags/remove", tags.remove, name="remove_tag"),
    path("tags/", tags.tags, name="tags"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read", notifications.read, name="read_notifications"),
    path("notifications/preferences/", notifications.preferences, name="notification_preferences"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:webhook_id>/switch", webhooks.switch, name="switch_webhook"),
    path("webhooks/<int:webhook_id>/secret", webhooks.secret, name="webhook_secret"),
    path("webhooks/<int:webhook_id>/test", webhooks.test, name="test_webhook"),
    path("webhooks/<int:webhook_id>/replay", webhooks.send_again, name="replay_webhook"),
    path("webhooks/<int:webhook_id>/delete/", webhooks.delete, name="delete_webhook"),
    path("notifications/unsubscribe/<str:token>/", notifications.end_mails, name="unsubscribe"),
]
