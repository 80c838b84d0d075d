#!/bin/bash
# Runs a profile within its bounds: run.sh <folder> <profile> <seconds>. What k6 says is in <folder>/k6.log; its cost,
# seconds of the clock and of CPU by rusage, is printed. Ends with k6's exit code; after the time, k6 is told to end (105).
set -eu

folder=$1 profile=$2 seconds=$3
cd "$folder"
TIMEFORMAT="%3R %3U %3S"
time timeout --preserve-status --signal=INT --kill-after=30 "$seconds" \
  k6 run --quiet --no-usage-report --no-color --address= --summary-export=summary.json "$profile" >k6.log 2>&1
