#!/bin/sh
# Applies a release's overrides to clamd.conf and becomes clamd in the foreground.
# /recette/set: `Name value` a line; /recette/unset: a name a line.
set -eu

fail() { echo "clamav: $1; $2" >&2; exit 64; }

configuration=/etc/clamav/clamd.conf
[ -s "$configuration" ] || fail "$configuration is missing or empty" "give the release a clamav/clamd.conf"

drop() { sed --in-place "/^[[:space:]]*$1[[:space:]]/d" "$configuration"; }
[ ! -s /recette/unset ] || while read -r name; do drop "$name"; done < /recette/unset
[ ! -s /recette/set ] || while read -r name value; do
  drop "$name"
  printf '%s %s\n' "$name" "$value" >> "$configuration"
done < /recette/set

install --directory --owner=clamav --group=clamav --mode=0755 /run/clamav
rm --force /run/clamav/*
exec clamd --foreground --config-file="$configuration"
