#!/usr/bin/env bash
# Prints a Python of at least 3.11 found on this machine; says what to do when there is none.
set -euo pipefail
for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
  if path=$(command -v "$name") && "$path" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$path"
    exit 0
  fi
done
echo "No Python 3.11 or newer with venv was found. On Debian: apt-get install python3 python3-venv" >&2
exit 1
