"""Archives at the door: told by their directory, never unpacked to disk. Bombs, ways out, links, colliding names."""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import Format

_INNER = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".jar")
_INNER_MOST = 16 << 20
_SMALL_ENOUGH = 1 << 20  # a small member may compress as well as it likes
_CHUNK = 1 << 20
_WAY_OUT = re.compile(r"(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:|\x00")


@dataclass(frozen=True)
class Member:
    """One member as the directory describes it."""

    name: str
    size: int
    packed: int
    link: bool = False
    start: int = -1
    folder: bool = False


def check(source: Source, known: Format, look: Look) -> None:
    """Judge an archive by its directory."""
    head = source.head(8)
    if head.startswith(b"PK"):
        check_zip(source.file(), look, 1)
    elif head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        _stream(source, head, look)
    elif known.extension == "tar" or known.puid == "x-fmt/265":
        _tar(source.file(), look)
    else:
        look.add("archive_unread", name=known.name)


def check_zip(file: io.BufferedIOBase, look: Look, depth: int, *, inside: str = "") -> None:
    """A zip, and the zips within it."""
    try:
        with zipfile.ZipFile(file) as archive:  # type: ignore[arg-type]
            infos = archive.infolist()
            members = [_of_info(info) for info in infos]
            if any(info.flag_bits & 1 for info in infos):
                look.add("encrypted")
            judge(members, look)
            _overlap(infos, look)
            look.opened = True
            if not look.failed and not inside.startswith("office"):
                _inner(archive, infos, look, depth)
    except zipfile.BadZipFile as error:
        look.add("broken", reason=f"{inside} {error}".strip())
    except (OSError, ValueError, NotImplementedError, RuntimeError, zlib.error, EOFError) as error:
        look.add("broken", reason=str(error)[:120])


def _of_info(info: zipfile.ZipInfo) -> Member:
    mode = info.external_attr >> 16
    kind = mode & 0o170000
    odd = kind not in (0, 0o100000, 0o040000)
    # zipfile cleans names; what the archive really says stands in orig_filename.
    return Member(info.orig_filename, info.file_size, info.compress_size, odd, info.header_offset, info.is_dir())


def judge(members: list[Member], look: Look) -> None:
    """Count, sum, ratio, paths, links, collisions."""
    from yidang.formats.inspecting import in_words

    limits = look.limits
    if len(members) > limits.archive_members:
        look.add("archive_members", count=len(members), limit=limits.archive_members)
        return
    total = sum(member.size for member in members)
    if total > limits.archive_bytes:
        look.add("archive_total", total=in_words(total), limit=in_words(limits.archive_bytes))
    seen: dict[str, str] = {}
    for member in members:
        if member.size > _SMALL_ENOUGH and member.size > limits.archive_ratio * max(1, member.packed):
            look.add("archive_ratio", member=member.name[:80], ratio=member.size // max(1, member.packed))
        if _WAY_OUT.search(member.name):
            look.add("archive_path", member=member.name[:80])
        if member.link:
            look.add("archive_link", member=member.name[:80])
        key = unicodedata.normalize("NFKC", member.name.replace("\\", "/")).casefold().rstrip("/. ")
        if not member.folder and seen.setdefault(key, member.name) is not member.name:
            look.add("archive_collision", member=member.name[:80])


def _overlap(infos: list[zipfile.ZipInfo], look: Look) -> None:
    """Members that share bytes: how a small zip unfolds to petabytes without any nesting."""
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            look.add("archive_overlap")
            return
        end = info.header_offset + 30 + len(info.orig_filename.encode("utf-8", "replace")) // 2 + info.compress_size


def _inner(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], look: Look, depth: int) -> None:
    for info in infos:
        if not info.filename.lower().endswith(_INNER):
            continue
        if depth >= look.limits.archive_depth:
            look.add("archive_depth", limit=look.limits.archive_depth)
            return
        if info.filename.lower().endswith(".zip") and info.file_size <= _INNER_MOST:
            with archive.open(info) as member:
                content = member.read(_INNER_MOST + 1)
            check_zip(io.BytesIO(content), look, depth + 1, inside=info.filename)
        elif info.filename.lower().endswith(".zip"):
            look.add("archive_unread", name="ZIP")


def _stream(source: Source, head: bytes, look: Look) -> None:
    """gzip, bzip2, xz: unpack in passing, count, keep nothing; a tar within is judged as one."""
    opener = gzip.open if head.startswith(b"\x1f\x8b") else bz2.open if head.startswith(b"BZh") else lzma.open
    total, start = 0, b""
    try:
        with opener(source.file(), "rb") as unpacked:
            for chunk in _chunks(unpacked):
                start = start or chunk[:512]
                total += len(chunk)
                if total > _SMALL_ENOUGH and total > look.limits.archive_ratio * source.size:
                    look.add("archive_ratio", member=source.name, ratio=total // source.size)
                    return
                if total > min(look.limits.archive_bytes, 512 << 20):
                    look.add("archive_unread", name=opener.__module__)
                    return
        look.opened = True
        if start[257:262] == b"ustar":
            with opener(source.file(), "rb") as unpacked:
                _tar(unpacked, look)  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        look.add("truncated" if isinstance(error, EOFError) else "broken", reason=str(error)[:120])


def _chunks(stream: io.BufferedIOBase | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _tar(file: io.BufferedIOBase, look: Look) -> None:
    members: list[Member] = []
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for info in archive:
                members.append(
                    Member(info.name, info.size, info.size, not (info.isreg() or info.isdir()), folder=info.isdir())
                )
                if len(members) > look.limits.archive_members:
                    break
        look.opened = True
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        look.add("truncated" if "unexpected end" in str(error) else "broken", reason=str(error)[:120])
    judge(members, look)
