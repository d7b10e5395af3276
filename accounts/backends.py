"""Django's authentication backend: allauth's, with the team read in the same query."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User


class AuthenticationBackend(AllauthBackend):
    """The person of a session, with the team that every page needs."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with `membership`: every request needs it for its Actor."""
        user = User.objects.select_related("membership").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
