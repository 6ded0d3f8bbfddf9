# SPDX-License-Identifier: PostgreSQL
# What others may do to a table in the middle of its fill. The expression waits at row 1 for an advisory lock of ours, in the
# first small batch of the first range; meanwhile a session queues its command behind that batch; then the gate is opened.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use Test::More;

my $rows = 60_000;
my $node = new_node('fill_meanwhile', 'fsync = off', 'autovacuum = off', 'pgmigrate.fill_workers = 2');
create_gate($node);
$node->safe_psql('postgres', 'CREATE EXTENSION amcheck');
my $has_page = $node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000") == 15;    # where method page is proven

my $migration = alter_column('t', 'v', type => '"bigint"', up => '"gated(id, v)"', down => '"v / 10"');

# Runs the command in the middle of a fill of a fresh table, and returns the server's message if it fails.
sub meanwhile
{
	my ($name, $command, $table) = @_;
	$node->safe_psql('postgres', 'SET client_min_messages = warning; DROP TABLE IF EXISTS t CASCADE; ' . ($table // 'CREATE TABLE t (id integer PRIMARY KEY, v integer, n integer, word text)')
		. "; INSERT INTO t SELECT g, g % 1000, g, 'word ' || g FROM generate_series(1, $rows) g");
	my $gate = close_gate($node);
	$node->safe_psql('postgres', "SELECT migrate_start('$name', $migration)");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"),
		"$name: the fill has begun");
	my $session = $node->background_psql('postgres');
	$session->query_until(qr/sent/, "\\echo sent\nSET application_name = 'meanwhile';\n$command;\n");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'meanwhile' AND wait_event_type = 'Lock'"),
		"$name: it waits for the batch");
	open_gate($gate);
	$session->quit;
	return;
}

# Ready with every row right, in heap and indexes.
sub ends_right
{
	my ($name, $expected, $restarts) = @_;
	ok(wait_for_state($node, 'ready'), "$name: ready by itself");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE v IS DISTINCT FROM (id % 1000) * 10) || ' wrong of ' || count(*) FROM public_$name.t"),
		"0 wrong of $expected", "$name: every row");
	is($node->safe_psql('postgres', "SELECT count(*) FROM pgmigrate.event WHERE name = '$name' AND event = 'fill restarted'"), $restarts, "$name: restarts");
	is($node->safe_psql('postgres', q(SELECT count(bt_index_check(i.indexrelid, true)) > 0 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid IN (SELECT relid FROM pg_partition_tree('t') UNION SELECT 't'::regclass) AND c.relkind = 'i')),
		't', "$name: indexes");
	is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_class c CROSS JOIN LATERAL verify_heapam(c.oid) WHERE c.oid IN (SELECT relid FROM pg_partition_tree('t') UNION SELECT 't'::regclass) AND c.relkind = 'r')),
		0, "$name: heap");
	return;
}

sub undo
{
	my ($name) = @_;
	$node->safe_psql('postgres', 'SELECT migrate_rollback()');
	is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM pgmigrate.fill) + (SELECT count(*) FROM pgmigrate.fill_range)'), 0, "$name: undone");
	return;
}

# The table gets another file: it is divided anew, by one process for all, and what was filled stays filled.
my %rewrite = (vacuum_full => 'VACUUM FULL t', cluster => 'CLUSTER t USING t_pkey', alter_type => 'ALTER TABLE t ALTER n TYPE bigint');
for my $name (sort keys %rewrite)
{
	meanwhile($name, $rewrite{$name});
	ends_right($name, $rows, 1);
	is($node->safe_psql('postgres', 'SELECT rows_filled, filenode = pg_relation_filenode(relation), start_filenode <> filenode FROM pgmigrate.fill'),
		"$rows|t|t", "$name: each row was filled once");
	undo($name);
}

# Emptied, with new rows in the same transaction: they went through the trigger.
meanwhile('truncated', "BEGIN; TRUNCATE t; INSERT INTO t SELECT g, g % 1000 FROM generate_series(1, 1000) g; COMMIT");
ends_right('truncated', 1000, 1);
undo('truncated');

# Gone: nothing can be filled, and the state says what to do.
meanwhile('dropped', 'DROP TABLE t');
ok(wait_for_state($node, 'failed'), 'dropped: failed');
is($node->safe_psql('postgres', "SELECT error_sqlstate, error, hint FROM migrate_status('public')"),
	'MG002|table public.t does not exist any more|Undo the migration with SELECT migrate_rollback().', 'dropped: why, and what next');
undo('dropped');

# Changes that leave the file as it is.
meanwhile('altered', "ALTER TABLE t ADD COLUMN extra text DEFAULT 'x', ALTER word SET STORAGE EXTERNAL, ALTER n SET NOT NULL");
ends_right('altered', $rows, 0);
is($node->safe_psql('postgres', 'SELECT rows_filled FROM pgmigrate.fill'), $rows, 'altered: each row was filled once');
is($node->safe_psql('postgres', "SELECT count(*) FROM t WHERE extra = 'x' AND word = 'word ' || id AND n = id"), $rows, 'altered: other columns');
undo('altered');

# The column that the values come from.
meanwhile('source_dropped', 'ALTER TABLE t DROP COLUMN v');
ok(wait_for_state($node, 'failed'), 'source dropped: failed');
is($node->safe_psql('postgres', "SELECT error <> '' AND hint LIKE '%migrate_rollback()%' FROM migrate_status('public')"), 't', 'source dropped: why, and what next');
undo('source_dropped');

# Indexes of others, on an old column and on the one that is being filled.
for my $column (qw(v _pgmigrate_new_v))
{
	my $name = $column eq 'v' ? 'indexed' : 'shadow_indexed';
	meanwhile($name, "CREATE INDEX CONCURRENTLY t_by_others ON t ($column)");
	ends_right($name, $rows, 0);
	is($node->safe_psql('postgres', "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_by_others'::regclass"), 't', "$name: index is valid");
	is($node->safe_psql('postgres', "SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM t WHERE $column = " . ($column eq 'v' ? 17 : 170)),
		$rows / 1000, "$name: rows by the index");
	undo($name);
}

# By method page, which an expression that may write does not get: in place, while the table's file and its indexes allow it.
$node->safe_psql('postgres', 'ALTER FUNCTION gated STABLE');
my @by_page = (
	[ page_altered => "ALTER TABLE t ADD COLUMN extra text DEFAULT 'x', ALTER word SET STORAGE EXTERNAL", $rows, 0, 'page' ],
	[ page_indexed => 'CREATE INDEX CONCURRENTLY t_by_others ON t (v, word)', $rows, 0, 'page' ],
	[ page_shadow_indexed => 'CREATE INDEX CONCURRENTLY t_by_others ON t (_pgmigrate_new_v)', $rows, 0, 'update' ],
	[ page_vacuum_full => 'VACUUM FULL t', $rows, 1, 'update' ],
	[ page_truncated => 'BEGIN; TRUNCATE t; INSERT INTO t SELECT g, g % 1000 FROM generate_series(1, 1000) g; COMMIT', 1000, 1, undef ]);
for my $case (@by_page)
{
	my ($name, $command, $expected, $restarts, $method) = @$case;
	meanwhile($name, $command);
	ends_right($name, $expected, $restarts);
	is($node->safe_psql('postgres', 'SELECT method FROM pgmigrate.fill'), $method, "$name: in the end by method $method") if $method && $has_page;
	undo($name);
}
$node->safe_psql('postgres', 'ALTER FUNCTION gated VOLATILE');

# A partition leaves in the middle of its fill.
my $partitioned = 'CREATE TABLE t (id integer PRIMARY KEY, v integer, n integer, word text) PARTITION BY RANGE (id); '
  . 'DROP TABLE IF EXISTS t_1; CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (30001); CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (30001) TO (1000000)';
my %leave = (detached => 'ALTER TABLE t DETACH PARTITION t_1', partition_dropped => 'DROP TABLE t_1');
for my $name (sort keys %leave)
{
	meanwhile($name, $leave{$name}, $partitioned);
	ends_right($name, $rows - 30_000, 0);
	is($node->safe_psql('postgres', "SELECT string_agg(relation::text, ' ') FROM pgmigrate.fill"), 't_2', "$name: the other partition is filled");
	undo($name);
}

unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|TRAP/, 'no panic in the log');
done_testing();
