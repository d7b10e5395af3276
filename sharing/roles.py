"""What the roles of a share are called where people read them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from files.access.rights import Role

LABELS: dict[Role, Promise] = {
    Role.VIEWER: _("may look and download"),
    Role.COMMENTER: _("may comment, too"),
    Role.EDITOR: _("may change it and share it on"),
    Role.MANAGER: _("may do everything with it, and say who else may"),
    Role.UPLOADER: _("may only add something"),
}
OFFERED = (Role.VIEWER, Role.COMMENTER, Role.EDITOR, Role.MANAGER)  # to be shared with; an uploader sees nothing
