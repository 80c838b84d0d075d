#!/bin/sh
# What the operator starts as k6, in every pod of a TestRun: each writes its send log and its summary into a folder of its own,
# by the pod's name, within the time that SECONDS_MAX allows. Scripts read these names as they do in a lab (lab/generator.ts).
set -eu

pod=$(hostname)
k6=/usr/local/lib/recette/k6
export WRITER="$pod" NAME="$pod.${NAMES_BELOW:-invalid}" LOG_FOLDER="/ledger/$pod"
if [ "${1:-}" != run ]; then exec "$k6" "$@"; fi
shift
mkdir -p "$LOG_FOLDER"
exec timeout --preserve-status --signal=INT --kill-after=30 "$SECONDS_MAX" \
  "$k6" run --no-usage-report --no-color --summary-export="$LOG_FOLDER/summary.json" "$@"
