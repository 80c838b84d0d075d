#!/bin/bash
# A segment that waits (run.sh): "start.sh ready" ends with 0 once k6 is about to begin, and with 1 where it has ended before;
# "start.sh go" lets it begin. By k6's own interface, on the loopback of this node.
set -eu

ask() {
  exec 3<>/dev/tcp/127.0.0.1/6565
  printf '%s /v1/status HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#2}" "$2" >&3
  cat <&3
  exec 3<&-
}

case $1 in
ready)
  # 4: ExecutionStatusPausedBeforeRun. k6 listens some time after it has begun.
  for ((tries = 0; tries < 3000; tries++)); do
    if (ask GET '' | grep --quiet '"status":4,') 2>/dev/null; then exit 0; fi
    if ((tries > 100)) && ! pidof k6 >/dev/null; then exit 1; fi
    sleep 0.1
  done
  exit 1
  ;;
go) ask PATCH '{"data":{"type":"status","id":"default","attributes":{"paused":false}}}' | grep --quiet '"paused":false' ;;
esac
