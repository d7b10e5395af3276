"""In the product, this class is in files/errors.py."""

from django.utils.translation import gettext_lazy as _

from files.errors import FileError


class AlreadyLowerCase(FileError):
    code = "already_lower_case"
    message = _("The name is in lower case already.")
