#!/bin/sh
# Image build only: lets Sympa make its tables in a MariaDB of the moment, and keeps them as /schema.sql.
set -eu

install --directory --owner=mysql --group=mysql /run/mysqld
# Tables as a database has them that came from MariaDB 10.11: 11.8 would give new ones another collation.
mariadbd --user=mysql --skip-networking \
  --loose-character-set-collations=utf8mb3=utf8mb3_general_ci,utf8mb4=utf8mb4_general_ci &
until mariadb-admin ping > /dev/null 2>&1; do sleep 0.1; done
mariadb --execute="CREATE DATABASE sympa CHARACTER SET utf8mb4; CREATE USER sympa@localhost IDENTIFIED BY 'schema';
  GRANT ALL ON sympa.* TO sympa@localhost"
printf '%s\n' 'domain lab.test' 'listmaster listmaster@lab.test' 'db_type MySQL' 'db_name sympa' 'db_host localhost' \
  'db_user sympa' 'db_passwd schema' > /etc/sympa/sympa/sympa.conf
su --shell /bin/sh --command "sympa check" sympa
mariadb-dump --skip-comments --compact sympa > /schema.sql
grep --quiet 'CREATE TABLE `subscriber_table`' /schema.sql
