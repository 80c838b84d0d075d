#!/bin/sh
# Ends with 0 once redis answers PING and rspamd answers the option negotiation of a milter (as Postfix asks it).
set -eu

exec perl -MIO::Socket::INET -e '
  alarm 5;
  sub server {
    my ($address) = @_;
    return IO::Socket::INET->new(PeerAddr => $address, Timeout => 5) // die "$address: $!\n";
  }
  my $redis = server("127.0.0.1:6379");
  print $redis "PING\r\n";
  my $pong = <$redis> // die "redis: closed\n";
  $pong =~ /^\+PONG/ or die "redis: $pong";
  my $milter = server("127.0.0.1:11332");
  print $milter pack("N a N N N", 13, "O", 6, 0x1ff, 0x1fffff);
  my $read = read($milter, my $answer, 5);
  my ($length, $code) = $read == 5 ? unpack("N a", $answer) : die "milter: closed\n";
  $code eq "O" or die "milter: answered $code\n";
'
