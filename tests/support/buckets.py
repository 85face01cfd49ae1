"""A real S3 server on this machine, for tests: moto, over HTTP, with buckets in its memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tierslieu.store.buckets import Bucket, client_of

#: Who the tests are; none of it opens anything.
KEY_ID, SECRET = "tests", "of-no-account"


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server that speaks S3, as long as the block lasts."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def make_bucket(endpoint: str, prefix: str = "lieu/") -> Bucket:
    """A new and empty bucket there."""
    bucket = Bucket(f"b{secrets.token_hex(8)}", prefix, endpoint, "us-east-1", KEY_ID, SECRET)
    client_of(bucket).create_bucket(Bucket=bucket.name)
    return bucket


def gone(bucket: Bucket) -> Bucket:
    """The same bucket of a store where nobody answers."""
    return replace(bucket, endpoint="http://127.0.0.1:9")


def environment_of_bucket(bucket: Bucket) -> dict[str, str]:
    """The variables that lead a place there."""
    return {
        "TIERSLIEU_FILES": f"s3://{bucket.name}/{bucket.prefix}",
        "TIERSLIEU_FILES_ENDPOINT": bucket.endpoint,
        "TIERSLIEU_FILES_REGION": bucket.region,
        "TIERSLIEU_FILES_KEY_ID": bucket.key_id,
        "TIERSLIEU_FILES_SECRET": bucket.secret,
    }
