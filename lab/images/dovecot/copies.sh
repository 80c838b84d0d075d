#!/bin/sh
# copies.sh list: the path, below the folder of all mailboxes, of each delivered message, one a line.
# copies.sh read PATH...: each path and its bytes in base64, on one line. Ends with 75 where a file went away meanwhile (an
# IMAP client moved it): list again.
set -eu
cd /var/mail/vhosts

files() {
  find . -mindepth 3 -type d '(' -name new -o -name cur -o -name tmp ')' -prune -name "$1" -print0 \
    | find -files0-from - -type f || true
}

case "${1:-}" in
  # A reader moves messages from new to cur, never back: looked at in this order, none is missed.
  list) files new; files cur ;;
  read)
    shift
    for path in "$@"; do
      content="$(base64 --wrap=0 "$path")" || exit 75
      printf '%s %s\n' "$path" "$content"
    done
    ;;
  *) echo "copies: say list, or read and paths" >&2; exit 64 ;;
esac
