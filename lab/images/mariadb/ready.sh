#!/bin/sh
# Ready: the release's SQL is applied, the server answers a login and a query, and it speaks its protocol
# on the network as well (a ping is answered after the handshake, also to an account without a password).
set -eu

[ -e /run/mysqld/schema-applied ] || { echo "the release's SQL is not applied yet" >&2; exit 1; }
mariadb --socket=/run/mysqld/mysqld.sock --user=root --batch --skip-column-names \
  --execute='SELECT COUNT(*) FROM staff.mailbox' > /dev/null
exec mariadb-admin --protocol=tcp --host="$(hostname --ip-address)" --user=ready --connect-timeout=5 ping > /dev/null
