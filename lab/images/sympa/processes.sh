#!/bin/sh
# Prints `name pid alive|dead` for each process of this node; ends with 1 where one is dead or the start goes on.
set -eu

[ -e /run/recette/processes ] || { echo "the node still starts" >&2; exit 1; }
status=0
while read -r name pid; do
  if [ -d "/proc/$pid" ]; then
    echo "$name $pid alive"
  else
    echo "$name $pid dead"
    status=1
  fi
done < /run/recette/processes
exit $status
