"""Routes of sharing under /api/v1/."""

from django.urls import path

from sharing.api import activity, comment_views, notifications, reminders, tags, webhooks

urlpatterns = [
    path("activity", activity.ActivityView.as_view()),
    path("nodes/<int:node_id>/activity", activity.NodeActivityView.as_view()),
    path("spaces/<int:space_id>/activity", activity.SpaceActivityView.as_view()),
    path("nodes/<int:node_id>/comments", comment_views.NodeCommentsView.as_view()),
    path("comments/<int:comment_id>", comment_views.CommentView.as_view()),
    path("nodes/<int:node_id>/reminders", reminders.NodeRemindersView.as_view()),
    path("reminders", reminders.RemindersView.as_view()),
    path("reminders/<int:reminder_id>", reminders.ReminderView.as_view()),
    path("nodes/<int:node_id>/tags", tags.NodeTagsView.as_view()),
    path("tags", tags.AllTagsView.as_view()),
    path("tagged", tags.TaggedView.as_view()),
    path("notifications", notifications.NotificationsView.as_view()),
    path("notifications/read", notifications.ReadView.as_view()),
    path("notification-preferences", notifications.PreferencesView.as_view()),
    path("webhooks", webhooks.WebhooksView.as_view()),
    path("webhooks/<int:webhook_id>", webhooks.WebhookView.as_view()),
    path("webhooks/<int:webhook_id>/secret", webhooks.SecretView.as_view()),
    path("webhooks/<int:webhook_id>/test", webhooks.TestView.as_view()),
    path("webhooks/<int:webhook_id>/replay", webhooks.ReplayView.as_view()),
    path("webhooks/<int:webhook_id>/deliveries", webhooks.DeliveriesView.as_view()),
    path("webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/replay", webhooks.ReplayOneView.as_view()),
]
