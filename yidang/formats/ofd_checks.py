"""OFD at the door: the zip around it, its structure, its first page."""

from yidang.formats import archive_checks, ofd, ofd_drawing
from yidang.formats.lines import join_lines
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import Format


def check(source: Source, known: Format, look: Look) -> None:
    """Open an OFD as its readers do."""
    archive_checks.check_zip(source.file(), look, 1, inside="office OFD")
    look.opened = False
    if look.failed:
        return
    package = ofd.Package(source)
    if package.find("Encrypt.xml") or package.find("Doc_0/Encrypt.xml"):
        look.add("encrypted")
        return
    pages = package.pages
    look.pages = len(pages)
    if not pages:
        look.add("no_pages")
        return
    if look.pages > look.limits.pages:
        look.add("too_many_pages", pages=look.pages, limit=look.limits.pages)
        return
    for number, page in enumerate(pages, 1):
        if number > 1 and not look.fully:
            look.later.add("pages")
            break
        ofd_drawing.page_image(source, number, 320)
        if len(look.sample) < look.limits.sample_characters:
            look.sample += join_lines(ofd._lines(page.document, page)) + "\n\n"
    if not look.sample.strip() and pages[0].document.media:
        look.later.add("ocr")
    look.opened = True
