# SPDX-License-Identifier: PostgreSQL
# A fill waits when the server suffers, says for what, and goes on by itself: signals one after the other, set and taken
# back while it runs; and a standby that replays slowly is not driven beyond its limit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Select;
use IO::Socket::UNIX;
use Migrations;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $rows = 100_000;
my $node = new_node('pressure', 'fsync = off', 'autovacuum = off', 'wal_level = replica', 'max_wal_senders = 5');
$node->safe_psql('postgres', 'CREATE ROLE mover; GRANT CREATE ON DATABASE postgres TO mover; GRANT CREATE ON SCHEMA public TO mover');

sub set
{
	my ($name, $value) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET pgmigrate.$name = '$value'");
	$node->reload;
	return;
}

sub reset_all
{
	$node->safe_psql('postgres', 'ALTER SYSTEM RESET ALL');
	$node->reload;
	return;
}

sub make_table
{
	my ($count) = @_;
	$node->safe_psql('postgres', qq(
		SET client_min_messages = warning;
		SET ROLE mover;
		CREATE TABLE t (id integer PRIMARY KEY, v integer, filler text DEFAULT repeat('x', 50));
		INSERT INTO t (id, v) SELECT g, g % 1000 FROM generate_series(1, $count) g;));
	return;
}

sub migrate
{
	my ($name) = @_;
	$node->safe_psql('postgres', "SET ROLE mover; SELECT migrate_start('$name', "
		  . alter_column('t', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"') . ')');
	return;
}

sub start
{
	my ($name) = @_;
	make_table($rows);
	migrate($name);
	return;
}

sub waits_for
{
	my ($pattern, $title) = @_;
	$pattern =~ s/'/''/g;
	my $seen = $node->poll_query_until('postgres',
		"SELECT waiting_for ~ '$pattern' AND waiting_since <= clock_timestamp() FROM migrate_status('public')");
	ok($seen, $title) or diag($node->safe_psql('postgres', "SELECT state, waiting_for, pressure FROM migrate_status('public')"));
	return;
}

sub ends_right
{
	my ($name, $count) = @_;
	$count //= $rows;
	ok(wait_for_state($node, 'ready'), "$name: ready by itself");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE v IS DISTINCT FROM (id % 1000) * 10) || ' wrong of ' || count(*) FROM public_$name.t"),
		"0 wrong of $count", "$name: every row");
	$node->safe_psql('postgres', 'SELECT migrate_rollback(); DROP TABLE t');
	return;
}

# A query of the user's: whatever it does, the state is clear, and nothing is filled meanwhile.
set('pressure_query', 'SELECT 1');
start('query');
waits_for('^pressure query: pgmigrate.pressure_query gives 1,', 'query: at its limit');
my %wrong = (
	'SELECT NULL' => 'gives NULL',
	q(SELECT ''busy'') => 'gives no number but "busy"',
	q(SELECT ''nan''::float8) => 'gives no number',
	'SELECT 1/0' => 'failed: division by zero',
	'SELECT g FROM generate_series(1, 3) g' => 'gives 3 rows',
	'SELECT pg_sleep(600)' => 'failed: canceling statement due to statement timeout',
	'CREATE TABLE left_over ()' => 'failed: cannot execute CREATE TABLE in a read-only transaction',
	'SELECT count(*) FROM pg_authid' => 'failed: permission denied',
	'COMMIT' => 'failed: ',
);
for my $query (sort keys %wrong)
{
	set('pressure_query', $query);
	waits_for("^pressure query: pgmigrate.pressure_query $wrong{$query}", "query: $query");
}
is($node->safe_psql('postgres', "SELECT state FROM pgmigrate.pressure WHERE signal = 'pressure query'"), 'stale', 'query: told as stale');
set('pressure_query', q(SELECT CASE current_user WHEN ''mover'' THEN 3 ELSE 4 END));
waits_for('^pressure query: pgmigrate.pressure_query gives 3,', 'query: runs as who has started the migration');
is($node->safe_psql('postgres', "SELECT state, rows_done FROM migrate_status('public')"), 'filling|0', 'query: nothing is filled meanwhile');

# Limits of other signals, one after the other, without letting it go in between.
$node->safe_psql('postgres', q(SELECT pg_create_physical_replication_slot('forgotten', true)));
set('max_slot_wal', '0');
set('pressure_query', 'SELECT 0');
waits_for('^slot WAL: replication slot forgotten keeps ', 'slot: named');
set('standbys', 'nobody');
set('max_slot_wal', '-1');
waits_for('^replay lag: standby nobody is not connected', 'standby: a missing one is named');
set('min_free_disk', '1000 TB');
set('standbys', '');
waits_for('^disk space: .* are free on the file system of ', 'disk: too little');
set('max_active_sessions', '0');
set('min_free_disk', '0');
waits_for('^active sessions: ', 'sessions: a limit of zero stops');

$node->safe_psql('postgres', 'SELECT migrate_pause()');
waits_for('^migrate_resume', 'pause');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
waits_for('^active sessions: ', 'resumed, and waits for the same');

my $holder = $node->background_psql('postgres');
my $pid = $holder->query_safe('SELECT pg_backend_pid()');
chomp $pid;
$holder->query_safe('BEGIN; LOCK TABLE t IN EXCLUSIVE MODE');
reset_all();
waits_for("^lock on (public\\.)?t: process $pid\$", 'lock: table and holder');
$holder->query_safe('COMMIT');
$holder->quit;
ok(wait_for_state($node, 'ready'), 'all limits lifted: ready');
is($node->safe_psql('postgres', 'SELECT string_agg(signal, $$, $$ ORDER BY signal) FROM pgmigrate.pressure WHERE seconds_lost > 0'),
	'active sessions, disk space, pressure query, replay lag, slot WAL', 'what each signal has cost is kept');
ends_right('query');

# A rate, lifted while it fills.
set('fill_rate_limit', '800kB');
my $begun = time();
start('rate');
ok($node->poll_query_until('postgres', "SELECT rows_done > $rows / 4 FROM migrate_status('public')"), 'rate: a quarter is filled');
cmp_ok(time() - $begun, '>', 1.5, 'rate: not faster than allowed');
reset_all();
ends_right('rate');

my $line;    # process of the slow line
END { kill 'TERM', $line if $line; }

# A connection through which a standby gets 1 MB per second, smoothly.
sub start_slow_line
{
	my ($folder) = @_;
	my $name = '/.s.PGSQL.' . $node->port;
	my $listener = IO::Socket::UNIX->new(Local => $folder . $name, Listen => 5) or die "listen: $!";
	my $child = fork() // die "fork: $!";
	return $child if $child;
	local $SIG{TERM} = 'DEFAULT';    # the module's handler would stop our server
	local $SIG{ALRM} = 'DEFAULT';
	alarm 300;    # whatever becomes of the test
	while (my $client = $listener->accept)
	{
		next if fork();
		alarm 300;
		my $server = IO::Socket::UNIX->new(Peer => $node->host . $name) or POSIX::_exit(1);
		my $both = IO::Select->new($client, $server);
		while (1)
		{
			for my $from ($both->can_read)
			{
				my $size = sysread($from, my $data, 16_384);
				POSIX::_exit(0) unless $size;
				my $to = $from == $client ? $server : $client;
				for (my $sent = 0; $sent < $size;) { $sent += syswrite($to, $data, $size - $sent, $sent) // POSIX::_exit(0); }
				usleep(int($size * 1_000_000 / 1_048_576)) if $from == $server;
			}
		}
	}
	POSIX::_exit(0);
}

# A standby that is slow. An unhindered fill would leave it ten seconds behind and more.
{
	my ($limit, $fewer) = (3, 70_000);
	make_table($fewer);
	$node->backup('base');
	my $standby = PostgreSQL::Test::Cluster->new('slow');
	$standby->init_from_backup($node, 'base', has_streaming => 1);
	my $folder = PostgreSQL::Test::Utils::tempdir_short();
	$line = start_slow_line($folder);
	$standby->append_conf('postgresql.conf', "primary_conninfo = 'host=$folder port=" . $node->port . " application_name=slow'");
	$standby->start;
	$node->wait_for_catchup('slow', 'replay', $node->lsn('insert'));
	set('max_replay_lag', "${limit}s");
	migrate('lag');
	my ($worst, @written) = (0);
	my $end = time() + 150;
	my $all;    # where WAL was when the migration was ready: a fill that is ahead of the standby shows until there
	while (time() < $end)
	{
		my ($state, $position, $replayed) = split(/\|/, $node->safe_psql('postgres', q(
			SELECT (SELECT state FROM migrate_status('public')), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), pg_wal_lsn_diff(replay_lsn, '0/0')
			  FROM pg_stat_replication)));
		my $now = time();
		push @written, [ $now, $position ];
		shift @written while @written > 1 && $written[1][1] <= $replayed;
		my $lag = $replayed >= $position ? 0 : $now - $written[0][0];
		$worst = $lag if $lag > $worst;
		$all //= $position if $state eq 'ready';
		last if defined $all && $replayed >= $all;
		usleep(50_000);
	}
	note("worst lag $worst s");
	cmp_ok($worst, '<', $limit + 3, 'lag: the standby is not driven beyond the limit, but for what a slow machine adds');
	reset_all();
	ends_right('lag', $fewer);
	$standby->stop;
	kill 'TERM', $line;
	waitpid $line, 0;
	undef $line;
}

done_testing();
