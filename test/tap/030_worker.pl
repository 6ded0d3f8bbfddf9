# SPDX-License-Identifier: PostgreSQL
# pgroll #1000, #468 ("days of work lost with the client"): the worker goes on where it was: after being terminated,
# after kill -9, after a restart of the server with and without preload, after its table was rewritten, out of the
# middle of an index build; and what it cannot do it says.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use Test::More;

my $rows = 300_000;
# Slow enough to be caught in the middle: three seconds for the table.
my $node = new_node('worker', 'fsync = off', 'restart_after_crash = on', 'autovacuum = off', "pgmigrate.fill_rate_limit = '10MB'");
my $up = q('{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "bigint", "up": "v * 10", "down": "v / 10"}}]}');

sub fresh_table
{
	$node->safe_psql('postgres', qq(
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS t CASCADE;
		CREATE TABLE t (id integer PRIMARY KEY, v integer, filler text DEFAULT repeat('x', 50));
		INSERT INTO t SELECT g, g % 1000 FROM generate_series(1, $rows) g;));
	return;
}

sub start_and_see_progress
{
	my ($name) = @_;
	fresh_table();
	$node->safe_psql('postgres', "SELECT migrate_start('$name', $up)");
	$node->poll_query_until('postgres', 'SELECT rows_filled > 0 FROM pgmigrate.fill f JOIN pgmigrate.migration m ON m.id = f.migration_id WHERE m.state <> \'completed\'');
	return;
}

# Ready, every row right, and each row filled once.
sub ends_right
{
	my ($title, $name) = @_;
	ok( $node->poll_query_until('postgres', "SELECT state = 'ready' FROM pgmigrate.migration WHERE name = '$name'"),
		"$title: ready by itself");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE v <> (id % 1000) * 10 OR v IS NULL) || ' wrong of ' || count(*) FROM public_$name.t"),
		"0 wrong of $rows", "$title: every row");
	# What a transaction filled in place is there even if it did not commit, and then nobody has counted it.
	my $counted = $node->safe_psql('postgres', "SELECT sum(rows_filled) FROM pgmigrate.fill f JOIN pgmigrate.migration m ON m.id = f.migration_id WHERE name = '$name'");
	if ($title =~ /paused/) { is($counted, $rows, "$title: each row filled once") }
	elsif ($title !~ /rewritten/) { cmp_ok($counted, '<=', $rows, "$title: no row counted twice") }
	$node->safe_psql('postgres', 'SELECT migrate_rollback()');
	return;
}

my $worker_pid = q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker' LIMIT 1);

# Paused and resumed.
start_and_see_progress('pause');
$node->safe_psql('postgres', 'SELECT migrate_pause()');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'");
my $filled = $node->safe_psql('postgres', 'SELECT sum(rows_filled) FROM pgmigrate.fill');
cmp_ok($filled, '<', $rows, 'paused before the end');
is($node->safe_psql('postgres', "SELECT state || ' ' || paused FROM migrate_status('public')"), 'paused true', 'status says so');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
ends_right('paused and resumed', 'pause');

# Terminated.
start_and_see_progress('terminated');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM ($worker_pid) w");
ends_right('terminated', 'terminated');

# kill -9: the server restarts all its processes.
start_and_see_progress('killed');
my $pid = $node->safe_psql('postgres', $worker_pid);
kill 'KILL', $pid if $pid;
$node->poll_query_until('postgres', 'SELECT true');
ends_right('killed', 'killed');

# The server stops at once and starts again: the launcher starts the worker, no function is called.
start_and_see_progress('immediate');
$node->stop('immediate');
$node->start;
ends_right('immediate stop', 'immediate');

# Without preload nobody starts a worker after a restart until a function of ours is called.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
start_and_see_progress('no_preload');
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'"), 0, 'without preload: no worker after a restart');
$node->safe_psql('postgres', 'SELECT count(*) FROM migrate_status()');
ends_right('without preload', 'no_preload');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pgmigrate'");
$node->restart;

# The table is rewritten in the middle of the fill.
start_and_see_progress('rewritten');
$node->safe_psql('postgres', 'SELECT migrate_pause()');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'");
$node->safe_psql('postgres', 'VACUUM FULL t');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
ends_right('rewritten', 'rewritten');

# Out of the middle of CREATE INDEX CONCURRENTLY, which waits for an old snapshot: the invalid index is built anew.
fresh_table();
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$node->safe_psql('postgres', q(SELECT migrate_start('indexed', '{"operations": [{"create_index": {"name": "t_v", "table": "t", "columns": [{"column": "v"}]}}]}')));
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_index WHERE indexrelid = to_regclass('t_v') AND NOT indisvalid"), 'the index build has begun');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM ($worker_pid) w");
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = " . ($node->safe_psql('postgres', $worker_pid) || 0));
$reader->query_safe('COMMIT');
$reader->quit;
ok($node->poll_query_until('postgres', "SELECT state = 'ready' FROM pgmigrate.migration WHERE name = 'indexed'"), 'index: ready by itself');
is($node->safe_psql('postgres', "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass"), 't', 'index: valid');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# Somebody disables the trigger and changes a row behind our back: never published.
start_and_see_progress('tampered');
$node->safe_psql('postgres', 'SELECT migrate_pause()');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'");
$node->safe_psql('postgres', q(
	ALTER TABLE t DISABLE TRIGGER "~pgmigrate_sync"; UPDATE t SET v = -1 WHERE id = 1; ALTER TABLE t ENABLE ALWAYS TRIGGER "~pgmigrate_sync";
	SELECT migrate_resume()));
wait_for_state($node, 'failed');
like($node->safe_psql('postgres', "SELECT phase, error_sqlstate, error FROM migrate_status('public')"), qr/^verifying\|MG001\|/, 'verification finds a row changed behind the trigger');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_namespace WHERE nspname = 'public_tampered'"), 0, 'and nothing is published');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# A database can be dropped in the middle, and its worker stays away.
$node->safe_psql('postgres', 'CREATE DATABASE doomed');
$node->safe_psql('doomed', qq(CREATE EXTENSION pgmigrate; CREATE TABLE t (id integer PRIMARY KEY, v integer); INSERT INTO t SELECT g, g FROM generate_series(1, $rows) g));
$node->safe_psql('doomed', "SELECT migrate_start('doomed', $up)");
$node->safe_psql('postgres', 'DROP DATABASE doomed WITH (FORCE)');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'"), 'the worker of a dropped database ends');

unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|TRAP/, 'no panic in the log');
done_testing();
