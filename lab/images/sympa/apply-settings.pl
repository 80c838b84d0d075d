#!/usr/bin/perl
# apply-settings.pl FILE SET UNSET: lays a release's `set` and `unset` over Sympa's flat configuration FILE.
# SET holds `name value` lines, UNSET holds names. A name loses all its lines in FILE; a set one gets a new one.
# Names that begin with `postfix/` are parameters of the local Postfix and go through postconf.
use strict;
use warnings;

my ($file, $set_file, $unset_file) = @ARGV;
my %value_of = map { my ($name, $value) = split / /, $_, 2; ($name => $value // '') } lines_of($set_file);
my @unset    = lines_of($unset_file);

for my $name (grep { m{^postfix/} } @unset) {
    run('postconf', '-X', substr $name, length 'postfix/');
}
for my $name (grep { m{^postfix/} } sort keys %value_of) {
    run('postconf', '-e', substr($name, length 'postfix/') . '=' . delete $value_of{$name});
}

my %changed = map { $_ => 1 } keys %value_of, @unset;
my @kept = grep { !(/^\s*([\w.]+)(?:\s|$)/ && $changed{$1}) } lines_of($file);
open my $out, '>', $file or die "apply-settings.pl: $file cannot be written: $!\n";
print $out "$_\n" for @kept, map { "$_ $value_of{$_}" } sort keys %value_of;
close $out or die "apply-settings.pl: $file cannot be written: $!\n";

sub lines_of {
    my ($path) = @_;
    return () unless -e $path;
    open my $in, '<', $path or die "apply-settings.pl: $path cannot be read: $!\n";
    chomp(my @lines = <$in>);
    return $path eq $file ? @lines : grep { length } @lines;
}

sub run {
    system(@_) == 0 or die "apply-settings.pl: @_ failed; see whether Postfix knows that parameter\n";
}
