"""What Django's authentication uses of ours: the person of a session, and the hasher of passwords."""

from threading import BoundedSemaphore

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.models import Exists, OuterRef, Subquery

from accounts.models import SupportAccess, TeamPolicy, User
from accounts.models.support import TOLD
from accounts.policies import SECOND_FACTORS

_AT_ONCE = BoundedSemaphore(4)


class AuthenticationBackend(AllauthBackend):
    """The person of a session, with the team that every page needs."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with `membership`, which every request needs for its Actor; and
        `second_factor_due_at`: by when they have to set up a second factor, None for who has one, or needs none; and
        `has_support`: whether there is a support access that their pages tell of.
        """
        factors = Authenticator.objects.filter(user_id=OuterRef(OuterRef("pk")), type__in=SECOND_FACTORS)
        demanding = TeamPolicy.objects.filter(~Exists(factors), team_id=OuterRef("membership__team_id"))
        rows = User.objects.select_related("membership").filter(pk=user_id)
        due = demanding.values("second_factor_due_at")[:1]
        told = Exists(SupportAccess.objects.filter(TOLD, person_id=OuterRef("pk")))
        user = rows.annotate(second_factor_due_at=Subquery(due), has_support=told).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), at most four at once in a process.

    Django's own default takes 100 MiB for each attempt: with a server's many threads a few dozen wrong
    passwords at once would take all memory. Hashes are compatible with Django's in both directions.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _AT_ONCE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _AT_ONCE:
            return super().verify(password, encoded)
