#!/bin/sh
# Prepares the list node from what the release laid into /etc/sympa and /etc/postfix, then becomes its supervisor.
set -eu

fail() { echo "start.sh: $1. $2" >&2; exit 78; }

conf=/etc/sympa/sympa/sympa.conf
[ -s "$conf" ] || fail "the release has no sympa.conf" "Add sympa/sympa.conf to the release."
[ -s /etc/postfix/main.cf ] || fail "this node has no main.cf" "Add sympa/postfix/main.cf to the release."

/usr/lib/recette/apply-settings.pl "$conf" /recette/set /recette/unset

# Files of the release come in as root's; the daemons run as sympa and must read those with secrets.
chown --recursive sympa:sympa /etc/sympa
chmod 0640 "$conf"
install --directory --owner=sympa --group=sympa --mode=0755 /run/sympa /run/recette

# The web interface is started where the release configures its server; Debian's own default server never runs.
if [ -e /etc/nginx/nginx.conf ]; then
  touch /recette/web
  # Style sheets are made by the first page; nginx reads what belongs to sympa.
  chmod 0755 /var/lib/sympa /var/lib/sympa/css
fi

# A mail domain's lists live in a folder of its name; Sympa makes lists in it, not the folder.
for robot in /etc/sympa/*/robot.conf; do
  [ -e "$robot" ] || continue
  domain=$(basename "$(dirname "$robot")")
  install --directory --owner=sympa --group=sympa --mode=0771 "/var/lib/sympa/list_data/$domain"
done

# The map that Sympa writes at each new list. Made here and not in the image: on an overlay file system a reader
# that opened the image's file would never see the copy that is written later.
map=$(sed -n 's/^[[:space:]]*sendmail_aliases[[:space:]]\{1,\}//p' "$conf" | tail -n 1)
if [ "${map:-none}" != none ]; then
  [ -e "$map" ] || install --owner=sympa --group=sympa --mode=0644 /dev/null "$map"
  setpriv --reuid=sympa --regid=sympa --clear-groups /usr/lib/recette/postmap-transport
fi

# What a stopped container left: its processes are gone, their pid files are not.
rm --force /run/sympa/* /run/recette/* /var/spool/postfix/pid/master.pid /dev/log
exec perl /usr/lib/recette/supervise.pl
