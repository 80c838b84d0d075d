#!/usr/bin/perl
# The listmaster of this node: does what `sympa create`, `close`, `add` and `include` and Sympa's daily tasks do, with
# Sympa's own request handlers, configuration and rights, but loads Sympa's modules once for all requests.
# One request is one line of JSON on a Unix socket, served by a process of its own, so that nothing that Sympa
# keeps in memory passes from one request to the next, and a long include holds up nobody.
use lib '/usr/share/sympa/lib';
use strict;
use warnings;
use Fcntl qw(LOCK_EX);
use File::Find qw(finddepth);
use File::Path qw(remove_tree);
use IO::Socket::UNIX;
use JSON::PP;
use POSIX qw(_exit);
use Time::HiRes qw(sleep time);

use Conf;
use Sympa;
use Sympa::Aliases::Template;
use Sympa::CLI;
use Sympa::DatabaseManager;
use Sympa::List;
use Sympa::Log;
use Sympa::Spindle::ProcessRequest;
# Loaded here, before the forks, instead of at the first request that needs them.
use Sympa::Config_XML;
use Sympa::Request::Handler::add;
use Sympa::Request::Handler::close_list;
use Sympa::Request::Handler::create_list;
use Sympa::Request::Handler::include;
use Sympa::Request::Handler::open_list;
use Sympa::Spindle::ProcessTask;
use Sympa::DataSource::SQL;
use Sympa::Template;
use Sympa::User;
use Template::Parser;
use Template::Stash::XS;

use constant {
    SOCKET   => '/run/sympa/listmaster.sock',
    CREATING => '/run/sympa/listmaster.creating',
};
my %action = (
    ping => \&ping, create => \&create, approve => \&approve, close => \&close_list, purge => \&purge, add => \&add,
    include => \&include, password => \&set_password, judge_bouncers => \&judge_bouncers, purge_spools => \&purge_spools,
);

Sympa::CLI->arrange;
quicken_alias_map();
quicken_parameters();
# A handle must not be shared by forked processes; each makes its own.
Sympa::DatabaseManager->disconnect;
unlink SOCKET;
my $desk = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => SOCKET, Listen => 64)
    or die 'listmaster: ' . SOCKET . ": $!\n";
$SIG{CHLD} = 'IGNORE';

while (1) {
    my $caller = $desk->accept or next;
    my $pid = fork;
    if (defined $pid and not $pid) {
        $SIG{CHLD} = 'DEFAULT';
        serve($caller);
        _exit(0);
    }
    close $caller;
}

sub serve {
    my ($caller) = @_;
    my $answer = eval {
        my $request = JSON::PP->new->utf8->decode(scalar <$caller>);
        my $do = $action{ $request->{action} // '' }
            or die "unknown action; one of " . join(', ', sort keys %action) . "\n";
        my $started = time;
        +{ ok => JSON::PP::true, %{ $do->($request) }, seconds => time - $started };
    } // { ok => JSON::PP::false, error => "$@" };
    print $caller JSON::PP->new->utf8->canonical->encode($answer), "\n";
    close $caller;
}

sub ping {
    my $statement = Sympa::DatabaseManager->instance->do_query('SELECT COUNT(*) FROM list_table');
    return { lists => $statement->fetchrow_array };
}

# `list`: what a list template takes (listname, type, subject, topics, owner, editor and its own variables). `pending`:
# it waits for a listmaster's approval, as one does that somebody has asked for on the web.
sub create {
    my ($request) = @_;
    # Of two requests that add the same new owner at once, Sympa gives one the database's refusal of a second row.
    open my $turn, '>', CREATING or die CREATING . ": $!\n";
    flock $turn, LOCK_EX or die CREATING . ": $!\n";
    my $domain = $request->{domain} // $Conf::Conf{domain};
    my %list   = map { ref $_ ? $_ : bytes($_) } %{ $request->{list} };
    for my $person (map { @{ $list{$_} // [] } } qw(owner editor)) {
        $_ = bytes($_) for values %$person;
    }
    perform($domain, create_list => (parameters => \%list, pending => $request->{pending}));
    return { address => "$list{listname}\@$domain" };
}

sub approve {
    my ($request) = @_;
    my $list = list_of($request);
    perform($list->{domain}, open_list => (current_list => $list, mode => 'install'));
    return {};
}

sub close_list {
    my ($request) = @_;
    my $list = list_of($request);
    perform($list->{domain}, close_list => (current_list => [$list], mode => 'close'));
    return {};
}

# As `sympa close --mode=purge`, for the lists whose names end as asked; before, what lies in Sympa's spools for them,
# which Sympa leaves there.
sub purge {
    my ($request) = @_;
    my $ending = qr/$request->{ending}/;
    my @lists  = grep { $_->{name} =~ /$ending\z/ } @{ Sympa::List::get_lists('*') // die "Sympa does not know its lists\n" };
    finddepth(sub { remove_tree($_) if /$ending(?:-\w+)?\@/ }, Sympa::Constants::SPOOLDIR());
    perform($_->{domain}, close_list => (current_list => [$_], mode => 'purge')) for @lists;
    return { purged => scalar @lists };
}

# As `sympa add --quiet`: no scenario is asked, nobody gets a welcome.
sub add {
    my ($request) = @_;
    my @people = @{ $request->{people} };
    perform(list_of($request), add => (
        role => 'member', quiet => 1,
        email => [map { $_->{address} } @people],
        gecos => [map { bytes($_->{name}) } @people],
    ));
    return {};
}

# As the form of the web interface where somebody chooses a password.
sub set_password {
    my ($request) = @_;
    my %user = (email => $request->{address}, password => $request->{password});
    my $done = Sympa::User::is_global_user($user{email})
        ? Sympa::User::update_global_user($user{email}, { password => $user{password} })
        : Sympa::User::add_global_user({%user});
    $done or die "Sympa did not keep a password of $user{email}\n";
    return {};
}

# Sympa stamps a row when it writes it, which may be a second after the include that it belongs to began.
sub last_stamp {
    my ($list) = @_;
    my $rows = Sympa::DatabaseManager->instance->do_prepared_query(
        'SELECT MAX(inclusion_subscriber) FROM subscriber_table WHERE list_subscriber = ? AND robot_subscriber = ?',
        $list->{name}, $list->{domain},
    ) or die "Sympa's database does not answer\n";
    my ($stamp) = $rows->fetchrow_array;
    return $stamp // 0;
}

# Sympa tells rows of this include from those of the last one by the second, so two in one second take nobody off.
sub include {
    my ($request) = @_;
    my $list = list_of($request);
    my ($last) = sort { $b <=> $a } 0, last_stamp($list), read_file("$list->{dir}/member.include") =~ /^\w+\s+(\d+)/mg;
    sleep 0.02 while int(time) <= $last;
    my @notices = perform($list, include => (role => 'member'));
    die "Sympa left the include out: another one runs\n" if grep { $_->[0] eq 'include_skip' } @notices;
    return {
        included => [map { included($_->[1]) } grep { $_->[0] eq 'include' } @notices],
        failed => [map { $_->[1]{name} } grep { $_->[0] eq 'include_failed' } @notices],
    };
}

# What the daily tasks eval_bouncers and process_bouncers do for all lists.
sub judge_bouncers {
    Sympa::Spindle::ProcessTask::do_eval_bouncers() and Sympa::Spindle::ProcessTask::do_process_bouncers()
        or die "Sympa did not judge the bouncing members\n";
    return {};
}

# What the daily task purge_spools does for all lists.
sub purge_spools {
    Sympa::Spindle::ProcessTask::do_purge_spools() or die "Sympa did not purge its spools\n";
    return {};
}

# Sympa takes the rows that nobody renewed off after all sources, so a source's own count of deleted rows is always 0.
sub included {
    my ($report) = @_;
    return { name => $report->{name}, map { $_ => $report->{result}{$_} } qw(added updated kept) };
}

sub list_of {
    my ($request) = @_;
    my ($name, $domain) = split /@/, $request->{address} // '', 2;
    return Sympa::List->new($name, $domain // $Conf::Conf{domain}, { just_try => 1 })
        // die "there is no list $request->{address}\n";
}

# Runs one of Sympa's requests as the listmaster. Returns its notices; dies with Sympa's own reports unless all went well.
sub perform {
    my ($context, $name, %parameters) = @_;
    my $spindle = Sympa::Spindle::ProcessRequest->new(
        context => $context, action => $name, %parameters,
        sender => Sympa::get_address($context, 'listmaster'), scenario_context => { skip => 1 },
    ) or die "Sympa makes no request $name\n";
    my $done  = $spindle->spin;
    my @reports = map { my (undef, $kind, @report) = @$_; [$kind, grep { defined } @report] } @{ $spindle->{stash} || [] };
    my @wrong = map { in_words(@$_) } grep { $_->[0] ne 'notice' } @reports;
    die join('; ', "$name refused", @wrong) . "\n" if @wrong or not $done;
    return map { my (undef, @report) = @$_; [@report] } @reports;
}

sub in_words {
    return join ' ', map { ref ? JSON::PP->new->canonical->encode($_) : $_ } @_;
}

# After each change of the map Sympa starts sympa_newaliases.pl, which loads all of Sympa again (0.4 s of CPU)
# only to run postmap. With postmap as the release's aliases_program, it is run at once.
sub quicken_alias_map {
    return unless $Conf::Conf{aliases_program} eq 'postmap' and $Conf::Conf{aliases_wrapper} ne 'on';
    no warnings 'redefine';
    *Sympa::Aliases::Template::alias_wrapper = sub { '/usr/lib/recette/postmap-transport' };
}

# Sympa copies the definitions of all parameters of a list for each one that it writes down: six tenths of the time that it
# takes to make a list. Nothing changes them, so one copy serves.
sub quicken_parameters {
    my $copy = \&Sympa::Robot::list_params;
    my %definitions;
    no warnings 'redefine';
    *Sympa::Robot::list_params = sub { $definitions{ $_[0] } //= $copy->(@_) };
    Sympa::Robot::list_params($Conf::Conf{domain});
}

# Sympa works on bytes of UTF-8.
sub bytes {
    my ($text) = @_;
    utf8::encode($text) if defined $text;
    return $text;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}
