"""Page texts of records, those that were lost among them: a derivative may go, but never without being made anew."""

from collections.abc import Callable, Sequence

from yidang.catalogue.models import Document, Record
from yidang.search import pagetext
from yidang.search.entries import documents_of

READY, PENDING = "ready", "pending"

Reread = Callable[[Sequence[Document]], None]
_readers: list[Reread] = []


def when_lost(reread: Reread) -> None:
    """Called once, at start, by the package above that reads documents: asked to make texts anew that are gone."""
    _readers[:] = [reread]


def present(record: Record, *, tidy: bool = False) -> tuple[dict[int, list[str]], list[Document]]:
    """The texts of a record's documents, and the documents whose text should be there and is not; those say «pending» now.

    :param tidy: also remove texts that no document says any more
    :raises OSError: the shared place does not answer, so that nobody can say
    """
    documents = documents_of(record)
    pages = pagetext.read_documents(record.public_id, documents)
    if tidy:
        pagetext.prune(record.public_id, documents)
    lost = [one for one in documents if one.text_state == READY and one.number not in pages]
    for document in lost:
        document.text_state = PENDING
    return pages, lost


def ask_for(lost: Sequence[Document]) -> None:
    """Have lost texts made anew; until then their documents say that the text is pending, and so does every search."""
    for reread in _readers if lost else ():
        reread(lost)


def share_all() -> int:
    """Give the texts that this machine has to the others, once, when an archive on one machine becomes one on several.

    :returns: how many
    :raises OSError: the shared place does not take them
    """
    given = 0
    for document in Document.objects.filter(text_state=READY).select_related("record").iterator(chunk_size=500):
        given += pagetext.share(document)
    return given
