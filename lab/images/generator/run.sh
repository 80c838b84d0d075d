#!/bin/bash
# Runs a profile within its bounds: run.sh <folder> <profile> <seconds> [<segment> <sequence>]. What k6 says is in
# <folder>/k6.log; its cost, seconds of the clock and of CPU by rusage, is printed. Ends with k6's exit code; after the time,
# k6 is told to end (105). A segment of a test waits, once all its users are made, until start.sh lets it begin.
set -eu

folder=$1 profile=$2 seconds=$3
share=(--address=)
if [ $# -gt 3 ]; then share=(--address=127.0.0.1:6565 --paused --execution-segment="$4" --execution-segment-sequence="$5"); fi
cd "$folder"
TIMEFORMAT="%3R %3U %3S"
time timeout --preserve-status --signal=INT --kill-after=30 "$seconds" \
  k6 run --quiet --no-usage-report --no-color "${share[@]}" --summary-export=summary.json "$profile" >k6.log 2>&1
