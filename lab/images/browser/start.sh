#!/bin/sh
# Trusts the lab's certificate authority and becomes Chromium, whose CDP is reached on port 9222 of this node.
set -eu

fail() { echo "browser: $1; $2" >&2; exit 64; }

authority=/recette/tls/ca.pem
[ -s "$authority" ] || fail "$authority is missing" "give BrowserContainer the lab's certificates (lab/components.ts)"

home=/home/browser
database="sql:$home/.pki/nssdb"
as_browser="setpriv --reuid=browser --regid=browser --clear-groups env HOME=$home"

if [ ! -e "$home/.pki/nssdb/cert9.db" ]; then
  $as_browser mkdir --parents "$home/.pki/nssdb"
  $as_browser certutil -d "$database" -N --empty-password
fi
$as_browser certutil -d "$database" -A -n lab -t C,, -i "$authority"

# Chromium listens on the loopback alone, whatever it is told.
socat "TCP-LISTEN:9222,bind=$(hostname --ip-address),fork,reuseaddr" TCP:127.0.0.1:9222 &

# No sandbox: it needs a user namespace or CAP_SYS_ADMIN, and a container has neither. Here the container itself is it:
# an account without rights, on a network that leads nowhere, reading pages of the lab alone.
# Nothing in the background: what a browser asks its maker would only be refused. Of its log only what is fatal: the rest
# is about a desktop that is not there.
exec $as_browser chromium-headless-shell --no-sandbox --remote-debugging-port=9222 --user-data-dir="$home/profile" \
  --disable-background-networking --disable-component-update --disable-gpu \
  --log-level=3 --lang=fr about:blank
