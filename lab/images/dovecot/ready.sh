#!/bin/sh
# Ends with 0 once Dovecot greets on IMAP and answers LMTP's LHLO.
set -eu

exec perl -MIO::Socket::INET -e '
  sub dialog {
    my ($port, $greeting, $line, $answer) = @_;
    my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 5)
      or die "port $port: $!\n";
    alarm 5;
    my $reply = <$server> // die "port $port: closed\n";
    $reply =~ $greeting or die "port $port: $reply";
    print $server "$line\r\n";
    while ($reply = <$server> // die "port $port: closed\n") {
      return if $reply =~ $answer;
      die "port $port: $reply" if $reply =~ /^(ready (NO|BAD)|[45])/;
    }
  }
  dialog(143, qr/^\* OK /, "ready LOGOUT", qr/^ready OK/);
  dialog(24, qr/^220 /, "LHLO ready.lab.test", qr/^250 /);
'
