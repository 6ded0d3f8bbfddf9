# SPDX-License-Identifier: PostgreSQL
# Locks that the application does not feel: who reads goes on reading while a migration waits for its lock, which it gets
# in the end, also from an autovacuum; whoever is in the way is named; and force ends who has been there for long.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('locks', 'fsync = off', 'autovacuum_naptime = 1s', 'autovacuum_vacuum_cost_limit = 1', 'autovacuum_vacuum_cost_delay = 100ms',
	'pgmigrate.autovacuum_yield = 0', 'log_autovacuum_min_duration = 0');
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, v integer) WITH (autovacuum_enabled = off);
	INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g));
my $migration = alter_column('t', 'v', type => '"bigint"', up => '"v"', down => '"v"');

sub reader
{
	my $session = $node->background_psql('postgres');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	chomp $pid;
	$session->query_safe('BEGIN; SELECT count(*) FROM t');
	return ($session, $pid);
}

# Giving up tells who, for how long, and with what.
my ($reader, $pid) = reader();
my ($code, $out, $errors) = $node->psql('postgres', "SET pgmigrate.lock_deadline = '1s'; SELECT migrate_start('a', $migration)", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($errors, qr/ERROR:  55P03: could not lock table public\.t within/, 'gives up with 55P03');
like($errors, qr/DETAIL:  Process $pid of \S+ .*its transaction is \S+ old and idle in transaction\. Its query: .*SELECT count\(\*\) FROM t/s, 'names process, age and query');
like($errors, qr/HINT:  .*pg_terminate_backend\($pid\).*pgmigrate\.lock_deadline/s, 'and what to do');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname LIKE '\\_pgmigrate%'"), 0, 'nothing is left behind');

# While it waits for the same reader, others read: none of them waits for two seconds, ten attempts or so behind ours.
my $starter = $node->background_psql('postgres');
$starter->query_until(qr/begun/, "\\echo begun\nSELECT migrate_start('a', $migration);\n");
my $refused = 0;
for (1 .. 20)
{
	$refused++ if $node->psql('postgres', "SET lock_timeout = '2s'; SELECT count(*) FROM t; SELECT pg_sleep(0.1)") != 0;
}
is($refused, 0, 'readers are not held up while a start waits for a long reader');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pgmigrate.migration'), 0, 'it waits still');
$reader->query_safe('COMMIT');
ok($node->poll_query_until('postgres', "SELECT state = 'ready' FROM migrate_status('public')"), 'the same call gets its lock when the reader has gone');
$starter->quit;

# Who is younger than the limit is spared, even by force.
$reader->query_safe('BEGIN; SELECT count(*) FROM t');
($code, $out, $errors) = $node->psql('postgres', "SET pgmigrate.lock_deadline = '1s'; SELECT migrate_rollback(force => true)");
like($errors, qr/could not lock table public\.t/, 'force: gives up on a young transaction');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid AND state = 'idle in transaction'"), 1, 'force: which is left alone');

# Who is older is ended: an idle one by its session, a running statement by being cancelled.
my $sleeper = $node->background_psql('postgres', on_error_stop => 0);
my $sleeping = $sleeper->query_safe('SELECT pg_backend_pid()');
chomp $sleeping;
$sleeper->query_until(qr/begun/, "\\echo begun\nSELECT pg_sleep(600) FROM t LIMIT 1;\n");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = $sleeping AND wait_event = 'PgSleep'");
($code, $out, $errors) = $node->psql('postgres', 'SET pgmigrate.force_blocker_age = 0; SELECT migrate_rollback(force => true)');
is($code, 0, 'force: rolled back') or diag($errors);
like($errors, qr/WARNING:  cancelled process $sleeping,/, 'force: a running statement is cancelled');
like($errors, qr/WARNING:  terminated process $pid,/, 'force: an idle session is terminated');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid"), 0, 'force: it is gone');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $sleeping"), 1, 'force: a cancelled session lives on');
eval { $sleeper->quit };
eval { $reader->quit };

# An autovacuum, slow enough to be met.
$node->safe_psql('postgres', q(
	CREATE TABLE big (id integer PRIMARY KEY, v integer) WITH (autovacuum_enabled = off);
	INSERT INTO big SELECT g, g FROM generate_series(1, 100000) g;
	UPDATE big SET v = v + 1;
	ALTER TABLE big SET (autovacuum_enabled = on, autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)));
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_progress_vacuum WHERE relid = 'big'::regclass"), 'autovacuum: it is there');
$node->safe_psql('postgres', "SELECT migrate_start('b', " . alter_column('big', 'v', type => '"bigint"', up => '"v"', down => '"v"') . ')');
ok(wait_for_state($node, 'ready'), 'autovacuum: the migration is started and fills beside it');
like(slurp_file($node->logfile), qr/ERROR:  canceling autovacuum task/, 'autovacuum: it was cancelled');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

done_testing();
