# Looks at the node that it runs in, from inside, and prints one line of JSON a look; ends with its standard input.
# Arguments: milliseconds between looks, the most of a core that it may take (percent), 1 where it looks at the machine too,
# then `queue <name> <depth> <folder>` and `folder <folder>` as often as wanted. Needs nothing but perl-base.
use strict;
use warnings;

my ($every_ms, $percent_max, $of_machine, @wanted) = @ARGV;
my (@queues, @folders);
while (@wanted) {
    if (shift @wanted eq 'queue') { push @queues, [splice @wanted, 0, 3] }
    else { push @folders, shift @wanted }
}
# Processes, descriptors and folders are dearer than the rest, and change less.
my ($wide_every_s, $folders_every_s) = (5, 15);
my $cgroup = '/sys/fs/cgroup';
my $is_unified = -e "$cgroup/cgroup.controllers";
$| = 1;

# Time of the system's clock at the start, carried on by /proc/uptime (hundredths of a second).
my $epoch_us = `date +%s%6N` - uptime() * 1e6;
my ($wide_at, $folders_at, $cost_before) = (0, 0, cost_ns());
my %burnt;
while (1) {
    my $now = uptime();
    my @facts = (sprintf('"atUs":%.0f', $epoch_us + $now * 1e6), resources());
    push @facts, '"queues":{' . join(',', map { qq("$_->[0]":) . entries($_->[2], $_->[1]) } @queues) . '}' if @queues;
    push @facts, machine() if $of_machine;
    if ($now - $wide_at >= $wide_every_s) {
        push @facts, processes($wide_at ? $now - $wide_at : 0);
        $wide_at = $now;
    }
    if (@folders && $now - $folders_at >= $folders_every_s) {
        my ($kib) = grep { /total/ } `du -sck @folders 2>/dev/null`;
        push @facts, '"diskBytes":' . 1024 * $1 if ($kib // '') =~ /^(\d+)/;
        $folders_at = $now;
    }
    my $cost = cost_ns();
    print '{', join(',', @facts, qq("selfNs":$cost)), "}\n" or last;
    # The dearer a look was, the longer until the next: the share that it may take holds by construction.
    my $earned_s = ($cost - $cost_before) / 1e9 / $percent_max * 100;
    $cost_before = $cost;
    my $rest_s = ($earned_s > $every_ms / 1000 ? $earned_s : $every_ms / 1000) - (uptime() - $now);
    my $ready = '';
    vec($ready, fileno(STDIN), 1) = 1;
    last if select($ready, undef, undef, $rest_s > 0 ? $rest_s : 0);
}

sub resources {
    my $cpu_ns = $is_unified ? 1000 * number("$cgroup/cpu.stat", qr/^usage_usec (\d+)/m) : number("$cgroup/cpuacct/cpuacct.usage", qr/(\d+)/);
    my $throttled_ns = $is_unified ? 1000 * number("$cgroup/cpu.stat", qr/^throttled_usec (\d+)/m) : number("$cgroup/cpu/cpu.stat", qr/^throttled_time (\d+)/m);
    my $memory = $is_unified ? $cgroup : "$cgroup/memory";
    my $used = number($is_unified ? "$memory/memory.current" : "$memory/memory.usage_in_bytes", qr/(\d+)/);
    # What the kernel would give back without a word is no use of memory.
    my $spare = number("$memory/memory.stat", $is_unified ? qr/^inactive_file (\d+)/m : qr/^total_inactive_file (\d+)/m);
    return (qq("cpuNs":$cpu_ns), qq("throttledNs":$throttled_ns), '"memoryBytes":' . ($used > $spare ? $used - $spare : 0));
}

# Files below a folder: in it, or so many folders deeper. A folder of one letter is one of Postfix's, at any depth.
sub entries {
    my ($folder, $depth) = @_;
    opendir my $handle, $folder or return 0;
    my $count = 0;
    for (readdir $handle) {
        next if /^\./ or $_ eq 'bad' or /,lock/;
        if (length == 1) { $count += entries("$folder/$_", 0) }
        elsif ($depth > 0) { $count += entries("$folder/$_", $depth - 1) }
        else { $count += 1 }
    }
    return $count;
}

# The whole machine's: busy, idle and waiting for a disk, and how long somebody waited for what (PSI, in microseconds).
sub machine {
    my $stat = text('/proc/stat', 65_536);
    my (undef, $user, $nice, $system, $idle, $disk, $irq, $soft, $stolen) = split ' ', ($stat =~ /^(cpu .*)$/m)[0];
    my $cores = () = $stat =~ /^cpu\d/mg;
    my @waits = map {
        my $text = text("/proc/pressure/$_");
        $text =~ /^some .*total=(\d+)/m ? qq("$_":$1) : ()
    } qw(cpu io memory);
    return sprintf '"machine":{"cores":%d,"busyTicks":%d,"idleTicks":%d,"diskTicks":%d,"stolenTicks":%d,"waitsUs":{%s}}',
        $cores, $user + $nice + $system + $irq + $soft, $idle, $disk, $stolen, join ',', @waits;
}

# Programs of the node: how many processes, how many of them run or wait for a disk, and processor time of the busiest one.
sub processes {
    my ($seconds) = @_;
    my ($descriptors, %program, %seen) = (0);
    opendir my $handle, '/proc' or return ();
    for my $pid (grep { /^\d+$/ && $_ != $$ } readdir $handle) {
        my ($name, $state, $ticks) = text("/proc/$pid/stat") =~ /^\d+ \((.*)\) (\S)(?: \S+){10} (\d+ \d+)/s or next;
        my ($user, $system) = split ' ', $ticks;
        $name =~ s/[^\w.+:\/ -]/?/g;
        my $one = $program{$name} //= { processes => 0, running => 0, disk => 0, busiest => 0 };
        $one->{processes} += 1;
        $one->{running} += 1 if $state eq 'R';
        $one->{disk} += 1 if $state eq 'D';
        $seen{$pid} = $user + $system;
        my $percent = $seconds && defined $burnt{$pid} ? ($seen{$pid} - $burnt{$pid}) / $seconds : 0;
        $one->{busiest} = $percent if $percent > $one->{busiest};
        $descriptors += open_files("/proc/$pid/fd");
    }
    %burnt = %seen;
    my @programs = map {
        my $one = $program{$_};
        sprintf '"%s":[%d,%d,%d,%.0f]', $_, @$one{qw(processes running disk busiest)}
    } sort keys %program;
    return (qq("descriptors":$descriptors), '"programs":{' . join(',', @programs) . '}');
}

# Kernels from 6.2 on say it as the folder's size.
sub open_files {
    my ($folder) = @_;
    my $size = (stat $folder)[7];
    return $size if $size;
    opendir my $handle, $folder or return 0;
    my $entries = () = readdir $handle;
    return $entries > 2 ? $entries - 2 : 0;
}

# Its own processor time and that of what it has started, by the scheduler, else by the clock's ticks.
sub cost_ns {
    my (undef, undef, $user, $system) = times;
    my $children_ns = int(1e9 * ($user + $system));
    return $1 + $children_ns if text('/proc/self/schedstat') =~ /^(\d+)/;
    my @own = times;
    return int(1e9 * ($own[0] + $own[1])) + $children_ns;
}

sub uptime { return (split ' ', text('/proc/uptime'))[0] }

sub number {
    my ($file, $pattern) = @_;
    return text($file) =~ $pattern ? $1 : 0;
}

sub text {
    my ($file, $bytes_max) = @_;
    open my $handle, '<', $file or return '';
    sysread $handle, my $text, $bytes_max // 4_096;
    return $text // '';
}
__END__
