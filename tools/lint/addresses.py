"""No address of a package registry, no path of somebody's machine, in anything that is kept."""

import re
from collections.abc import Iterator

from tools.lint import Finding, line_of

REGISTRY = re.compile(
    r"--(?:extra-)?index-url|--find-links|^\s*(?:extra-)?index-url|\"resolved\"\s*:\s*\"http|^\s*registry\s*=\s*http"
    r"|https?://[^\s\"']*/(?:simple|packages)/|registry\.npmjs\.org|files\.pythonhosted\.org",
    re.MULTILINE,
)
MACHINE = re.compile(r"(?:^|[\s\"'=(:`])/(?:home/(?!yidang)\w+|root|work|farm|Users)/\w", re.MULTILINE)


def check(path: str, text: str) -> Iterator[Finding]:
    """The findings in one file of any kind."""
    if path.startswith("tools/lint/") or path == "tests/architecture/test_house_lints.py":
        return
    for found in REGISTRY.finditer(text):
        message = "names a package registry's address; installations choose their own."
        yield Finding(path, line_of(text, found.start()), "registry", f"«{found.group().strip()[:60]}» {message}")
    for found in MACHINE.finditer(text):
        message = "is a path of one machine; make it a setting, or relative."
        yield Finding(path, line_of(text, found.end()), "machine", f"«{found.group().strip()[:60]}» {message}")
