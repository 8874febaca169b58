"""Which style sheets and scripts every page loads, in order."""

STYLESHEETS = (
    "ui/css/layers.css",
    "vendor/tabler.css",
    *(
        f"ui/css/{name}.css"
        for name in (
            "tokens", "base", "utilities", "shell", "bar", "rail", "panel", "button", "badge", "table", "filters", "tabs", "dl",
            "steps", "note", "meter", "keys", "menu", "toast", "dialog", "pager", "empty", "form", "dropzone", "viewer", "search",
            "desk", "wall", "door", "print",
        )
    ),
)  # fmt: skip

SCRIPTS = (
    "ui/js/texts.js",
    "ui/js/composition.js",
    "vendor/htmx.min.js",
    *(
        f"ui/js/{name}.js"
        for name in (
            "htmx-setup", "theme", "menu", "toast", "dialog", "tabs", "copy", "selection", "list-keys", "shortcuts", "unsaved", "dropfiles",
            "filters",
        )
    ),
)  # fmt: skip
