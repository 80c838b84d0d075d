#!/bin/sh
# Ends with 0 once this part of the world answers in its own protocol; a holder is always ready.
set -eu

[ -n "${RECETTE_PART:-}" ] || exit 0
exec node /world/ready.ts "$RECETTE_PART"
