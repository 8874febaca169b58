#!/usr/bin/env bash
# Writes requirements/build.txt, runtime.txt and dev.txt from the .in files: every version, every hash, no index address.
# Needs uv (any recent version). Versions already pinned are kept unless `--upgrade` or `--upgrade-package NAME` is given.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
options=(--quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links
  --no-annotate --custom-compile-command "make pins" "$@")
"$uv" pip compile "${options[@]}" requirements/build.in -o requirements/build.txt
"$uv" pip compile "${options[@]}" requirements/build.in requirements/runtime.in -o requirements/runtime.txt
"$uv" pip compile "${options[@]}" -c requirements/runtime.txt requirements/build.in requirements/dev.in -o requirements/dev.txt
if grep -nE '(://|^-|file:)' requirements/*.txt; then
  echo "The lines above name an address or an option; a pin file must hold neither." >&2
  exit 1
fi
