#!/usr/bin/env bash
# Looks for the programs beside Python that a group of commands needs, and installs them where that is permitted.
#   tools/system_packages.sh test       installs what tests need; fails with the exact command when it may not
#   tools/system_packages.sh run        installs what makes a running Yidang do more; where it may not, says so and goes on
#   tools/system_packages.sh hint       only says so
# YIDANG_NO_APT=1 keeps it from installing anything.
set -euo pipefail

# program or file to look for | Debian package | what it is for
run=(
  "soffice|libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui|pages and text of Office files"
  "bwrap|bubblewrap|the stronger cage around parsers of foreign files"
  "restic|restic|backups and drills"
  "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc|fonts-noto-cjk|Chinese in pages made from Office files"
)
test=(
  "chromium|chromium|journeys in a real browser"
  "initdb|postgresql|the tests' own PostgreSQL"
  "pdftotext|poppler-utils|an independent reader of the PDF files we make"
  "curl|curl|the examples of the API, as a developer would try them"
  "radosgw|radosgw ceph-mon ceph-osd ceph-common|a real S3 server for the tests of buckets"
  "/usr/sbin/sshd|openssh-server openssh-client|a real sftp server for the tests of backups"
  "/usr/sbin/pgbouncer|pgbouncer|a real pooler before the tests' PostgreSQL"
  "strace|strace|killing a filing at a chosen system call"
  "fusermount|fuse|a disk that forgets what was not flushed, for power cuts"
)

present() {
  case $1 in
    /*) [ -e "$1" ] ;;
    initdb) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

group=${1:-hint}
entries=("${run[@]}")
[ "$group" != test ] || entries+=("${test[@]}")
missing=()
reasons=()
for entry in "${entries[@]}"; do
  IFS='|' read -r looked_for packages reason <<<"$entry"
  if ! present "$looked_for"; then
    read -ra words <<<"$packages"
    missing+=("${words[@]}")
    reasons+=("  $packages: $reason")
  fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

command_line="apt-get install -y --no-install-recommends ${missing[*]}"
hint() {
  printf '%s\n' "Not on this machine, and optional:" "${reasons[@]}" "To add them: $command_line"
  exit 0
}
become=()
if [ "$group" = hint ]; then
  hint
elif [ -n "${YIDANG_NO_APT:-}" ] || ! command -v apt-get >/dev/null; then
  allowed=no
elif [ "$(id -u)" = 0 ]; then
  allowed=yes
elif sudo -n true 2>/dev/null; then
  allowed=yes
  become=(sudo -n env DEBIAN_FRONTEND=noninteractive)
else
  allowed=no
fi
if [ "$allowed" = no ]; then
  [ "$group" = test ] || hint
  printf '%s\n' "The tests need programs that are not here:" "${reasons[@]}" "Please run as root: $command_line" >&2
  exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() {
  "${become[@]}" apt-get update -qq && "${become[@]}" $command_line >/dev/null
}
if ! install; then
  [ "$group" = test ] || hint
  exit 1
fi
