"""What the S3 servers of the tests have in common."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.process import ServerProcess

ACCESS_KEY = "testing-key"
SECRET_KEY = "testing/secret+with@special:characters"
REGION = "us-east-1"


@dataclass
class S3Server:
    """A running server with one empty bucket."""

    name: str
    port: int
    process: ServerProcess
    bucket: str = "files"
    patience: float = 10  # seconds between SIGTERM and SIGKILL; SeaweedFS takes ten to say goodbye
    access_key: str = ACCESS_KEY

    def url(self, location: str = "", port: int | None = None, **options: str) -> str:
        """The STORAGE_URL of its bucket, or of a prefix in it; `port` of a proxy in front."""
        credentials = f"{quote(self.access_key, safe='')}:{quote(SECRET_KEY, safe='')}"
        query = "".join(f"&{name}={quote(value, safe='')}" for name, value in options.items())
        place = f"127.0.0.1:{port or self.port}/{self.bucket}/{location}"
        return f"s3://{credentials}@{place}?region={REGION}&secure=0{query}"

    def create_bucket(self) -> None:
        """Raises botocore's errors; a bucket that is there already is fine."""
        try:
            self._client().create_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    def ready(self) -> bool:
        """Whether it takes a bucket and an object: several servers answer long before they can write."""
        client = self._client()
        try:
            self.create_bucket()
            client.put_object(Bucket=self.bucket, Key="ready", Body=b"ready")
            client.delete_object(Bucket=self.bucket, Key="ready")
        except (BotoCoreError, ClientError):
            return False
        return True

    def stop(self) -> None:
        self.process.stop(self.patience)

    def _client(self):  # type: ignore[no-untyped-def]
        if not hasattr(self, "_made"):
            self._made = boto3.session.Session().client(
                "s3",
                endpoint_url=f"http://127.0.0.1:{self.port}",
                aws_access_key_id=self.access_key,
                aws_secret_access_key=SECRET_KEY,
                region_name=REGION,
                config=Config(
                    s3={"addressing_style": "path"},
                    connect_timeout=1,
                    read_timeout=3,
                    retries={"total_max_attempts": 1},
                ),
            )
        return self._made
