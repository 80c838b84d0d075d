#!/usr/bin/perl
# Prints Sympa's settings in force for its mail domain, as one JSON object: files, database and defaults joined by
# Sympa's own modules. Secrets are left out.
use lib '/usr/share/sympa/lib';
use strict;
use warnings;
use JSON::PP;

use Conf;
use Sympa::DatabaseManager;

Conf::load() or die 'effective-settings.pl: ' . Conf::get_sympa_conf() . " has errors; see syslog\n";
my $domain = $Conf::Conf{domain};
my %setting;
for my $name (grep { !/passwd|cookie$|^robots$|^locale2charset$/ } keys %Conf::Conf) {
    my $value = Conf::get_robot_conf($domain, $name) // $Conf::Conf{$name};
    $value = join ',', @$value if ref $value eq 'ARRAY' and not grep { ref } @$value;
    $setting{$name} = "$value" if defined $value and not ref $value;
}
print JSON::PP->new->canonical->encode(\%setting), "\n";
