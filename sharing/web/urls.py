"""Addresses of the pages of sharing."""

from django.urls import path

from sharing.web import activity, notifications

app_name = "sharing"

urlpatterns = [
    path("activity/", activity.activity, name="activity"),
    path("activity/files/<int:node_id>/", activity.activity_of_node, name="node_activity"),
    path("activity/spaces/<int:space_id>/", activity.activity_of_space, name="space_activity"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read", notifications.read, name="read_notifications"),
    path("notifications/preferences/", notifications.preferences, name="notification_preferences"),
    path("notifications/unsubscribe/<str:token>/", notifications.end_mails, name="unsubscribe"),
]
