"""The language of a response: what the request prefers, by Accept-Language as on pages, or that of the installation."""

from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

_AS_IT_IS: AbstractContextManager[None] = nullcontext()


def in_language_of(request: HttpRequest) -> AbstractContextManager[None]:
    """Everything inside that is translatable becomes text in this language. It costs nothing while an installation has
    one language only, and may be nested.
    """
    if len(settings.LANGUAGES) < 2:
        return _AS_IT_IS
    return translation.override(translation.get_language_from_request(request))
