#!/bin/sh
# Ends with 0 once Postfix holds an SMTP dialog, 220 to 221, on port 25 and, where master.cf has it, on 587.
set -eu

ports=25
[ -z "$(postconf -M submission/inet 2>/dev/null)" ] || ports="25 587"

# shellcheck disable=SC2086 # one argument a port
exec perl -MIO::Socket::INET -e '
  for my $port (@ARGV) {
    my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 5)
      or die "port $port: $!\n";
    alarm 5;
    my $say = sub {
      my ($expected, $line) = @_;
      print $server "$line\r\n" if $line;
      my $reply;
      do { $reply = <$server> // die "port $port: closed\n" } while $reply =~ /^\d{3}-/;
      $reply =~ /^$expected / or die "port $port: $reply";
    };
    $say->(220); $say->(250, "EHLO ready.lab.test"); $say->(221, "QUIT");
  }' $ports
