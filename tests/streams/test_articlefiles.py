"""Articles in files: every form reads the same, and no file can fill the memory."""

import gzip
import json
import os
from pathlib import Path

import pytest
import zstandard

from streams.articlefiles import FileError, values

LINES = [b'{"id": "1", "text": "one"}', b'{"id": "2", "text": "zwei \xc3\xbc"}', b"{broken"]


def written(path: Path, content: bytes) -> Path:
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(path.suffix)
    path.write_bytes(packed(content) if packed else content)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_plain_and_compressed_lines_read_the_same(tmp_path: Path, name: str, end: bytes) -> None:
    path = written(tmp_path / name, b"\n".join(LINES) + end)
    assert list(values(path, max_bytes=1000)) == LINES


def test_a_text_file_is_one_article_whose_first_line_is_the_headline(tmp_path: Path) -> None:
    path = written(tmp_path / "note.txt", "Une dépêche\n\nLe corps.\nSuite.\n".encode())
    [value] = values(path, max_bytes=1000)
    article = json.loads(value)
    assert (article["id"], article["title"], article["text"]) == ("note", "Une dépêche", "Le corps.\nSuite.")


def test_a_line_that_is_too_long_is_cut_and_its_neighbours_are_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl.gz", LINES[0] + b"\n" + b"x" * 50_000_000 + b"\n" + LINES[1])
    first, cut, last = values(path, max_bytes=1000)
    assert (first, len(cut), last) == (LINES[0], 1001, LINES[1])


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_file_that_does_not_decompress_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this was never compressed")
    with pytest.raises(FileError, match=name):
        list(values(path, max_bytes=1000))


def test_a_compressed_file_that_was_cut_gives_what_is_there_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    noise = [b'{"id": "%s"}' % os.urandom(32).hex().encode() for _ in range(100_000)]
    path.write_bytes(gzip.compress(b"\n".join(LINES + noise))[:-20])
    read = []
    with pytest.raises(FileError, match=r"a\.jsonl\.gz"):
        for value in values(path, max_bytes=1000):
            read.append(value)
    assert read[:3] == LINES


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="absent"):
        list(values(tmp_path / "absent.jsonl", max_bytes=1000))


def test_the_bytes_read_are_told_as_they_stand_on_disk(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl.zst", b"\n".join(LINES * 1000))
    told: list[int] = []
    list(values(path, max_bytes=1000, read=told.append))
    assert sum(told) == path.stat().st_size


def test_a_text_file_that_is_not_utf8_is_named_with_its_byte(tmp_path: Path) -> None:
    path = written(tmp_path / "latin.txt", "Café".encode("latin-1"))
    with pytest.raises(FileError, match=r"latin\.txt: byte 3 is not UTF-8 .*; save the file as UTF-8"):
        list(values(path, max_bytes=1000))


def test_a_text_file_that_is_too_large_is_given_for_its_decoder_to_refuse(tmp_path: Path) -> None:
    path = written(tmp_path / "long.txt", "é".encode() * 1000)
    [value] = values(path, max_bytes=999)
    assert len(value) == 1000
