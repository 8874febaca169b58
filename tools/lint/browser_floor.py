"""Nothing newer than Chromium 109, the last browser that the wards' Windows 7 can have, and current Firefox."""

import re
from collections.abc import Iterator

from tools.lint import Finding, line_of

# A pattern, what it is, and the Chromium version that brought it.
CSS = [
    (r"(?m)^\s+&\s*[\w.:#\[>+~&{,]", "nesting with &", "112"),
    (r"\bcolor-mix\(", "color-mix()", "111"),
    (r"\b(?:oklch|oklab|lch|lab)\(", "oklch() and its kin", "111"),
    (r"\blight-dark\(", "light-dark()", "123"),
    (r"@scope\b", "@scope", "118"),
    (r"@starting-style\b", "@starting-style", "117"),
    (r"\bsubgrid\b", "subgrid", "117"),
    (r"\btext-wrap\s*:", "text-wrap", "114"),
    (r"\bfield-sizing\s*:", "field-sizing", "123"),
    (r"\binterpolate-size\s*:", "interpolate-size", "129"),
    (r"\banchor-name\s*:|\bposition-anchor\s*:", "anchor positioning", "125"),
    (r"\banimation-timeline\s*:|\bscroll-timeline", "scroll-driven animation", "115"),
    (r"\btransition-behavior\s*:|\ballow-discrete\b", "transition-behavior", "117"),
    (r":user-(?:in)?valid\b", ":user-valid", "119"),
    (r":dir\(", ":dir()", "120"),
    (r":popover-open\b", ":popover-open", "114"),
    (r"@container\s+style\(", "style queries", "111"),
    (r"\bview-transition-name\s*:|@view-transition\b", "view transitions", "111"),
    (r"\bround\(|\bmod\(|\brem\(", "round(), mod(), rem()", "125"),
]
JS = [
    (r"\.toSorted\(|\.toReversed\(|\.toSpliced\(", "copying array methods", "110"),
    (r"\b(?:Object|Map)\.groupBy\(", "groupBy", "117"),
    (r"\bPromise\.(?:withResolvers|try)\(", "Promise.withResolvers, Promise.try", "119"),
    (r"\bArray\.fromAsync\(", "Array.fromAsync", "121"),
    (r"\bURL\.(?:canParse|parse)\(", "URL.canParse", "120"),
    (r"\bAbortSignal\.any\(", "AbortSignal.any", "116"),
    (r"\.isWellFormed\(|\.toWellFormed\(", "isWellFormed", "111"),
    (r"\bstartViewTransition\b", "view transitions", "111"),
    (r"\.(?:show|hide|toggle)Popover\(", "popover", "114"),
    (r"\.(?:isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(", "set methods", "122"),
    (r"\.moveBefore\(", "moveBefore", "133"),
    (r"\bscheduler\.(?:yield|postTask)\(", "scheduler", "not in Firefox"),
    (r"\bshow(?:Open|Save|Directory)FilePicker\b|\bshowDirectoryPicker\b", "file pickers", "not in Firefox"),
    (r"\bfrom\s+[\"'][^\"']+[\"']\s+with\s*\{", "import attributes", "123"),
    (r"/[a-z]*v[a-z]*\.test\(", "the v flag of patterns", "112"),
]
HTML = [
    (r"\spopover(?:target)?(?:=|\s|>)", "popover", "114"),
    (r"<search[\s>]", "<search>", "118"),
    (r"<details[^>]*\sname=", "<details name>", "120"),
    (r"\scommand(?:for)?=", "invoker commands", "135"),
]
_KINDS = {".css": CSS, ".js": JS, ".mjs": JS, ".html": HTML}


def check(path: str, text: str) -> Iterator[Finding]:
    """The findings in one style sheet, script or template that a browser gets from us."""
    suffix = path[path.rfind(".") :]
    if suffix not in _KINDS or "/vendor/" in path or path.startswith(("tools/", "node_modules/", "tests/")):
        return
    for pattern, what, since in _KINDS[suffix]:
        for found in re.finditer(pattern, text):
            reason = f"came with Chromium {since}" if since[0].isdigit() else f"is {since}"
            message = f"{what} {reason}; the oldest browser we serve is Chromium 109."
            yield Finding(path, line_of(text, found.end()), "browser-floor", message)
