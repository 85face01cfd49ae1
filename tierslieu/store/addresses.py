"""The settings of a bucket: ``s3://bucket/path``, its store, and who asks there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from tierslieu.store.buckets import Bucket

START = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}/)*")
_REGION = re.compile(r"[A-Za-z0-9-]{0,60}")


class BadAddress(ValueError):
    """The settings of the bucket are wrong; the message names one and says the mend. It repeats no
    value: people paste a secret into the wrong line."""


def is_bucket(text: str) -> bool:
    """Whether files are said to lie in a bucket."""
    return text.startswith(START)


def read_bucket(values: Mapping[str, str], prefix: str) -> Bucket | None:
    """The bucket that the settings name, if they do. What they leave out is taken from the usual
    variables (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL_S3``, …), and a key that neither gives from
    the role of the machine.

    Raises :class:`BadAddress`.
    """

    def get(name: str, *others: str) -> str:
        found = [values.get(prefix + name), *(values.get(other) for other in others)]
        return next((text for text in found if text), "")

    where = get("FILES")
    if not is_bucket(where):
        named = [n for n in ("ENDPOINT", "REGION", "KEY_ID", "SECRET") if get(f"FILES_{n}")]
        if named:
            raise BadAddress(
                f"{prefix}FILES_{named[0]} is set, but {prefix}FILES is no bucket "
                "(s3://bucket/path): set both or neither"
            )
        return None
    name, _, path = where.removeprefix(START).partition("/")
    path = path.strip("/")
    path = f"{path}/" if path else ""
    if not _BUCKET.fullmatch(name) or not _PATH.fullmatch(path):
        raise BadAddress(f"{prefix}FILES must be like s3://bucket/path")
    endpoint = get("FILES_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL").rstrip("/")
    if endpoint and not _is_address(endpoint):
        raise BadAddress(f"{prefix}FILES_ENDPOINT must be like https://s3.example.org")
    region = get("FILES_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
    if not _REGION.fullmatch(region):
        raise BadAddress(f"{prefix}FILES_REGION must be a region, such as eu-west-3")
    own = bool(get("FILES_KEY_ID"))
    if own != bool(get("FILES_SECRET")):
        raise BadAddress(f"{prefix}FILES_KEY_ID and {prefix}FILES_SECRET go together: set both")
    if own:
        return Bucket(name, path, endpoint, region, get("FILES_KEY_ID"), get("FILES_SECRET"))
    usual = get("", "AWS_ACCESS_KEY_ID"), get("", "AWS_SECRET_ACCESS_KEY")
    if not all(usual):
        return Bucket(name, path, endpoint, region)
    return Bucket(name, path, endpoint, region, *usual, get("", "AWS_SESSION_TOKEN"))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        return False
    rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not rest
