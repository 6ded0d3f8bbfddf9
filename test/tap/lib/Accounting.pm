# SPDX-License-Identifier: PostgreSQL
# Random traffic that keeps books: every operation on a row of table item writes to table ledger, in the same transaction,
# what the row is from then on. So the ledger tells exactly what item must contain, whatever was committed, rolled back,
# or cut off by a crash. Most operations go to the pages that are being filled just then.
package Accounting;

use strict;
use warnings;
use Exporter 'import';

use IPC::Run;
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(fill_node create_items start_items set_nap has_filled start_traffic stop_traffic operations is_balanced is_filled is_sound has_kept_calm);

# A started server for the proof of fill method page: data checksums, and amcheck.
sub fill_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => ['-k'], allows_streaming => 1);
	$node->append_conf('postgresql.conf', "$_\n")
	  for ("shared_preload_libraries = 'pgmigrate'", 'max_worker_processes = 16', 'max_connections = 40', 'shared_buffers = 16MB', 'fsync = off',
		"log_line_prefix = '%m [%p] %q%a '", 'log_min_messages = warning', 'log_statement = none', 'pgmigrate.min_free_disk = 0', 'pgmigrate.fill_workers = 2',
		'pgmigrate.fill_patience = 200ms', 'pgmigrate.max_replay_lag = -1',
		# How busy this machine is decides no test.
		'pgmigrate.max_active_sessions = -1', 'pgmigrate.max_commit_latency = -1', 'pgmigrate.max_checkpoint_distance = -1', 'pgmigrate.autovacuum_yield = 0',
		"proof.nap = '0'", @settings);
	$node->start;
	$node->safe_psql('postgres', "CREATE EXTENSION $_") for qw(pgmigrate amcheck);
	return $node;
}

# As many rows, and one that no operation changes. Column n can be updated HOT, v is indexed, pad is toasted in one of a hundred.
sub create_items
{
	my ($node, $rows) = @_;
	$node->safe_psql('postgres', qq(
		CREATE TABLE item (id int PRIMARY KEY, v int NOT NULL, n int NOT NULL DEFAULT 0, pad text);
		ALTER TABLE item ALTER pad SET STORAGE EXTERNAL;
		CREATE INDEX item_v ON item (v);
		CREATE SEQUENCE new_item START 1000000;
		CREATE TABLE ledger (seq bigserial, kind text NOT NULL, id int NOT NULL, v int, n int, pad text);
		INSERT INTO item SELECT g, g % 1000, 0, CASE WHEN g % 100 = 0 THEN repeat(md5(g::text), 100) ELSE md5(g::text) END FROM generate_series(1, $rows) g;
		INSERT INTO item VALUES (2000000000, 0, 0, 'no operation picks it');
		INSERT INTO ledger (kind, id, v, n, pad) SELECT 'write', id, v, n, pad FROM item ORDER BY id;
		-- The value of the new column. For some rows it takes its time, as long as proof.nap says, and for the row that nobody
		-- changes it waits while the gate is closed: the fill cannot end before. (The database need not know: the value depends
		-- on nothing else.)
		CREATE FUNCTION widened(id int, v int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS \$\$
			BEGIN
				IF id % 20 = 0 AND current_setting('proof.nap')::float8 > 0 THEN PERFORM pg_sleep(current_setting('proof.nap')::float8); END IF;
				IF id = 2000000000 THEN PERFORM pg_advisory_xact_lock_shared(77); END IF;
				RETURN v * 10::bigint + 7;
			END \$\$;
		-- A row, most often one near where the fill is.
		CREATE FUNCTION pick(seed int) RETURNS int LANGUAGE plpgsql VOLATILE AS \$\$
			DECLARE
				near bigint;
				found_id int;
			BEGIN
				PERFORM setseed(seed / 1e9);
				SELECT next_block INTO near FROM pgmigrate.fill_range WHERE next_block < end_block ORDER BY random() LIMIT 1;
				IF near IS NOT NULL AND random() < 0.8 THEN
					near := near + floor(random() * random() * 8)::int;
					SELECT i.id INTO found_id FROM item i WHERE ctid >= format('(%s,0)', near)::tid AND ctid < format('(%s,0)', near + 1)::tid AND i.id < 2000000000
					  OFFSET floor(random() * 40) LIMIT 1;
				END IF;
				RETURN coalesce(found_id, 1 + floor(random() * $rows)::int);
			END \$\$));
	return;
}

# The table written anew with the rows that it has, in the order of their ids, so that the row of the gate is the last one, on
# pages of that fillfactor; and a migration of its column v, which waits for
# migrate_resume().
sub start_items
{
	my ($node, $name, $fillfactor) = @_;
	$node->safe_psql('postgres', "ALTER TABLE item SET (fillfactor = $fillfactor)");
	$node->safe_psql('postgres', 'CLUSTER item USING item_pkey');
	$node->safe_psql('postgres', 'VACUUM item') if $fillfactor % 20 == 0;    # sometimes all visible, sometimes not
	$node->safe_psql('postgres', "BEGIN; SELECT migrate_start('$name', "
		  . alter_column('item', 'v', type => '"bigint"', up => '"widened(id, v)"', down => '"(v - 7) / 10"') . '); SELECT migrate_pause(); COMMIT');
	return;
}

# Condition for poll_query_until(): so many rows are filled, or else the fill has come to the gate. (A process there keeps
# others waiting for the row of their progress, if the batch was its first one: it has noted the method there.)
sub has_filled
{
	my ($rows) = @_;
	return "(SELECT rows_filled >= $rows FROM pgmigrate.fill) OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted)";
}

# Seconds that every twentieth row takes to be computed.
sub set_nap
{
	my ($node, $seconds) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET proof.nap = '$seconds'");
	$node->reload;
	return;
}

my $row = 'SELECT pick(:seed) AS id \gset';
my $note = q(INSERT INTO ledger (kind, id, v, n, pad) SELECT 'write', id, v, n, pad FROM w);
my $returning = 'RETURNING id, v, n, pad';

sub touch { my ($id) = @_; return "WITH w AS (UPDATE item SET n = n + 1 WHERE id = $id $returning) $note;"; }
sub change { my ($id) = @_; return "WITH w AS (UPDATE item SET n = n + 1, v = :value WHERE id = $id $returning) $note;"; }
sub remove { my ($id) = @_; return "WITH w AS (DELETE FROM item WHERE id = $id $returning) INSERT INTO ledger (kind, id, v, n, pad) SELECT 'delete', id, v, n, pad FROM w;"; }

# What a client does, and how often. Who locks several rows does it in the order of their ids.
my @scripts = (
	[ 8, $row, touch(':id') ],
	[ 4, $row, change(':id') ],
	[ 2, $row, "WITH w AS (UPDATE item SET n = n + 1, pad = repeat(md5(:value::text), :value % 4 + CASE WHEN :value % 50 = 0 THEN 100 ELSE 0 END) WHERE id = :id $returning) $note;" ],
	[ 2, "WITH w AS (INSERT INTO item SELECT nextval('new_item'), :value, 0, md5(:value::text) $returning) $note;" ],
	[ 2, $row, "WITH w AS (INSERT INTO item VALUES (:id, :value, 0, 'again') ON CONFLICT (id) DO UPDATE SET n = item.n + 1, v = excluded.v $returning) $note;" ],
	[ 2, $row, remove(':id') ],
	[ 1, $row, 'BEGIN;', remove(':id'), '\sleep :pause ms', 'COMMIT;' ],
	[ 2, $row, 'BEGIN;', remove(':id'), '\sleep :pause ms', 'ROLLBACK;' ],
	[ 1, $row, 'BEGIN;', change(':id'), '\sleep :pause ms', 'ROLLBACK;' ],
	[ 1, $row, 'BEGIN;', 'SELECT n FROM item WHERE id = :id FOR UPDATE;', '\sleep :pause ms', touch(':id'), 'COMMIT;' ],
	[ 1, $row, 'BEGIN;', 'SELECT n FROM item WHERE id = :id FOR NO KEY UPDATE;', '\sleep :pause ms', 'ROLLBACK;' ],
	[ 1, $row, 'BEGIN;', 'SELECT n FROM item WHERE id = :id FOR SHARE;', '\sleep :pause ms', 'COMMIT;' ],
	[ 2, $row, 'BEGIN;', 'SELECT n FROM item WHERE id = :id FOR KEY SHARE;', '\sleep :pause ms', touch(':id'), 'COMMIT;' ],
	[ 3, $row, 'BEGIN; SAVEPOINT a;', touch(':id'), 'ROLLBACK TO a; SAVEPOINT b;', change(':id'), 'RELEASE b; SAVEPOINT c;', remove(':id + 1'), 'ROLLBACK TO c;', touch(':id + 2'), 'COMMIT;' ],
	[ 1, 'BEGIN;', "WITH w AS (INSERT INTO item SELECT nextval('new_item'), :value, 0, 'never' $returning) $note;", 'ROLLBACK;' ],
	# A cursor keeps its page pinned, and changes the row that it stands on.
	[ 2, $row, 'BEGIN;', 'DECLARE c CURSOR FOR SELECT id FROM item WHERE ctid >= (SELECT ctid FROM item WHERE id = :id) LIMIT 100;', 'FETCH 3 FROM c;', '\sleep :pause ms', 'FETCH 3 FROM c;', 'COMMIT;' ],
	[ 2, $row, 'BEGIN;', 'DECLARE c CURSOR FOR SELECT id FROM item WHERE id >= :id % 5000;', 'FETCH 1 FROM c;', '\sleep :pause ms',
		"WITH w AS (UPDATE item SET n = n + 1 WHERE CURRENT OF c $returning) $note;", 'COMMIT;' ],
);

sub start_traffic
{
	my ($node, $seed, $clients) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my @options = ('-c', $clients, '-j', 2, '-T', 3600, '--max-tries=100', "--random-seed=$seed");
	for my $i (0 .. $#scripts)
	{
		my ($weight, @lines) = @{ $scripts[$i] };
		append_to_file("$folder/$i.sql", join("\n", '\set seed random(0, 1000000000)', '\set value random(0, 100000)', '\set pause random(1, 30)', @lines) . "\n");
		push @options, '-f', "$folder/$i.sql\@$weight";
	}
	return start_pgbench($node, @options);
}

# The statements that failed, but for deadlocks, which pgbench tries again, and what a stop of the server does.
sub stop_traffic
{
	my ($bench) = @_;
	return grep { /ERROR|FATAL|PANIC|aborted/ && !/deadlock detected|terminat|shut|connection|crash|recovery/ } split(/\n/, stop_pgbench($bench));
}

sub operations
{
	my ($node) = @_;
	return $node->safe_psql('postgres', 'SELECT count(*) FROM ledger');
}

# Every row is what the ledger says, found by a sequential scan and found by either index; none is lost, none is back from
# the dead; and every update was made to the row that the one before it left.
sub is_balanced
{
	my ($node, $title) = @_;
	my $must_be = q(SELECT id, v, n, pad FROM (SELECT DISTINCT ON (id) * FROM ledger ORDER BY id, seq DESC) last WHERE kind = 'write');
	my %scan = (
		'sequential scan' => [ 'enable_indexscan, enable_bitmapscan, enable_indexonlyscan', 'true' ],
		'index scan' => [ 'enable_seqscan, enable_bitmapscan, enable_sort', 'true ORDER BY id' ],
		'bitmap scan' => [ 'enable_seqscan, enable_indexscan, enable_indexonlyscan', 'v >= 0' ]);
	for my $how (sort keys %scan)
	{
		my ($without, $condition) = @{ $scan{$how} };
		my $settings = join('; ', map { "SET $_ = off" } split(/, /, $without));
		is($node->safe_psql('postgres', "$settings; WITH is_item AS MATERIALIZED (SELECT id, v, n, pad FROM item WHERE $condition), must_be AS MATERIALIZED ($must_be)
				SELECT (SELECT count(*) FROM (TABLE must_be EXCEPT ALL TABLE is_item) r) || ' lost, ' || (SELECT count(*) FROM (TABLE is_item EXCEPT ALL TABLE must_be) r) || ' too many'"),
			'0 lost, 0 too many', "$title: rows by $how");
	}
	is($node->safe_psql('postgres', q(SELECT count(*) FROM (SELECT *, lag(kind) OVER w AS kind_before, lag(n) OVER w AS n_before FROM ledger WINDOW w AS (PARTITION BY id ORDER BY seq)) l
		WHERE NOT CASE WHEN kind = 'delete' THEN kind_before = 'write' AND n = n_before WHEN n = 0 THEN kind_before IS NULL OR kind_before = 'delete' ELSE kind_before = 'write' AND n = n_before + 1 END)),
		0, "$title: updates follow each other");
	return;
}

# By method page, every value right.
sub is_filled
{
	my ($node, $title) = @_;
	is($node->safe_psql('postgres', "SELECT method FROM pgmigrate.fill WHERE relation = 'item'::regclass"), 'page', "$title: method page");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM item WHERE "_pgmigrate_new_v" IS DISTINCT FROM v * 10::bigint + 7'), 0, "$title: every value is right");
	return;
}

sub is_sound
{
	my ($node, $title) = @_;
	is($node->safe_psql('postgres', "SELECT * FROM verify_heapam('item')"), '', "$title: heap is sound");
	# Raises an error for the first one that is not.
	is($node->safe_psql('postgres', "SELECT count(bt_index_check(indexrelid, true)) >= 2 FROM pg_index WHERE indrelid = 'item'::regclass"), 't', "$title: indexes are sound");
	return;
}

sub has_kept_calm
{
	my ($node) = @_;
	unlike(slurp_file($node->logfile), qr/PANIC|TRAP|invalid page|page verification|checksum|could not read block|MultiXactId|unexpected chunk|missing chunk/, $node->name . ': nothing alarming in the log');
	return;
}

1;
