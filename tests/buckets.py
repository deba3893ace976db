"""An S3 server on the loopback: moto's, which keeps its objects in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from servers import free_port, running

#: Programs that read their keys from the environment take these for keys.
KEYS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
}


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """What a program needs to reach it, and what a test does with it."""

    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """For programs that read and write buckets."""
        return {"AWS_ENDPOINT_URL": self.url, **KEYS}

    def make(self, bucket: str) -> None:
        self._client.create_bucket(Bucket=bucket)

    def put(self, address: str, content: bytes) -> None:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def names(self, bucket: str) -> list[str]:
        """Keys of all objects."""
        found = self._client.list_objects_v2(Bucket=bucket)
        return [each["Key"] for each in found.get("Contents", [])]

    @property
    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            region_name=KEYS["AWS_DEFAULT_REGION"],
        )


@contextmanager
def buckets(folder: Path) -> Iterator[Buckets]:
    """A server without any bucket, its log in `folder`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = (str(Path(sys.executable).with_name("moto_server")), "-p", str(port))
    with running(command, log=folder / "buckets.log", ready=url):
        yield Buckets(url=url)
