#!/bin/sh
# Starts redis on loopback as the release configures it (redis.conf), then becomes rspamd in the foreground.
# /recette/rspamd.conf: what the release sets and unsets, in rspamd's own language, made by lab/rspamd-settings.ts.
set -eu

fail() { echo "rspamd: $1; $2" >&2; exit 64; }

[ -s /etc/rspamd/redis.conf ] || fail "/etc/rspamd/redis.conf is missing or empty" "give the release a rspamd/redis.conf"
install --directory --owner=_rspamd --group=_rspamd --mode=0750 /run/rspamd
# Keys and files with a secret came in as root's alone.
find /etc/rspamd -type f -perm 0640 -exec chgrp _rspamd {} +
# A container that is started again finds what the one before left.
rm --force /run/rspamd/* /var/lib/rspamd/rspamd.sock

redis-server /etc/rspamd/redis.conf &
exec rspamd --no-fork --user=_rspamd --group=_rspamd --config=/etc/rspamd/rspamd.conf
