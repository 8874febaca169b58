"""Makes the demonstration's font again: the characters that its papers use, as TrueType outlines from Noto Serif CJK SC.

Run it by hand after new characters came into yidang/demo, with fonttools installed:
``python -m tools.demo_font /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc``
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "yidang" / "demo" / "data" / "demo-song.ttf"
SIMPLIFIED = 2  # the place of the Simplified Chinese face in Noto's collection


def characters() -> set[str]:
    """All characters that stand in the sources of the demonstration, and what every paper may need."""
    found = {chr(code) for code in range(0x20, 0x7F)}
    found |= set(
        "〇一二三四五六七八九十零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整年月日·—…“”‘’《》〈〉「」『』【】〔〕（）！？：；，。、￥×÷±°℃²³½★☆√■□●○→←↑↓①②③④⑤⑥⑦⑧⑨⑩％‰　～"
    )
    for path in sorted((ROOT / "yidang" / "demo").rglob("*.py")):
        found |= set(path.read_text(encoding="utf-8"))
    return {char for char in found if char.isprintable()} | {"\u3000"}


def main(source: str) -> None:
    """Write the font."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont

    font = TTFont(source, fontNumber=SIMPLIFIED)
    known, glyphs = font.getBestCmap(), font.getGlyphSet()
    chosen = {ord(char): known[ord(char)] for char in sorted(characters()) if ord(char) in known}
    order = [".notdef", *dict.fromkeys(chosen.values())]
    outlines, metrics = {}, {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
        metrics[name] = font["hmtx"][name]
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(chosen)
    builder.setupGlyf(outlines)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    licence = "This Font Software is licensed under the SIL Open Font License, Version 1.1: https://scripts.sil.org/OFL"
    builder.setupNameTable(
        {"familyName": "Yidang Demo Song", "styleName": "Regular", "fullName": "Yidang Demo Song",
         "psName": "YidangDemoSong", "copyright": font["name"].getDebugName(0), "licenseDescription": licence}
    )  # fmt: skip
    builder.setupOS2(sTypoAscender=font["OS/2"].sTypoAscender, sTypoDescender=font["OS/2"].sTypoDescender, fsType=0)
    builder.setupPost(keepGlyphNames=False)
    builder.font.recalcTimestamp = False
    builder.font["head"].created = builder.font["head"].modified = 3786825600
    TARGET.parent.mkdir(exist_ok=True)
    builder.save(TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {len(chosen)} characters, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
