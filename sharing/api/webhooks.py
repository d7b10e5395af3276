"""Webhooks over REST: make them, look at what was sent, send it again."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from files.api.files_view import FilesView
from http_kit.cursors import page_of
from http_kit.fields import page_shape
from http_kit.rendering import ApiResponse
from sharing.actions import webhooks as actions
from sharing.api import webhook_shapes as shapes
from sharing.models import Webhook
from sharing.queries import webhooks as queries

WebhookPage = page_shape(shapes.WebhookShape)
DeliveryPage = page_shape(shapes.WebhookDeliveryShape)


class _View(FilesView):
    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)

    def render(self, row: Webhook) -> dict[str, object]:
        return shapes.webhook_json(row, is_mine=row.user_id == self.actor.user_id)


class _SecretView(_View):
    """Whose responses have a secret: none of them is kept for Idempotency-Key."""

    honours_idempotency_key = False

    def answer(self, made: actions.NewWebhook, *, code: int) -> ApiResponse:
        found = queries.own_webhook(self.actor, webhook_id=made.webhook.pk)
        headers = {"Location": f"/api/v1/webhooks/{found.pk}", "Cache-Control": "no-store"}
        return ApiResponse({**self.render(found), "secret": made.secret}, status=code, headers=headers)


@extend_schema(tags=["webhooks"])
class WebhooksView(_SecretView):
    @extend_schema(operation_id="webhooks", parameters=[shapes.WebhooksQuery], responses=WebhookPage)
    def get(self, request: Request) -> ApiResponse:
        """My webhooks, the latest first; or all of a space that I manage, or of my team."""
        query = self.query(shapes.WebhooksQuery)
        if query["team"]:
            rows = queries.webhooks_of_team(self.actor)
        elif query["space_id"] is not None:
            rows = queries.webhooks_of_space(self.actor, space_id=query["space_id"])
        else:
            rows = queries.my_webhooks(self.actor)
        purpose = f"webhooks:{query['team']}:{query['space_id']}"
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=purpose)
        return ApiResponse({"items": [self.render(row) for row in page.items], "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="webhook_create",
        request=shapes.WebhookInput,
        responses={201: shapes.NewWebhookShape},
        examples=[
            OpenApiExample("my home", {"url": "https://example.com/hook", "kinds": ["add", "edit"]}, request_only=True),
            OpenApiExample("my team", {"url": "https://example.com/hook", "team": True}, request_only=True),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Make a webhook. The response has its secret, which is shown this once."""
        fields = self.body(shapes.WebhookInput)
        place = actions.Place(fields["space_id"], fields["team"])
        made = actions.create_webhook(self.actor, place=place, settings=shapes.settings_of(fields))
        return self.answer(made, code=status.HTTP_201_CREATED)


@extend_schema(tags=["webhooks"])
class WebhookView(_View):
    @extend_schema(operation_id="webhook_get", responses=shapes.WebhookShape)
    def get(self, request: Request, webhook_id: int) -> ApiResponse:
        """One that I have made, or that is of what I manage."""
        return ApiResponse(self.render(queries.webhook_in_charge(self.actor, webhook_id=webhook_id)))

    @extend_schema(
        operation_id="webhook_change",
        request=shapes.WebhookChangeInput,
        responses=shapes.WebhookShape,
        examples=[OpenApiExample("off", {"on": False}, request_only=True)],
    )
    def patch(self, request: Request, webhook_id: int) -> ApiResponse:
        """Change it, or switch it on or off. One that somebody else has made can only be switched off."""
        fields = self.body(shapes.WebhookChangeInput)
        actions.change_webhook(self.actor, webhook_id=webhook_id, settings=shapes.settings_of(fields))
        return ApiResponse(self.render(queries.webhook_in_charge(self.actor, webhook_id=webhook_id)))

    @extend_schema(operation_id="webhook_delete", responses={204: None})
    def delete(self, request: Request, webhook_id: int) -> ApiResponse:
        """Delete it with its log."""
        actions.delete_webhook(self.actor, webhook_id=webhook_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["webhooks"])
class SecretView(_SecretView):
    @extend_schema(operation_id="webhook_secret", request=None, responses=shapes.NewWebhookShape)
    def post(self, request: Request, webhook_id: int) -> ApiResponse:
        """A new secret. The one before signs as well for 24 hours."""
        return self.answer(actions.renew_secret(self.actor, webhook_id=webhook_id), code=status.HTTP_200_OK)


@extend_schema(tags=["webhooks"])
class TestView(_View):
    __test__ = False  # no class of pytest

    @extend_schema(operation_id="webhook_test", request=None, responses={201: shapes.WebhookDeliveryShape})
    def post(self, request: Request, webhook_id: int) -> ApiResponse:
        """Send a message without events, within seconds; what comes of it is in the log."""
        delivery = actions.send_test(self.actor, webhook_id=webhook_id)
        return ApiResponse(shapes.delivery_json(delivery, []), status=status.HTTP_201_CREATED)


@extend_schema(tags=["webhooks"])
class DeliveriesView(_View):
    @extend_schema(operation_id="webhook_deliveries", parameters=[shapes.DeliveriesQuery], responses=DeliveryPage)
    def get(self, request: Request, webhook_id: int) -> ApiResponse:
        """The log of my webhook, the latest first."""
        query = self.query(shapes.DeliveriesQuery)
        rows = queries.deliveries_of(self.actor, webhook_id=webhook_id, state=query["state"])
        purpose = f"deliveries:{webhook_id}:{query['state']}"
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=purpose)
        attempts = queries.attempts_at(page.items)
        items = [shapes.delivery_json(row, attempts[row.pk]) for row in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["webhooks"])
class ReplayView(_View):
    @extend_schema(
        operation_id="webhook_replay",
        request=shapes.WebhookReplayInput,
        responses=shapes.WebhookReplayShape,
        examples=[OpenApiExample("since", {"since": "2026-11-30T12:00:00Z"}, request_only=True)],
    )
    def post(self, request: Request, webhook_id: int) -> ApiResponse:
        """Send all deliveries of the log again that were made since a time."""
        fields = self.body(shapes.WebhookReplayInput)
        count = actions.replay(self.actor, webhook_id=webhook_id, since=fields["since"])
        return ApiResponse({"deliveries": count})


@extend_schema(tags=["webhooks"])
class ReplayOneView(_View):
    @extend_schema(operation_id="webhook_replay_one", request=None, responses=shapes.WebhookReplayShape)
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> ApiResponse:
        """Send one delivery of the log again, with its id."""
        count = actions.replay(self.actor, webhook_id=webhook_id, delivery_id=delivery_id)
        return ApiResponse({"deliveries": count})
