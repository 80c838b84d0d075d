#!/bin/sh
# Ready: Postfix goes through a dialog from 220 to 221, all daemons live, Sympa answers a request, and where there is a
# web interface, an answer comes over TLS from where its wwsympa_url leads. Whether certificate and page are the right
# ones is for the scenarios to claim.
# That request (`ping`) goes to the listmaster process, which asks the database for the lists through Sympa's own
# modules, configuration and account. A command by mail would be the same code after the 5 s of a spool scan,
# and the command line costs 0.7 s of CPU at each call.
set -eu

/processes.sh > /dev/null
answer=$(printf '{"action":"ping"}\n' | listmaster)
case "$answer" in *'"ok":true'*) ;; *) echo "Sympa does not answer: $answer" >&2; exit 1 ;; esac
perl -MIO::Socket::INET -e '
  my $address = `hostname --ip-address` =~ s/\s.*//sr;
  my $smtp = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 25, Timeout => 5) or die "port 25: $!\n";
  for my $turn (["", 220], ["EHLO ready.lab.test", 250], ["QUIT", 221]) {
    print $smtp "$turn->[0]\r\n" if $turn->[0];
    my $line;
    do { $line = <$smtp> // "" } while $line =~ /^\d+-/;
    die "expected $turn->[1], got $line" unless $line =~ /^$turn->[1] /;
  }'

[ -e /recette/web ] || exit 0
exec perl -MIO::Socket::SSL -ne '
  next unless m{^\s*wwsympa_url\s+https://([^/\s]+)(/\S*)};
  my $web = IO::Socket::SSL->new(PeerAddr => "127.0.0.1", PeerPort => 443, Timeout => 5, SSL_hostname => $1,
    SSL_verify_mode => 0) or die "443: $! $SSL_ERROR\n";
  print $web "GET $2 HTTP/1.0\r\nHost: $1\r\nUser-Agent: ready.sh\r\n\r\n";
  my $answer = <$web> // "";
  die "https://$1$2: $answer\n" unless $answer =~ m{^HTTP/1.1 [1-4]};
  exit 0' /etc/sympa/sympa/sympa.conf
