# SPDX-License-Identifier: PostgreSQL
# A table filled by several processes: each row once, whoever of them ends or fails; and as few processes as there may be.
# The expression waits at row 1 for an advisory lock of ours, so that the first range is never finished before we allow it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use Test::More;

my $node = new_node('fill_workers', 'fsync = off', 'autovacuum = off', 'pgmigrate.fill_workers = 3', 'log_min_messages = debug1');
create_gate($node);

sub start_at_closed_gate
{
	my ($name, $rows, %options) = @_;
	$node->safe_psql('postgres', qq(
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS t CASCADE;
		CREATE TABLE t (id integer PRIMARY KEY, v integer);
		INSERT INTO t SELECT g, g % 1000 FROM generate_series(1, $rows) g;));
	$node->safe_psql('postgres', $options{then}) if $options{then};
	my $gate = close_gate($node);
	$node->safe_psql('postgres', "SELECT migrate_start('$name', " . alter_column('t', 'v', type => '"bigint"', up => '"gated(id, v)"', down => '"v / 10"') . ')');
	return $gate;
}

sub ends_right
{
	my ($name, $rows) = @_;
	ok(wait_for_state($node, 'ready'), "$name: ready by itself");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE v IS DISTINCT FROM (id % 1000) * 10) || ' wrong of ' || count(*) FROM public_$name.t"),
		"0 wrong of $rows", "$name: every row");
	is($node->safe_psql('postgres', 'SELECT rows_filled, blocks_filled = blocks, filled_at IS NOT NULL FROM pgmigrate.fill'),
		"$rows|t|t", "$name: each row once, each block accounted");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pgmigrate.fill_range WHERE next_block <> end_block'), 0, "$name: no range is left");
	$node->safe_psql('postgres', 'SELECT migrate_rollback()');
	return;
}

# Processes that fill, the worker among them: each has claimed a range, the gate is closed for one of them.
my $claims = q(SELECT count(DISTINCT pid) FROM pg_locks WHERE classid = 'pgmigrate.fill_range'::regclass AND granted AND pid IN (SELECT pid FROM pg_stat_activity));
my $processes = q(SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('pgmigrate worker', 'pgmigrate fill helper'));
my $at_gate = q(SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted);
my $helper_starts = sub { return scalar(() = slurp($node->logfile) =~ /registering background worker "pgmigrate fill helper/g); };

sub slurp { return PostgreSQL::Test::Utils::slurp_file(@_); }

sub wait_until
{
	my ($query, $title) = @_;
	ok($node->poll_query_until('postgres', $query), $title);
	return;
}

# Three of them. The whole rest of the table is filled while one is held up; then every process ends by itself.
my $rows = 300_000;
my $gate = start_at_closed_gate('three', $rows);
wait_until("SELECT count(*) = 1 FROM ($at_gate) g", 'three: the first range is held up');
wait_until('SELECT count(*) = 1 FROM pgmigrate.fill_range WHERE next_block < end_block', 'three: all other ranges are filled meanwhile');
is($node->safe_psql('postgres', "SELECT query ~ '^filling public\\.t: block 0 of [0-9]+\$' FROM pg_stat_activity WHERE pid = ($at_gate)"), 't', 'three: the process list tells what it does');
is($node->safe_psql('postgres', "SELECT state, percent BETWEEN 40 AND 60 FROM migrate_status('public')"), 'filling|t', 'three: status tells how far it is');
open_gate($gate);
ends_right('three', $rows);
wait_until("SELECT ($processes) = 0", 'three: nobody is left');
cmp_ok($helper_starts->(), '>', 0, 'three: the log tells of helpers');

# All three held up at once (each row waits), for what happens to processes in the middle of a batch.
$rows = 100_000;
my $all_wait = 'CREATE OR REPLACE FUNCTION gated(id integer, v integer) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN v * 10; END $$';
my $first_waits = q(CREATE OR REPLACE FUNCTION gated(id integer, v integer) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN IF id = 1 THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; RETURN v * 10; END $$);
my $helper = q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'pgmigrate fill helper' AND wait_event = 'advisory' ORDER BY pid LIMIT 1);
my $worker = q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker');

for my $victim ([ helper_ends => $helper ], [ worker_ends => $worker ])
{
	my ($name, $who) = @$victim;
	$gate = start_at_closed_gate($name, $rows, then => $all_wait);
	wait_until("SELECT count(*) = 3 FROM ($at_gate) g", "$name: three processes are in a batch");
	is($node->safe_psql('postgres', $claims), 3, "$name: each on a range of its own");
	my $pid = $node->safe_psql('postgres', $who);
	is($node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)"), 't', "$name: one is terminated");
	wait_until("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid", "$name: it is gone");
	open_gate($gate);
	ends_right($name, $rows);
}

# Rollback ends them all.
$gate = start_at_closed_gate('rolled_back', $rows);
wait_until("SELECT count(*) = 3 FROM ($at_gate) g", 'rollback: three processes are in a batch');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
wait_until("SELECT ($processes) = 0", 'rollback: all processes end');
is($node->safe_psql('postgres', q(SELECT (SELECT count(*) FROM pgmigrate.fill_range), (SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped))), '0|2', 'rollback: nothing is left');
open_gate($gate);

# A pause ends them all after their batches.
$gate = start_at_closed_gate('paused', $rows);
wait_until("SELECT count(*) = 3 FROM ($at_gate) g", 'pause: three processes are in a batch');
$node->safe_psql('postgres', 'SELECT migrate_pause()');
open_gate($gate);
wait_until("SELECT ($processes) = 0", 'pause: all processes end');
is($node->safe_psql('postgres', "SELECT rows_filled > 0 AND rows_filled < $rows FROM pgmigrate.fill"), 't', 'pause: in the middle');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
ends_right('paused', $rows);

# An error in one process fails the migration for all, and is told once.
$gate = start_at_closed_gate('failing', $rows, then => qq($first_waits; UPDATE t SET v = 2147483647 WHERE id = $rows));
ok(wait_for_state($node, 'failed'), 'error: failed while another process is held up');
is($node->safe_psql('postgres', "SELECT error_sqlstate, error FROM migrate_status('public')"), '22003|integer out of range', 'error: what it was');
is($node->safe_psql('postgres', "SELECT error_detail ~ '^Row: \\(id\\)=\\($rows\\), ctid' FROM pgmigrate.migration WHERE name = 'failing'"), 't', 'error: and in which row');
open_gate($gate);
wait_until("SELECT ($processes) = 0", 'error: all processes end');
is($node->safe_psql('postgres', "SELECT count(*) FROM pgmigrate.event WHERE name = 'failing' AND event = 'failed'"), 1, 'error: one event');
$node->safe_psql('postgres', "UPDATE t SET v = $rows % 1000 WHERE id = $rows");
$node->safe_psql('postgres', 'SELECT migrate_resume()');
ok(wait_for_state($node, 'ready'), 'error: mended and resumed');
is($node->safe_psql('postgres', 'SELECT count(*) FROM public_failing.t WHERE v IS DISTINCT FROM (id % 1000) * 10'), 0, 'error: every row');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# One process alone, and rows that others hold in every range: it goes on with the next range, and comes back.
$node->append_conf('postgresql.conf', 'pgmigrate.fill_workers = 1');
$node->reload;
my $before = $helper_starts->();
my $holder = $node->background_psql('postgres');
$gate = start_at_closed_gate('busy', $rows);
$holder->query_safe('BEGIN; SELECT count(*) FROM (SELECT FROM t WHERE id % 1000 = 7 FOR UPDATE) l');
open_gate($gate);
wait_until("SELECT rows_filled = $rows - $rows / 1000 FROM pgmigrate.fill", 'busy: all rows but those that are held');
is($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE next_block < end_block) = count(*) AND count(*) > 1 FROM pgmigrate.fill_range'), 't', 'busy: no range is finished');
$holder->query_safe('COMMIT');
$holder->quit;
ends_right('busy', $rows);
is($helper_starts->(), $before, 'busy: no helper with pgmigrate.fill_workers = 1');

# Fewer processes than wanted: 4 are the launchers of PostgreSQL and pgmigrate, the worker and one helper.
$node->append_conf('postgresql.conf', "pgmigrate.fill_workers = 3\nmax_worker_processes = 4\nmax_logical_replication_workers = 1");
$node->restart;
wait_until("SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pgmigrate launcher' AND wait_event = 'Extension'", 'few: the launcher has done its work');
$gate = start_at_closed_gate('few', $rows, then => $all_wait);
wait_until("SELECT count(*) = 2 FROM ($at_gate) g", 'few: two processes fill');
open_gate($gate);
ends_right('few', $rows);

unlike(slurp($node->logfile), qr/PANIC|TRAP/, 'no panic in the log');
done_testing();
