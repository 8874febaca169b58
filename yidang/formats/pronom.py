"""PRONOM's signatures, matched by content within milliseconds.

The signatures are the ones that FIDO carries as regular expressions. Compiling all of them takes seconds, so each is
compiled only when a run of literal bytes that it must contain is there.
"""

import functools
import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

HEAD = 64 * 1024
TAIL = 16 * 1024
# Signatures that say next to nothing would match half of all files; DROID ranks them below every other as well.
_LEAST_LITERAL = 3


@dataclass(slots=True)
class _Pattern:
    """One byte sequence of a signature; ``literal`` must be in the place that it is looked for in."""

    place: str
    regex: bytes
    prefix: bytes
    literal: bytes
    compiled: re.Pattern[bytes] | None = None

    def found(self, head: bytes, tail: bytes) -> bool:
        """Whether the sequence is there."""
        place = tail if self.place == "EOF" else head
        if self.prefix and not place.startswith(self.prefix):
            return False
        if self.literal and self.literal not in place:
            return False
        if self.compiled is None:
            self.compiled = re.compile(self.regex)
        return self.compiled.search(place) is not None


@dataclass(slots=True)
class Entry:
    """One format of the registry."""

    puid: str
    name: str
    mime: str
    extensions: tuple[str, ...]
    above: frozenset[str]
    signatures: list[list[_Pattern]] = field(default_factory=list)


def _literals(regex: str) -> tuple[bytes, bytes]:
    """The literal bytes that the expression begins with, and the longest run that it must contain."""
    anchored = regex.startswith(r"(?s)\A")
    body = regex[6:] if anchored else regex[4:]
    runs: list[bytes] = []
    run = bytearray()
    prefix: bytes | None = None
    depth = i = 0
    while i < len(body):
        char = body[i]
        width, byte = 1, None
        if char == "\\":
            if body[i + 1] == "x":
                width, byte = 4, int(body[i + 2 : i + 4], 16)
            elif body[i + 1] in "ntrfv0":
                width, byte = 2, {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "0": 0}[body[i + 1]]
            elif body[i + 1].isalnum():
                width = 2
            else:
                width, byte = 2, ord(body[i + 1])
        elif char == "[":
            end = i + 2 if body[i + 1] in "]^" else i + 1
            while body[end] != "]":
                end += 2 if body[end] == "\\" else 1
            width = end + 1 - i
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char in "*+?{|.^$":
            width = body.index("}", i) + 1 - i if char == "{" else 1
        elif ord(char) < 256:
            byte = ord(char)
        quantified = body[i + width : i + width + 1] in ("*", "+", "?", "{")
        if depth == 0 and byte is not None and not quantified:
            run.append(byte)
        else:
            prefix = bytes(run) if prefix is None else prefix
            runs.append(bytes(run))
            run.clear()
        if depth == 0 and char == "|":
            return b"", b""  # alternatives at the top: no literal is certain
        i += width
    prefix = bytes(run) if prefix is None else prefix
    runs.append(bytes(run))
    return (prefix if anchored else b""), max(runs, key=len)


def _pattern(element: etree._Element) -> _Pattern:
    regex = element.findtext("regex") or ""
    prefix, literal = _literals(regex)
    return _Pattern(element.findtext("position") or "BOF", regex.encode("latin-1"), prefix, literal)


class Registry:
    """All signatures, indexed by their first bytes."""

    def __init__(self, path: Path) -> None:
        self.entries: dict[str, Entry] = {}
        self._by_first: dict[int, list[tuple[Entry, list[_Pattern]]]] = defaultdict(list)
        self._others: list[tuple[Entry, list[_Pattern]]] = []
        for element in etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot():
            self._add(element)

    def _add(self, element: etree._Element) -> None:
        version = element.findtext("version") or ""
        name = f"{element.findtext('name')} {version}".strip()
        entry = Entry(
            element.findtext("puid") or "", name, element.findtext("mime") or "",
            tuple(ending.text.lower() for ending in element.findall("extension") if ending.text),
            frozenset(other.text for other in element.findall("has_priority_over") if other.text),
        )  # fmt: skip
        self.entries[entry.puid] = entry
        for signature in element.findall("signature"):
            patterns = [_pattern(part) for part in signature.findall("pattern")]
            if sum(len(part.literal) for part in patterns) < _LEAST_LITERAL:
                continue
            patterns.sort(key=lambda part: (not part.prefix, part.place == "VAR"))
            if patterns[0].prefix:
                self._by_first[patterns[0].prefix[0]].append((entry, patterns))
            else:
                self._others.append((entry, patterns))

    def match(self, head: bytes, tail: bytes, *, wide: bool = True) -> list[Entry]:
        """The formats whose signature is there, without those that another of them outranks.

        :param wide: try also the signatures that begin nowhere in particular, if nothing else was found
        """
        if not head:
            return []
        found: dict[str, Entry] = {}
        _try(self._by_first.get(head[0], ()), head, tail, found)
        if found:
            _try([pair for pair in self._others if not pair[0].above.isdisjoint(found)], head, tail, found)
        elif wide:
            _try(self._others, head, tail, found)
        outranked = {puid for entry in found.values() for puid in entry.above}
        return [entry for puid, entry in found.items() if puid not in outranked]


def _try(signatures: Iterable[tuple[Entry, list[_Pattern]]], head: bytes, tail: bytes, found: dict[str, Entry]) -> None:
    for entry, patterns in signatures:
        if entry.puid not in found and all(part.found(head, tail) for part in patterns):
            found[entry.puid] = entry


@functools.cache
def registry() -> Registry:
    """The registry, read once per process."""
    spec = importlib.util.find_spec("fido")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("The package opf-fido, which carries PRONOM's signatures, is not installed.")
    folder = Path(spec.submodule_search_locations[0]) / "conf"
    return Registry(max(folder.glob("formats-v*.xml")))
