#!/bin/sh
# Ends with 0 once slapd answers a search of its root entry (RFC 4512, 5.1): also where it holds no data at all.
set -eu

exec ldapsearch -x -LLL -o nettimeout=5 -H ldap://127.0.0.1 -s base -b "" namingContexts > /dev/null
