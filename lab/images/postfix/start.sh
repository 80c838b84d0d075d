#!/bin/sh
# Applies a release's overrides to /etc/postfix, compiles its tables, and becomes Postfix's master in the foreground.
# /recette/set: `name = value` a line; /recette/unset: a name a line; /recette/services: `name/type/parameter=value`.
set -eu

fail() { echo "postfix: $1; $2" >&2; exit 64; }

[ -s /etc/postfix/main.cf ] || fail "/etc/postfix/main.cf is missing or empty" "give the release a postfix/main.cf"
[ -s /etc/postfix/master.cf ] || fail "/etc/postfix/master.cf is missing or empty" "give the release a postfix/master.cf"

# Postfix reads a file again and again, 0.3 s apart, until it was not changed for two seconds (dict_load_file). These
# were, by us, and nobody else writes them: the pause would only add two seconds to each start.
cool() { find /etc/postfix -type f -exec touch --date='1 minute ago' {} +; }
each_line() { [ ! -s "$1" ] || { xargs --delimiter='\n' postconf "$2" < "$1"; cool; }; }

cool
each_line /recette/unset -X
each_line /recette/set -e
each_line /recette/services -P

# The lab reads logs from the container's output. postlogd does that, where master.cf has it.
postconf -e "maillog_file = /dev/stdout"
cool
[ -n "$(postconf -M postlog/unix-dgram 2>/dev/null)" ] \
  || { postconf -M "postlog/unix-dgram=postlog unix-dgram n - n - 1 postlogd"; cool; }

# Files with a secret came in as root's alone; proxymap opens them as user postfix.
find /etc/postfix -type f -perm 0640 -exec chgrp postfix {} +

# Every indexed file that main.cf or a service names is compiled; alias files have a format and a command of their own.
{ postconf -nx; postconf -Px; } | grep --only-matching --extended-regexp '\b(hash|btree|lmdb):/[^ ,}]+' | sort --unique > /run/tables || true
aliases="$(postconf -h alias_database)"
while read -r table; do
  case " $aliases " in *[\ ,]"$table"[\ ,]*) continue ;; esac
  postmap "$table"
done < /run/tables
[ -z "$aliases" ] || newaliases

# Sender rewriting, where a release brings its settings: Debian's own launcher reads them.
[ ! -s /etc/postfix/postsrsd ] \
  || { cp /etc/postfix/postsrsd /etc/default/postsrsd; /usr/share/postsrsd/postsrsd-systemd-launcher & }
exec postfix start-fg
