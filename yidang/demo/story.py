"""The sequence of everything that the demonstration hospital hands over: what it is and what becomes of it."""

from collections.abc import Iterator
from dataclasses import replace

from yidang.demo.classes import maker_of
from yidang.demo.handover import ARCHIVED, RECEIVED, RETURNED, DemoFile, Handover, Stage, safe

# Of every thirty submissions so many still wait for the archivist, and one was given back.
WAITING, GIVEN_BACK = {4, 11, 19, 26}, 23
# A hospital of a hundred thousand records has all its files as far as here, then of one record in so many.
RICH, ONE_IN = 600, 20

_RETURN_REASONS = (
    "附件缺少签字页，请补齐后重新移交。",
    "扫描件第二页倾斜且缺角，请重新扫描。",
    "题名与正文不一致，请核对后再报。",
    "保管期限选择有误，请对照保管期限表修改。",
)


def handover(stage: Stage, place: int) -> Handover:
    """The submission of this place, the same whenever and wherever it is made."""
    maker, index = maker_of(place)
    made = maker(stage, stage.rng("record", place), index)
    if place >= RICH and place % ONE_IN:
        made = replace(made, files=[_light_file(made, place)])
    slot = place % 30
    if slot == GIVEN_BACK:
        return replace(made, fate=RETURNED, reason=_RETURN_REASONS[place // 30 % len(_RETURN_REASONS)])
    return replace(made, fate=RECEIVED if slot in WAITING else ARCHIVED)


def _light_file(made: Handover, place: int) -> DemoFile:
    """A page of text with what is said of the submission, in place of its files."""
    said = [
        made.title,
        made.number,
        made.creator,
        made.description,
        *made.parties,
        *made.keywords,
        f"登记序号{place + 1}",
    ]
    return DemoFile(f"{safe(made.title)}.txt", "\r\n".join(filter(None, said)).encode())


def fates(count: int) -> Iterator[str]:
    """What becomes of each of so many submissions."""
    for place in range(count):
        slot = place % 30
        yield RETURNED if slot == GIVEN_BACK else RECEIVED if slot in WAITING else ARCHIVED
