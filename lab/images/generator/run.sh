#!/bin/bash
# Runs a profile within its bounds: run.sh <folder> <profile> <seconds> [<segment> <sequence>]. What k6 says is in
# <folder>/k6.log; meanwhile its progress, a line a second, is in <folder>/progress. Its cost, seconds of the clock and of CPU by
# rusage, is printed. Ends with k6's exit code; after the time, k6 is told to end (105). A segment of a test waits, once all its
# users are made, until start.sh lets it begin.
set -eu

folder=$1 profile=$2 seconds=$3
share=(--address=)
if [ $# -gt 3 ]; then share=(--address=127.0.0.1:6565 --paused --execution-segment="$4" --execution-segment-sequence="$5"); fi
cd "$folder"
TIMEFORMAT="%3R %3U %3S"
status=0
# Without --foreground, timeout signals k6 twice, itself and with its group: at the second one k6 leaves without a summary.
time timeout --foreground --preserve-status --signal=INT --kill-after=30 "$seconds" \
  k6 run --no-usage-report --no-color "${share[@]}" --summary-export=summary.json "$profile" >progress 2>k6.log || status=$?
rm progress
exit $status
