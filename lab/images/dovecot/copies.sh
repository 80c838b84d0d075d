#!/bin/sh
# Prints each delivered message that holds the text $1 anywhere: its file, then its bytes in base64, on one line.
# Ends with 75 where a file went away meanwhile (an IMAP client moved it): ask again.
set -eu

[ -n "${1:-}" ] || { echo "copies: no text given; call it with a message's id" >&2; exit 64; }

# A reader moves messages from new to cur, never back: looked at in this order, none is missed.
{
  find /var/mail/vhosts -type f -path '*/new/*' -exec grep --files-with-matches --fixed-strings --regexp="$1" {} + || true
  find /var/mail/vhosts -type f -path '*/cur/*' -exec grep --files-with-matches --fixed-strings --regexp="$1" {} + || true
} > "/tmp/copies.$$"
status=0
while IFS= read -r path; do
  content="$(base64 --wrap=0 "$path")" || { status=75; break; }
  printf '%s %s\n' "$path" "$content"
done < "/tmp/copies.$$"
rm "/tmp/copies.$$"
exit "$status"
