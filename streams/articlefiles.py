"""Articles in files: JSON lines (plain, .gz or .zst), or a text whose first line is the headline."""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

READ_BYTES = 1024 * 1024


class FileError(ValueError):
    """A file that can't be read as articles; the message says which, where and how to mend it."""


def values(
    path: Path, *, max_bytes: int, read: Callable[[int], None] = lambda count: None
) -> Iterator[bytes]:
    """Give the value of each record in a file, in order; blank lines are passed over.

    A line longer than `max_bytes` is cut at one byte more, so that whoever decodes it finds it too
    large; it never fills the memory, however far a compressed file expands. `read(n)` is told of
    the bytes of the file (compressed, where it is) that were consumed.

    Raises:
        FileError: there is no such file, it can't be read, or it does not decompress.
    """
    try:
        with path.open("rb") as raw:
            counted = _Counted(raw, read)
            if _is_text(path):
                content = counted.read(max_bytes + 1)
                # What is too large is cut, perhaps within a letter; whoever decodes it says so.
                yield content if len(content) > max_bytes else text_article(path, content)
                return
            yield from _lines(_expanded(path, counted), max_bytes)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise FileError(
            f"{path}: {error}; give JSON lines, plain or as .gz or .zst, or a .txt file"
        ) from error


def text_article(path: Path, content: bytes) -> bytes:
    """Give the article in a text file: its first line is the headline, the rest the body.

    Raises FileError where it is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path}: byte {error.start} is not UTF-8 ({error.reason}); save the file as UTF-8"
        ) from error
    title, _, body = text.lstrip("\ufeff\n\r ").partition("\n")
    article = {"id": path.stem, "title": title.strip(), "text": body.strip(), "source": {"name": "file"}}
    return json.dumps(article).encode()


def _is_text(path: Path) -> bool:
    if path.suffix in (".txt", ".md"):
        return True
    if path.suffix in (".gz", ".zst", ".jsonl", ".ndjson", ".json"):
        return False
    with path.open("rb") as file:
        return not file.read(64).lstrip(b"\xef\xbb\xbf \n\r\t").startswith((b"{", b"["))


def _expanded(path: Path, raw: "_Counted") -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(cast(BinaryIO, raw), read_across_frames=True)
        return cast(BinaryIO, reader)
    return cast(BinaryIO, raw)


def _lines(file: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    rest = bytearray()
    overlong = False  # the rest of a line that was already given is being passed over
    while block := file.read(READ_BYTES):
        *ends, tail = block.split(b"\n")
        for end in ends:
            rest += end
            if not overlong and rest.strip():
                yield bytes(rest[: max_bytes + 1])
            rest.clear()
            overlong = False
        if not overlong:
            rest += tail
        if len(rest) > max_bytes:
            yield bytes(rest[: max_bytes + 1])
            rest.clear()
            overlong = True
    if rest.strip():
        yield bytes(rest)


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, raw: BinaryIO, read: Callable[[int], None]) -> None:
        self._raw = raw
        self._read = read

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        block = self._raw.read(size)
        self._read(len(block))
        return block
