"""Files in a bucket of a store that speaks the S3 protocol.

boto3 is read when the first file is asked for: a place with a folder needs none of it. Of the
libraries it is the one whose clients may be made anew in a process that was forked, as gunicorn
does (docs/deploy/README.md says how it was chosen).
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import SEEK_END
from typing import Any, BinaryIO, cast

from tierslieu.store.shelf import Entry, Shelf, StoreAway, check_name, is_name

CONNECT_WITHIN = 3.0  # seconds
ANSWER_WITHIN = 20.0  # seconds without a byte
TRIES = 2
CONFLICTS = 5  # times that a store may say that two wrote at once
IN_MEMORY = 2 * 1024 * 1024  # bytes of a file that are held there; more of it goes to the disk
PIECE = 256 * 1024
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_CODE = re.compile(r"[A-Za-z0-9]{1,40}")
_making = threading.Lock()


@dataclass(frozen=True)
class Bucket:
    """Where a place keeps its files, and who it says it is there."""

    name: str
    prefix: str = ""  # "" or "path/"
    endpoint: str = ""  # "" is Amazon's
    region: str = ""
    key_id: str = field(default="", repr=False)  # "" asks what the machine offers
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        """Whether what is asked stays on this machine."""
        return bool(re.match(r"https?://(localhost|127\.[0-9.]+|\[::1\])(:|/|$)", self.endpoint))


def client_of(bucket: Bucket, *, is_hasty: bool = False, is_anonymous: bool = False) -> Any:
    """What asks the store of this bucket, one a process. ``is_hasty``: gives up within three
    seconds."""
    with _making:
        return _client(replace(bucket, name="", prefix=""), os.getpid(), is_hasty, is_anonymous)


@lru_cache(maxsize=16)
def _client(store: Bucket, process: int, is_hasty: bool, is_anonymous: bool) -> Any:
    try:
        from boto3.session import Session
    except ImportError:
        raise StoreAway(
            errno.ENOSYS, "files in a bucket need boto3: pip install tierslieu[s3]"
        ) from None
    from botocore import UNSIGNED
    from botocore.config import Config

    config = Config(
        signature_version=UNSIGNED if is_anonymous else "s3v4",
        connect_timeout=1.0 if is_hasty else CONNECT_WITHIN,
        read_timeout=1.5 if is_hasty else ANSWER_WITHIN,
        retries={"total_max_attempts": 1 if is_hasty else TRIES, "mode": "standard"},
        max_pool_connections=32,
        # Stores of others than Amazon know neither names as hosts nor its newer checksums.
        s3={"addressing_style": "path" if store.endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return Session().client(
        "s3",
        endpoint_url=store.endpoint or None,
        region_name=store.region or "us-east-1",
        aws_access_key_id=store.key_id or None,
        aws_secret_access_key=store.secret or None,
        aws_session_token=store.token or None,
        config=config,
    )


@contextmanager
def telling() -> Iterator[None]:
    """What the store says, as a shelf says it: the code of its refusal, or the class of what came
    between; never its words, which may hold an address."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in _ABSENT:
            raise FileNotFoundError(errno.ENOENT, "there is no such file") from error
        raise StoreAway(errno.EHOSTDOWN, f"the store of the files refuses ({code})") from error
    except (BotoCoreError, HTTPError) as error:
        told = f"the store of the files does not answer ({type(error).__name__})"
        raise StoreAway(errno.EHOSTDOWN, told) from error


def code_of(error: Any) -> str:
    """The code of a refusal, if it is one."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if _CODE.fullmatch(code) else "unknown"


def _put_aside(file: BinaryIO, piece: bytes) -> None:
    """Keep what was fetched, beyond a size on the disk of this machine."""
    try:
        file.write(piece)
    except OSError as error:
        raise StoreAway(error.errno, "there is no room to fetch a file to (TMPDIR)") from error


class BucketShelf(Shelf):
    """What lies in a bucket under ``prefix/kind/``."""

    def __init__(self, bucket: Bucket, kind: str) -> None:
        self.bucket = bucket
        self.start = f"{bucket.prefix}{kind}/"

    @property
    def _client(self) -> Any:
        return client_of(self.bucket)

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": self.start + check_name(name)}

    def open(self, name: str) -> BinaryIO:
        """See :class:`Shelf`: fetched whole before the first byte is given, so that an answer that
        was begun does not break off."""
        at, client = self._at(name), self._client
        file = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
        try:
            with telling():
                answer = client.get_object(**at)
                for piece in answer["Body"].iter_chunks(PIECE):
                    _put_aside(file, piece)
            if file.tell() != answer["ContentLength"]:
                raise StoreAway(errno.EHOSTDOWN, "the store of the files breaks off")
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    @contextmanager
    def writing(self, name: str, *, is_lasting: bool = True) -> Iterator[BinaryIO]:
        """See :class:`Shelf`: the store shows what was put whole, and nothing before."""
        at = self._at(name)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            yield cast(BinaryIO, file)
            size = file.seek(0, SEEK_END)
            file.seek(0)
            client = self._client
            with telling():
                client.put_object(**at, Body=file, ContentLength=size)

    def create(self, name: str, data: bytes) -> bool:
        """See :class:`Shelf`. A try whose answer was lost finds its own file, and says no: what
        lies there is to be read then."""
        from botocore.exceptions import ClientError

        at, client = self._at(name), self._client
        with telling():
            for turn in range(CONFLICTS):
                try:
                    client.put_object(**at, Body=data, IfNoneMatch="*")
                except ClientError as error:
                    if code_of(error) in ("PreconditionFailed", "412"):
                        return False
                    if code_of(error) != "ConditionalRequestConflict" or turn == CONFLICTS - 1:
                        raise
                else:
                    return True
        return False

    def delete(self, name: str) -> None:
        """See :class:`Shelf`."""
        at, client = self._at(name), self._client
        with telling():
            client.delete_object(**at)

    def destroy(self, name: str) -> None:
        """Remove the file and every former version that the bucket keeps of it. Those are asked
        for first: a store that does not say refuses the whole."""
        at, client = self._at(name), self._client
        versions = list(self._versions(at["Key"]))
        with telling():
            for version in versions:
                client.delete_object(**at, VersionId=version)
            client.delete_object(**at)
            # With versions kept, that left a mark where the file was.
            for mark in list(self._versions(at["Key"])):
                client.delete_object(**at, VersionId=mark)

    def _versions(self, key: str) -> Iterator[str]:
        from botocore.exceptions import ClientError

        client = self._client
        with telling():
            try:
                pages = client.get_paginator("list_object_versions")
                for page in pages.paginate(Bucket=self.bucket.name, Prefix=key):
                    for found in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                        if found["Key"] == key:
                            yield found["VersionId"]
            except ClientError as error:
                if code_of(error) != "NotImplemented":  # without versions there are none left
                    raise

    def has(self, name: str) -> bool:
        """See :class:`Shelf`. Asked of the list, for the head of an absent file and of an absent
        bucket look alike."""
        at, client = self._at(name), self._client
        with telling():
            found = client.list_objects_v2(Bucket=at["Bucket"], Prefix=at["Key"], MaxKeys=1)
        return any(entry["Key"] == at["Key"] for entry in found.get("Contents", ()))

    def entries(self, *, drafts: bool = False) -> Iterator[Entry]:
        """See :class:`Shelf`: there are no drafts here."""
        pages = self._client.get_paginator("list_objects_v2")
        with telling():
            for page in pages.paginate(Bucket=self.bucket.name, Prefix=self.start):
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(self.start)
                    if is_name(name):
                        yield Entry(name, found["Size"], found["LastModified"])

    def is_empty(self) -> bool:
        """See :class:`Shelf`."""
        client = self._client
        with telling():
            found = client.list_objects_v2(Bucket=self.bucket.name, Prefix=self.start, MaxKeys=1)
        return not found.get("Contents")

    def clear(self) -> None:
        """See :class:`Shelf`."""
        for entry in list(self.entries()):
            self.delete(entry.name)
