#!/bin/sh
# Applies a release's overrides to /etc/dovecot and becomes Dovecot's master in the foreground.
# /recette/overrides.conf: Dovecot configuration made by lab/dovecot.ts, where {{default NAME}} stands for the value
# compiled into Dovecot.
set -eu

fail() { echo "dovecot: $1; $2" >&2; exit 64; }

configuration=/etc/dovecot/dovecot.conf
overrides=/etc/dovecot/conf.d/99-recette.conf
written=/recette/overrides.conf
[ -e "$written" ] || written=/dev/null
[ -s "$configuration" ] || fail "$configuration is missing or empty" "give the release a dovecot/dovecot.conf"

{
  echo "# What the release's set and unset, and the lab, say on top of the release's files."
  while IFS= read -r line; do
    case "$line" in
      *" = {{default "*"}}")
        name="${line##*"{{default "}"
        printf '%s = %s\n' "${line%% = *}" "$(doveconf -d -h "${name%"}}"}" 2> /dev/null || true)" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < "$written"
  # The lab reads logs from the container's output.
  echo "log_path = /dev/stderr"
} > "$overrides"
grep --quiet --fixed-strings "$overrides" "$configuration" || printf '\n!include %s\n' "$overrides" >> "$configuration"

# Scripts of the release, for deliveries, which may not write here.
for script in /etc/dovecot/*.sieve; do
  [ ! -e "$script" ] || sievec "$script" || fail "$script is no Sieve script" "see what sievec says of it"
done

exec dovecot -F
