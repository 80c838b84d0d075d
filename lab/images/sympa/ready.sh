#!/bin/sh
# Ready: Postfix goes through a dialog from 220 to 221, all daemons live, and Sympa answers a request.
# That request (`ping`) goes to the listmaster process, which asks the database for the lists through Sympa's own
# modules, configuration and account. A command by mail would be the same code after the 5 s of a spool scan,
# and the command line costs 0.7 s of CPU at each call.
set -eu

/processes.sh > /dev/null
answer=$(printf '{"action":"ping"}\n' | listmaster)
case "$answer" in *'"ok":true'*) ;; *) echo "Sympa does not answer: $answer" >&2; exit 1 ;; esac
exec perl -MIO::Socket::INET -e '
  my $address = `hostname --ip-address` =~ s/\s.*//sr;
  my $smtp = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 25, Timeout => 5) or die "port 25: $!\n";
  for my $turn (["", 220], ["EHLO ready.lab.test", 250], ["QUIT", 221]) {
    print $smtp "$turn->[0]\r\n" if $turn->[0];
    my $line;
    do { $line = <$smtp> // "" } while $line =~ /^\d+-/;
    die "expected $turn->[1], got $line" unless $line =~ /^$turn->[1] /;
  }'
