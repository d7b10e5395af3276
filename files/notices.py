"""Mails about files, rendered when they are sent (settings.MAIL_RENDERERS)."""

from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage

from accounts import links
from accounts.invitations import message, one_line
from accounts.models import User
from files.models import Brake, Change

LISTED = 30  # changes that a mail names


def changes_held_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For who decides on a held client; nothing for somebody whose account has ended meanwhile."""
    user = User.objects.filter(pk=content["user"], is_active=True).first()
    brake = Brake.objects.select_related("space", "user").filter(pk=content["brake"]).first()
    if user is None or brake is None:
        return
    rows = Change.objects.filter(space_id=brake.space_id, at__gte=brake.began_at, credential=brake.client)
    lines = [one_line(row.after_path or row.before_path)[:200] for row in rows.order_by("-seq")[:LISTED]]
    context = {
        "brake": brake,
        "client": one_line(brake.client_name)[:100],
        "who": "" if brake.user is None else f"{one_line(brake.user.get_full_name())} ({brake.user.email})",
        "space": one_line(brake.space.name),
        "lines": lines,
        "url": links.absolute(f"/held/{brake.pk}/"),
    }
    yield message("changes_held", user.email, context)
