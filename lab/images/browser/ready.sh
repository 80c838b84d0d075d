#!/bin/sh
# Ends with 0 once Chromium answers on CDP, where the gateway asks it.
set -eu

exec perl -MIO::Socket::INET -e '
  my $address = `hostname --ip-address` =~ s/\s.*//sr;
  my $cdp = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 9222, Timeout => 5) or die "port 9222: $!\n";
  alarm 5;
  print $cdp "GET /json/version HTTP/1.1\r\nHost: $address:9222\r\nConnection: close\r\n\r\n";
  # It keeps the connection open, whatever it is asked.
  my $answer = "";
  while (my $line = <$cdp>) {
    exit 0 if $line =~ /webSocketDebuggerUrl/;
    $answer .= $line;
  }
  die "CDP: $answer\n"'
