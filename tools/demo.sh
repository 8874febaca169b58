#!/usr/bin/env bash
# Makes the demonstration hospital in a folder if it is not there yet, prints its accounts, and serves it.
set -euo pipefail
folder=$1 host=$2 port=$3
accounts="${folder%/}.accounts.txt"
mkdir -p "$(dirname "$folder")"
tools/system_packages.sh run
if [ ! -s "$accounts" ]; then
  # The accounts are written last: a folder without them was left half-made by an interrupted run.
  rm -rf "$folder"
  echo "Making the demonstration hospital in $folder"
  .venv/bin/yidang demo --data "$folder" > "$accounts.part"
  mv "$accounts.part" "$accounts"
fi
cat "$accounts"
echo
echo "医档 Yidang: http://$host:$port  (Ctrl+C ends it)"
exec .venv/bin/yidang serve --data "$folder" --host "$host" --port "$port"
