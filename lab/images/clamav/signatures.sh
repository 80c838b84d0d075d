#!/bin/sh
# Writes the lab's signature database into folder $1: EICAR's test file (found anywhere in a part), and a text of our own
# that stands for a virus, found in a part of any kind. Extended signatures: name:target:offset:hex (0 any file, * anywhere).
set -eu

[ -n "${1:-}" ] || { echo "signatures: no folder given; call it with the database's folder" >&2; exit 64; }

# In halves: no file of this project shall itself be taken for a virus.
eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD''-ANTIVIRUS-TEST-FILE!$H+H*'
synthetic='RECETTE-SYNTHETIC''-VIRUS-SIGNATURE'
hex() { printf '%s' "$1" | od --address-radix=n --format=x1 | tr --delete ' \n'; }

{
  echo "Eicar-Test-Signature:0:*:$(hex "$eicar")"
  echo "Recette.Synthetic:0:*:$(hex "$synthetic")"
} > "$1/recette.ndb"
chown clamav:clamav "$1/recette.ndb"
