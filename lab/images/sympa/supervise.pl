#!/usr/bin/perl
# First process of the list node: starts syslog, Postfix, Sympa's daemons, the listmaster and the web interface, and
# watches them.
# Daemons that detach become children of this process, so the death of each is seen at once; it ends the node.
# Sympa's modules are compiled here once; each daemon is a fork that runs its own script as it is.
package Supervisor;
use lib '/usr/share/sympa/lib';
use strict;
use warnings;
use DBI;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG _exit setgid setuid);
use Time::HiRes qw(sleep time);

# Compiled before anything runs: both set signal handlers once all is compiled. Those are for the daemons, not for us.
use Sympa::Crash;
use Sympa::Process;

use constant {
    DATABASE_SECONDS_MAX => 30,
    START_SECONDS_MAX    => 30,
    STOP_SECONDS_MAX     => 6,
    # Debian's unit runs five; pages wait for the processor and not for each other.
    WEB_PROCESSES        => 3,
};
my @DAEMONS = qw(sympa_msg bulk archived bounced task_manager);
my %script_of = ((map { $_ => "/usr/lib/sympa/bin/$_.pl" } @DAEMONS), listmaster => '/usr/lib/recette/listmaster.pl',
    wwsympa => '/usr/lib/cgi-bin/sympa/wwsympa.fcgi');
# Where Debian's wwsympa.socket listens, and where a release's nginx.conf finds it.
my $WEB_SOCKET = '/run/sympa/wwsympa.socket';

$| = 1;
my %name_of;        # pid => name, of each process whose end ends the node
my $stopping = 0;
my $web_desk;       # the listening socket of wwsympa; none where the release brings no nginx.conf
my %web_started;    # pid => time, of each wwsympa
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };
$SIG{CHLD} = $SIG{PIPE} = $SIG{__DIE__} = 'DEFAULT';

my $syslogd = start_program(qw(busybox syslogd -n -O -));
await('the syslog socket', sub { -S '/dev/log' });
my %launcher = (start_program(qw(postfix start)) => 'postfix');
load_modules();
make_schema();
$launcher{ start_script($script_of{$_}) } = $_ for @DAEMONS;
my $listmaster = start_script($script_of{listmaster});
my $nginx = start_web() if -e '/recette/web';
await_launchers();
watch('syslogd', $syslogd);
watch('listmaster', $listmaster);
watch('postfix', pid_in('/var/spool/postfix/pid/master.pid'));
watch($_, pid_in("/run/sympa/$_.pid")) for @DAEMONS;
watch('nginx', $nginx) if $nginx;
watch("wwsympa-$_", $_) for sort keys %web_started;
write_processes();
supervise();

sub start_program {
    my @command = @_;
    my $pid = fork // die "supervise.pl: $command[0] cannot be started: $!\n";
    return $pid if $pid;
    $SIG{TERM} = $SIG{INT} = 'DEFAULT';
    exec { $command[0] } @command or do { print STDERR "supervise.pl: $command[0]: $!\n"; _exit(127) };
}

# What the scripts `use`, compiled before they are forked: 0.5 s of CPU once instead of six times.
sub load_modules {
    my %wanted = map { $_ => 1 } map { read_file($_) =~ /^use ([A-Z][\w:]+)/mg } values %script_of;
    eval "require $_" or print STDERR "supervise.pl: $_ was not compiled ahead: $@" for sort keys %wanted;
}

# Runs a script of Sympa as user sympa in a process of its own, as `perl SCRIPT` would. `$input` becomes its stdin.
sub start_script {
    my ($script, $input) = @_;
    my $pid = fork // die "supervise.pl: $script cannot be started: $!\n";
    return $pid if $pid;
    $SIG{TERM} = $SIG{INT} = 'DEFAULT';
    my (undef, undef, $uid, $gid) = getpwnam 'sympa';
    $( = $) = "$gid $gid";
    setgid($gid);
    setuid($uid);
    chdir '/var/lib/sympa';
    srand;
    Sympa::Process::register_handler();
    # wwsympa does so itself, after it has tried for a module that Debian does not bring.
    Sympa::Crash::register_handler() unless $input;
    open STDIN, '<&', $input if $input;
    $0 = $script;
    @ARGV = ();
    package main;
    do $script;
    print STDERR "$script: ", $@ || $! || 'came to its end', "\n";
    POSIX::_exit(70);
}

# The web interface: wwsympa takes FastCGI requests from the socket on its stdin, as Debian's unit hands it over.
sub start_web {
    unlink $WEB_SOCKET;
    $web_desk = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $WEB_SOCKET, Listen => 64)
        or fail("$WEB_SOCKET: $!");
    chmod 0660, $WEB_SOCKET;
    chown +(getpwnam 'www-data')[2, 3], $WEB_SOCKET;
    start_wwsympa() for 1 .. WEB_PROCESSES;
    return start_program('nginx', '-g', 'daemon off;');
}

sub start_wwsympa {
    my $pid = start_script($script_of{wwsympa}, $web_desk);
    $web_started{$pid} = time;
    return $pid;
}

# Sympa's tables, as `sympa check` of this version makes them; a database that has them is left alone.
sub make_schema {
    my $conf = read_file('/etc/sympa/sympa/sympa.conf');
    my %db = map { $_ => $conf =~ /^\s*db_$_\s+(\S+)/m ? $1 : '' } qw(host name user passwd port);
    my $source = "DBI:mysql:database=$db{name};host=$db{host}" . ($db{port} ? ";port=$db{port}" : '');
    my $dbh;
    await("database $db{name} on $db{host} as $db{user}", sub {
        $dbh = DBI->connect($source, @db{qw(user passwd)}, { PrintError => 0, RaiseError => 0 });
    }, DATABASE_SECONDS_MAX, sub { DBI->errstr });
    return if @{ $dbh->selectcol_arrayref("SHOW TABLES LIKE 'subscriber\\_table'") };
    $dbh->{RaiseError} = 1;
    $dbh->do($_) for grep { /\S/ } split /;\n/, read_file('/usr/share/recette/schema.sql');
    $dbh->disconnect;
}

# `postfix start` and Sympa's daemons end their first process once the real one runs.
sub await_launchers {
    my $deadline = time + START_SECONDS_MAX;
    while (%launcher) {
        my $pid = waitpid -1, WNOHANG;
        my $name = $pid > 0 ? delete $launcher{$pid} : undef;
        fail("$name did not start (status " . ($? >> 8) . ')') if $name and $?;
        fail('syslogd or the listmaster ended while the node started') if $pid == $syslogd or $pid == $listmaster;
        fail('not started after ' . START_SECONDS_MAX . ' s: ' . join ', ', values %launcher) if time > $deadline;
        stop(0) if $stopping;
        sleep 0.01 unless $pid > 0;
    }
}

sub pid_in {
    my ($file) = @_;
    my $pid;
    await("a process id in $file", sub { -e $file and ($pid) = read_file($file) =~ /(\d+)/ });
    return $pid;
}

sub watch {
    my ($name, $pid) = @_;
    fail("$name (pid $pid) is not alive") unless kill 0, $pid;
    $name_of{$pid} = $name;
}

# `name pid` lines for processes.sh, which ready.sh and the lab ask which of them live.
sub write_processes {
    open my $out, '>', '/run/recette/processes.new' or fail("/run/recette cannot be written: $!");
    print $out "$name_of{$_} $_\n" for sort keys %name_of;
    close $out;
    rename '/run/recette/processes.new', '/run/recette/processes';
}

sub supervise {
    while (1) {
        stop(0) if $stopping;
        my $pid = waitpid -1, WNOHANG;
        if ($pid > 0 and my $name = delete $name_of{$pid}) {
            my $how = $? & 127 ? 'signal ' . ($? & 127) : 'status ' . ($? >> 8);
            next if $name =~ /^wwsympa-/ and renew_wwsympa($pid, $how);
            fail("$name (pid $pid) ended with $how; the node ends with it");
        }
        sleep 0.1 unless $pid > 0;
    }
}

# A page that crashes takes its process with it, and a service manager starts the next one; so does this node.
# False where it lived too short a time: then it is wwsympa itself that does not start.
sub renew_wwsympa {
    my ($pid, $how) = @_;
    return 0 if time - delete $web_started{$pid} < 2;
    print STDERR "supervise.pl: wwsympa (pid $pid) ended with $how; another one is started\n";
    my $next = start_wwsympa();
    watch("wwsympa-$next", $next);
    write_processes();
    return 1;
}

sub await {
    my ($what, $probe, $seconds, $why) = @_;
    my $deadline = time + ($seconds // START_SECONDS_MAX);
    until ($probe->()) {
        stop(0) if $stopping;
        fail("still waiting for $what" . ($why ? ': ' . ($why->() // '') : '')) if time > $deadline;
        sleep 0.05;
    }
}

sub fail {
    my ($message) = @_;
    print STDERR "supervise.pl: $message\n";
    print STDERR read_file($_) for grep { -s } glob '/var/spool/sympa/tmp/*.stderr';
    stop(70);
}

# Postfix and Sympa are asked to end, so that no message is left half written, and are given a few seconds.
sub stop {
    my ($status) = @_;
    $stopping = 0;
    kill TERM => grep { $name_of{$_} ne 'syslogd' } keys %name_of;
    my $deadline = time + STOP_SECONDS_MAX;
    while (time < $deadline and grep { $name_of{$_} ne 'syslogd' } keys %name_of) {
        my $pid = waitpid -1, WNOHANG;
        $pid > 0 ? delete $name_of{$pid} : sleep 0.02;
    }
    sleep 0.05;
    kill TERM => $syslogd if $syslogd;
    exit $status;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}
