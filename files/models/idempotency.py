"""What was answered to a request that may be sent again."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """`fingerprint` is the SHA-256, hex, of the request; `status` is null while the first request runs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    size = models.BigIntegerField(default=0, db_default=0)  # characters of the body: counted without reading it
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="idempotency_key_unique")]
        indexes = [models.Index(fields=["user", "size"], name="idempotency_size")]

    def __str__(self) -> str:
        return self.key
