#!/bin/sh
# Starts MariaDB as the release wants it, then applies the release's SQL (databases, tables, accounts).
# A statement that fails stops the node: half a schema must not pass for a lab.
set -eu

overrides=/etc/mysql/mariadb.conf.d/99-overrides.cnf
schema=/etc/mysql/schema
applied=/run/mysqld/schema-applied

rm --force "$applied"
install --directory --owner=mysql --group=mysql --mode=0755 /run/mysqld

# Server variables of the release's `set`; an unset variable goes back to the server's own default,
# so its line is taken out of every file that the server reads.
if [ -s /recette/unset ]; then
  while read -r name; do
    pattern=$(printf '%s' "$name" | sed 's/[-_]/[-_]/g')
    sed --in-place "/^[[:space:]]*\(loose[-_]\)\{0,1\}$pattern[[:space:]]*\(=.*\)\{0,1\}\$/d" \
      /etc/mysql/conf.d/*.cnf /etc/mysql/mariadb.conf.d/*.cnf
  done < /recette/unset
fi
{ echo "[mariadbd]"; [ ! -s /recette/set ] || cat /recette/set; } > "$overrides"

apply() {
  until mariadb-admin --socket=/run/mysqld/mysqld.sock ping > /dev/null 2>&1; do sleep 0.05; done
  for file in "$schema"/*.sql; do
    [ -e "$file" ] || continue
    if ! mariadb --socket=/run/mysqld/mysqld.sock --default-character-set=utf8mb4 < "$file"; then
      echo "start.sh: $file failed (above); this node stops. Mend that statement." >&2
      kill -TERM 1
      return
    fi
  done
  touch "$applied"
}

apply &
exec mariadbd --user=mysql
