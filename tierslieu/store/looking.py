"""Whether a bucket answers, and what makes it less safe than it should be."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from tierslieu.store.buckets import Bucket, BucketShelf, client_of, code_of, telling
from tierslieu.store.shelf import StoreAway

PROBES = "probes"  # where doctor writes a file, and removes it


def find_trouble(bucket: Bucket) -> str | None:
    """Why nothing can be read there now, in a sentence without address or name; None if it
    answers. Gives up within three seconds."""
    try:
        client = client_of(bucket, is_hasty=True)
        with telling():
            client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix, MaxKeys=1)
    except StoreAway as error:
        return str(error.strerror)
    except FileNotFoundError:
        return "the store of the files does not know this bucket"
    return None


def find_weaknesses(bucket: Bucket) -> dict[str, str]:
    """What is unsafe about a bucket that answers, by name, each a sentence with its mend. Writes a
    file there, tries what must not work, and removes it."""
    found = {}
    if travels_in_clear(bucket):
        found["files_in_clear"] = (
            "TIERSLIEU_FILES_ENDPOINT is not https: what people hand in travels in the clear"
        )
    shelf, name = BucketShelf(bucket, PROBES), secrets.token_hex(8)
    try:
        shelf.create(name, b"of tierslieu doctor: may be removed")
        try:
            if shelf.create(name, b"written over"):
                found["files_once"] = (
                    "the store writes over what is there although it is asked not to "
                    "(If-None-Match: *): two hosts could make one key twice; take a store that "
                    "heeds it"
                )
            if _is_open_to_all(bucket, f"{shelf.start}{name}"):
                found["files_public"] = (
                    "anybody can read the bucket: close it (no public policy, no public ACL), and "
                    "ask who has read it"
                )
        finally:
            shelf.destroy(name)
        if _keeps_versions(bucket):
            found["files_versions"] = (
                "the bucket keeps former versions: what people have erased stays there; suspend "
                "versioning, or have former versions expire within 30 days"
            )
    except StoreAway as error:
        found["files_refused"] = (
            f"{error.strerror}: the place must be allowed to list, read, write and delete under "
            "its path, and to ask for versions (docs/deploy)"
        )
    return found


def travels_in_clear(bucket: Bucket) -> bool:
    """Whether others on the way could read what goes there."""
    return bucket.endpoint.startswith("http://") and not bucket.is_local


def _is_open_to_all(bucket: Bucket, key: str) -> bool:
    """Whether who says nothing of themselves reads this file."""
    try:
        client = client_of(bucket, is_hasty=True, is_anonymous=True)
        with telling():
            client.get_object(Bucket=bucket.name, Key=key)
    except (StoreAway, FileNotFoundError):
        return False
    return True


def _keeps_versions(bucket: Bucket) -> bool:
    """Whether former versions are kept without an end."""
    from botocore.exceptions import ClientError

    client = client_of(bucket)
    with telling():
        try:
            if not client.get_bucket_versioning(Bucket=bucket.name).get("Status"):
                return False  # suspended, it keeps those it had
        except ClientError as error:
            if code_of(error) != "NotImplemented":  # a store that knows no versions
                raise
            return False
        try:
            rules = client.get_bucket_lifecycle_configuration(Bucket=bucket.name).get("Rules", [])
        except ClientError as error:
            if code_of(error) not in ("NoSuchLifecycleConfiguration", "NotImplemented"):
                raise
            return True
    return not any(_ends_versions(rule, bucket.prefix) for rule in rules)


def _ends_versions(rule: Mapping[str, Any], prefix: str) -> bool:
    """Whether a rule of the bucket removes every former version of what lies under ``prefix``."""
    days = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
    asked = rule.get("Filter", {})
    beginning = asked.get("Prefix", rule.get("Prefix", ""))
    is_of_all = set(asked) <= {"Prefix"} and prefix.startswith(beginning)
    return rule.get("Status") == "Enabled" and days is not None and days <= 30 and is_of_all
