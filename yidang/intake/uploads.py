"""From a request to a submission: multipart with files, or a tar stream with many submissions."""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput
from yidang.intake.envelope import DocumentPart, Envelope, MalformedSubmission
from yidang.intake.names import display_name
from yidang.intake.staging import StagedFile, folder_of, stage

CHUNK = 1024 * 1024


def parse_json(text: str | bytes, *, field: str) -> Any:
    """Read JSON that a client sent.

    :raises InvalidInput: it is not JSON in UTF-8; the sentence says where it breaks
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        where = _("byte %(position)d is not UTF-8") % {"position": error.start}
    except RecursionError:
        where = _("it is nested too deeply")
    except ValueError as error:
        where = str(error)
    raise InvalidInput(
        _("The field «%(field)s» is not JSON: %(where)s.") % {"field": field, "where": where},
        code="invalid_json",
        field=field,
        remedy=_("Send one JSON document in UTF-8."),
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def check_file_count(count: int) -> None:
    """Refuse absurd numbers of files before any is written.

    :raises InvalidInput: there are more than the door takes
    """
    if count > settings.MAX_FILES:
        raise InvalidInput(
            _("%(count)d files came in one submission; %(most)d are possible.")
            % {"count": count, "most": settings.MAX_FILES},
            code="too_many_files",
            field="files",
            remedy=_("File them as several records, or pack what belongs together."),
        )


def from_uploads(envelope: Envelope, uploads: Iterable[UploadedFile]) -> Callable[[UUID], Iterator[StagedFile]]:
    """How to stage the files of a multipart request: matched to the submission's documents by name.

    :raises MalformedSubmission: a document has no file, or a file has no document
    """
    given = list(uploads)
    by_name = {_key(upload.name or ""): upload for upload in given}
    faults = [
        _fault(f"documents[{number}].file", _("The file «%(name)s» was announced but did not come.") % {"name": part.file[:100]},
               _("Send it in «files» under this very name."))
        for number, part in enumerate(envelope.documents) if _key(part.file) not in by_name
    ]  # fmt: skip
    wanted = {_key(part.file) for part in envelope.documents}
    faults += [
        _fault("files", _("The file «%(name)s» came but is not listed under documents.") % {"name": (upload.name or "")[:100]},
               _("List it under documents, or leave it out."))
        for upload in given if _key(upload.name or "") not in wanted
    ]  # fmt: skip
    if len(by_name) < len(given):
        faults.append(_fault("files", _("Two files came under the same name."), _("Give each file a name of its own.")))
    if faults:
        raise MalformedSubmission(faults)

    def staged(public_id: UUID) -> Iterator[StagedFile]:
        folder = folder_of(public_id)
        for number, part in enumerate(envelope.documents, 1):
            yield stage(folder, number, display_name(part.file), by_name[_key(part.file)].chunks(CHUNK))

    return staged


def _key(name: str) -> str:
    # Browsers and Django keep only the last part of a file's name; so two spellings must meet here.
    return display_name(name)


def _fault(field: str, detail: str, remedy: str) -> dict[str, str]:
    return {"field": field, "detail": detail, "remedy": remedy}


@dataclass(frozen=True)
class BatchMember:
    """One submission of a batch and how its files are staged."""

    data: Any
    files: Mapping[str, Callable[[], Iterator[bytes]]]

    def stage(self, documents: tuple[DocumentPart, ...]) -> Callable[[UUID], Iterator[StagedFile]]:
        """How to stage this member's files.

        :raises MalformedSubmission: a document has no file
        """
        faults = [
            _fault(f"documents[{number}].file", _("The file «%(name)s» was announced but did not come.") % {"name": part.file[:100]},
                   _("Send it in the same batch under this very name."))
            for number, part in enumerate(documents) if self._found(part.file) is None
        ]  # fmt: skip
        if faults:
            raise MalformedSubmission(faults)

        def staged(public_id: UUID) -> Iterator[StagedFile]:
            for number, part in enumerate(documents, 1):
                found = self._found(part.file)
                assert found is not None, "its absence was refused above"
                yield stage(folder_of(public_id), number, display_name(part.file), found())

        return staged

    def _found(self, name: str) -> Callable[[], Iterator[bytes]] | None:
        """A file by its name, or by the last part of it, since requests keep no folders."""
        return self.files.get(name) or self.files.get(_key(name))


def from_multipart_batch(data: Any, uploads: Iterable[UploadedFile]) -> list[BatchMember]:
    """The members of a multipart batch: ``submissions`` is a JSON list, files are named as the documents say.

    :raises InvalidInput: ``submissions`` is not a list
    """
    if not isinstance(data, list):
        raise InvalidInput(
            _("«submissions» is not a JSON list."), field="submissions", remedy=_("Send a list of submissions.")
        )
    files = {_key(upload.name or ""): _chunks_of(upload) for upload in uploads}
    return [BatchMember(member, files) for member in data]


def _chunks_of(upload: UploadedFile) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(upload.chunks(CHUNK))


class Readable(Protocol):
    """A stream that is read once, such as a request."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        ...


def from_tar(stream: Readable) -> Iterator[BatchMember]:
    """The members of a tar stream, one at a time: a ``NAME.json`` submission, then its files under ``NAME/``.

    The files of one submission follow its JSON directly, so that the stream is read once and never unpacked to disk
    as a whole. Links, devices and names that lead elsewhere are refused.

    :raises InvalidInput: the stream is no tar archive or holds something else than plain files
    """
    try:
        with tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|*") as archive:
            yield from _members(archive)
    except tarfile.TarError as error:
        raise InvalidInput(
            _("The batch is not a readable tar archive: %(reason)s.") % {"reason": error},
            code="bad_tar", field="batch", remedy=_("Send it again; it may have been cut off on the way."),
        ) from error  # fmt: skip


def _members(archive: tarfile.TarFile) -> Iterator[BatchMember]:
    data: Any = None
    name, files, held = "", {}, 0
    for entry in archive:
        if entry.isdir():
            continue
        if not entry.isfile():
            raise InvalidInput(
                _("«%(name)s» in the batch is not a plain file.") % {"name": entry.name[:100]},
                code="bad_tar_member", field="batch", remedy=_("Pack plain files only, without links or devices."),
            )  # fmt: skip
        content = archive.extractfile(entry)
        if "/" not in entry.name.strip("./") and entry.name.endswith(".json"):
            if data is not None:
                yield BatchMember(data, files)
            data = parse_json(content.read(CHUNK) if content else b"", field=entry.name)
            name, files, held = entry.name.removeprefix("./").removesuffix(".json"), {}, 0
            continue
        held += entry.size
        if held > settings.DATA_UPLOAD_MAX_MEMORY_SIZE * 8:
            raise InvalidInput(
                _("The files of «%(name)s» are too large for a tar batch.") % {"name": name},
                code="batch_member_too_large", field="batch", remedy=_("File it alone with POST /filings."),
            )  # fmt: skip
        kept = content.read() if content else b""
        files[entry.name.removeprefix("./").removeprefix(f"{name}/")] = _bytes_of(kept)
    if data is not None:
        yield BatchMember(data, files)


def _bytes_of(kept: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((kept,))


def _multipart(schema: dict[str, Any], *, tar: bool = False) -> dict[str, Any]:
    content: dict[str, Any] = {"multipart/form-data": {"schema": schema}}
    if tar:
        content["application/x-tar"] = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": content}}


_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
# Read by hand instead of by declared parameters, so that every fault of a submission is answered at once.
FILING_BODY = _multipart(
    {
        "type": "object",
        "required": ["submission", "files"],
        "properties": {"submission": {"type": "string", "contentMediaType": "application/json"}, "files": _FILES},
    }
)
BATCH_BODY = _multipart(
    {
        "type": "object",
        "required": ["submissions", "files"],
        "properties": {"submissions": {"type": "string", "contentMediaType": "application/json"}, "files": _FILES},
    },
    tar=True,
)
