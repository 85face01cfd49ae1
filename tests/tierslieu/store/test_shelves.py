"""A shelf behaves alike wherever its files lie."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.buckets import gone
from tierslieu.store.buckets import Bucket, BucketShelf
from tierslieu.store.folders import FolderShelf
from tierslieu.store.sealing import SealedShelf
from tierslieu.store.shelf import Shelf, StoreAway

LARGE = bytes(range(256)) * 20_000  # 5 MB: more than is held in memory


@pytest.fixture(params=["folder", "bucket", "sealed"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "shelf")
    inner = BucketShelf(request.getfixturevalue("bucket"), "things")
    return inner if request.param == "bucket" else SealedShelf(inner, "quatre mots bien choisis")


def names(shelf: Shelf) -> list[str]:
    return [entry.name for entry in shelf.entries()]


def test_what_was_written_is_read_again_and_replaced_whole(shelf: Shelf) -> None:
    assert shelf.is_empty()
    for data in (b"first", b"", LARGE):
        shelf.write("group/one.txt", data)
        assert shelf.read("group/one.txt") == data
    assert names(shelf) == ["group/one.txt"]
    assert not shelf.is_empty()


def put_by_somebody(shelf: Shelf, name: str) -> None:
    """A file of a name that no shelf gives, put there behind its back."""
    if isinstance(shelf, FolderShelf):
        (path := shelf.folder / name).parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"stray")
        return
    inner = shelf.inner if isinstance(shelf, SealedShelf) else shelf
    assert isinstance(inner, BucketShelf)
    inner._client.put_object(Bucket=inner.bucket.name, Key=inner.start + name, Body=b"stray")


@pytest.mark.parametrize("stray", ["IMG 1 (copie).png", "un.pem~", "a/b c"])
def test_what_somebody_put_there_under_another_name_is_left_alone_and_stops_nothing(
    shelf: Shelf, stray: str
) -> None:
    put_by_somebody(shelf, stray)
    assert names(shelf) == []
    assert not shelf.is_empty()  # nothing is restored over it
    shelf.write("one", b"1")
    assert names(shelf) == ["one"]


def test_a_file_can_be_read_from_its_middle(shelf: Shelf) -> None:
    shelf.write("one", LARGE)
    with shelf.open("one") as file:
        assert file.seek(0, 2) == len(LARGE)
        file.seek(1_000_000)
        assert file.read(7) == LARGE[1_000_000:1_000_007]


def test_what_fails_while_it_is_written_leaves_nothing_and_what_was_there(shelf: Shelf) -> None:
    shelf.write("one", b"before")

    def fail(name: str) -> None:
        with shelf.writing(name) as file:
            file.write(b"half")
            raise ZeroDivisionError

    for name in ("one", "two"):
        with pytest.raises(ZeroDivisionError):
            fail(name)
    assert shelf.read("one") == b"before"
    assert [entry.name for entry in shelf.entries(drafts=True)] == ["one"]


def test_of_many_who_create_one_file_one_does_and_all_read_the_same(shelf: Shelf) -> None:
    together = threading.Barrier(8)

    def create(number: int) -> tuple[bool, bytes]:
        together.wait()
        made = shelf.create("key", b"%d" % number)
        return made, shelf.read("key")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(create, range(8)))
    assert sum(made for made, _ in found) == 1
    assert len({data for _, data in found}) == 1
    assert not shelf.create("key", b"again")


def test_what_is_not_there_is_not_found_and_removed_without_a_word(shelf: Shelf) -> None:
    for name in ("one", "group/one"):
        assert not shelf.has(name)
        with pytest.raises(FileNotFoundError):
            shelf.read(name)
        shelf.delete(name)
        shelf.destroy(name)
    shelf.write("one.txt", b"1")
    assert not shelf.has("one")
    assert shelf.has("one.txt")


def test_removed_destroyed_and_cleared_files_are_gone(shelf: Shelf) -> None:
    for name in ("a", "b", "c/d", "e"):
        shelf.write(name, b"x")
    shelf.delete("a")
    shelf.destroy("b")
    shelf.delete("c/d")
    assert names(shelf) == ["e"]
    shelf.clear()
    assert shelf.is_empty()


def test_a_list_tells_sizes_and_when_they_changed(shelf: Shelf) -> None:
    for name in ("b", "a/2", "a/1"):
        shelf.write(name, b"12345")
    found = list(shelf.entries())
    assert [entry.name for entry in found] == ["a/1", "a/2", "b"]
    now = datetime.now(UTC)
    assert all(abs(now - entry.changed_at) < timedelta(minutes=5) for entry in found)
    assert shelf.is_sealed or {entry.size for entry in found} == {5}


@pytest.mark.parametrize("name", ["", "..", "../x", "a/../b", "/etc/passwd", "a/b/c", "é", "a b"])
def test_no_name_leads_out_of_the_shelf(shelf: Shelf, name: str) -> None:
    for act in (shelf.read, shelf.delete, shelf.destroy, shelf.has):
        with pytest.raises(ValueError, match="no name"):
            act(name)
    with pytest.raises(ValueError, match="no name"):
        shelf.write(name, b"x")


def test_two_shelves_of_one_place_share_no_file(bucket: Bucket) -> None:
    keys, uploads = BucketShelf(bucket, "keys"), BucketShelf(bucket, "uploads")
    keys.write("one", b"k")
    assert uploads.is_empty()
    uploads.clear()
    assert keys.read("one") == b"k"


def test_a_store_where_nobody_answers_is_away_and_says_no_address(bucket: Bucket) -> None:
    shelf = BucketShelf(gone(bucket), "things")
    acts = (
        lambda: shelf.read("a"),
        lambda: shelf.write("a", b"x"),
        lambda: shelf.create("a", b"x"),
        lambda: shelf.delete("a"),
        lambda: shelf.destroy("a"),
        lambda: shelf.has("a"),
        lambda: list(shelf.entries()),
    )
    for act in acts:
        with pytest.raises(StoreAway) as away:
            act()
        assert "127.0.0.1" not in str(away.value)
        assert bucket.name not in str(away.value)


def test_a_bucket_that_is_gone_is_no_empty_one(bucket: Bucket) -> None:
    shelf = BucketShelf(Bucket("nobodys", "", bucket.endpoint, "us-east-1", "a", "b"), "things")
    for act in (lambda: shelf.read("a"), lambda: shelf.has("a"), lambda: list(shelf.entries())):
        with pytest.raises(StoreAway, match="NoSuchBucket"):
            act()


def test_a_disk_that_refuses_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_text("a file where the folder should be")
    shelf = FolderShelf(tmp_path / "shelf")
    with pytest.raises(StoreAway):
        shelf.write("one", b"x")


def test_a_key_that_is_destroyed_leaves_nothing_of_what_a_process_that_died_had_begun(
    tmp_path: Path,
) -> None:
    shelf = FolderShelf(tmp_path)
    for name in ("study-a.key", "study-a.key.b", "study-b.key"):
        shelf.write(name, b"secret")
    begun = tmp_path / ".study-a.key.0011aabb"
    begun.hardlink_to(tmp_path / "study-a.key")  # it made the file, and died before it tidied up
    other = tmp_path / "read"
    other.hardlink_to(begun)
    (tmp_path / ".study-a.key.22334455").write_bytes(b"secret")
    shelf.destroy("study-a.key")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "read", "study-a.key.b", "study-b.key",
    ]  # fmt: skip
    assert other.read_bytes() == b"000000"


def test_a_key_that_is_destroyed_leaves_no_former_version(bucket: Bucket) -> None:
    from tierslieu.store.buckets import client_of

    client = client_of(bucket)
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    shelf = BucketShelf(bucket, "keys")
    shelf.write("study-a.key", b"1")
    shelf.write("study-a.key", b"2")
    shelf.write("study-a.key2", b"of another")
    shelf.destroy("study-a.key")
    left = client.list_object_versions(Bucket=bucket.name)
    kept = [*left.get("Versions", ()), *left.get("DeleteMarkers", ())]
    assert [version["Key"] for version in kept] == ["lieu/keys/study-a.key2"]
