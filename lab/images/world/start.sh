#!/bin/sh
# Starts one part of the world: dns, mail or gateway (RECETTE_PART, set by lab/*.ts).
set -eu

fail() { echo "world: $1; $2" >&2; exit 64; }

[ -n "${RECETTE_PART:-}" ] || fail "RECETTE_PART is empty" "set it to dns, mail or gateway"

# A resolver other than the lab's would be a way out: the gateway gets the lab's, or none at all.
if [ -n "${RECETTE_RESOLVER:-}" ]; then
  if [ "$RECETTE_RESOLVER" = none ]; then : > /etc/resolv.conf
  else echo "nameserver $RECETTE_RESOLVER" > /etc/resolv.conf; fi
fi

case "$RECETTE_PART" in
  dns) exec node /world/dns-server.ts /recette/dns.json ;;
  # A small young generation: resident memory stays flat under load (a larger one grew by half within a minute).
  mail) exec node --max-semi-space-size=2 /world/mail-catcher.ts /recette/catcher.json ;;
  gateway) exec haproxy -W -db -f /recette/haproxy.cfg ;;
  *) fail "no part $RECETTE_PART" "use dns, mail or gateway" ;;
esac
