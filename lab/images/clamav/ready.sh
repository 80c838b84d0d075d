#!/bin/sh
# Ends with 0 once clamd answers PING on the port of its configuration.
set -eu

port="$(sed -n 's/^[[:space:]]*TCPSocket[[:space:]]\{1,\}//p' /etc/clamav/clamd.conf | tail -n 1)"
[ -n "$port" ] || { echo "clamav: clamd.conf has no TCPSocket; rspamd asks it over TCP" >&2; exit 1; }

exec perl -MIO::Socket::INET -e '
  alarm 5;
  my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Timeout => 5) or die "port $ARGV[0]: $!\n";
  print $server "zPING\0";
  my $answer = <$server> // die "port $ARGV[0]: closed\n";
  $answer =~ /^PONG/ or die "port $ARGV[0]: $answer\n";
' "$port"
