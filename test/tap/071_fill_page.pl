# SPDX-License-Identifier: PostgreSQL
# Fill method page on tables of every kind: each value right, rows where they were unless a page lacks room, no dead row but of
# those that were moved, heap and indexes sound, one full page image per page. Then pages that are in use, and a horizon
# that does not move.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('page');
$node->init(extra => ['-k']);    # data checksums
$node->append_conf('postgresql.conf', "$_\n")
  for ("shared_preload_libraries = 'pgmigrate'", 'max_worker_processes = 16', 'shared_buffers = 16MB', 'fsync = off',
	'autovacuum = off', 'pgmigrate.min_free_disk = 0', "log_line_prefix = '%m [%p] %q%a '", 'log_min_messages = warning', 'max_connections = 20');
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION $_") for qw(pgmigrate amcheck pageinspect pg_walinspect);

if ($node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000") != 15)
{
	plan skip_all => 'method page is proven on PostgreSQL 15 only';
}

# Name of the table, how it is made, the `up` of its column v, the method to be expected, and the share of rows that may
# move.
my @tables = (
	[ plain => 'CREATE TABLE plain (id int PRIMARY KEY, v int, note text);
		INSERT INTO plain SELECT g, g, \'note \' || g FROM generate_series(1, 20000) g', 'v * 10', 'page', 0.2 ],
	[ roomy => 'CREATE TABLE roomy (id int PRIMARY KEY, v int) WITH (fillfactor = 50);
		INSERT INTO roomy SELECT g, g FROM generate_series(1, 20000) g', 'v * 10', 'page', 0 ],
	[ keyless => 'CREATE TABLE keyless (v int, pad char(20)); INSERT INTO keyless SELECT g % 7, \'x\' FROM generate_series(1, 5000) g;
		DELETE FROM keyless WHERE v = 3; VACUUM keyless', 'v * 10', 'page', 0 ],
	[ dropped => 'CREATE TABLE dropped (gone text, id int PRIMARY KEY, v int, gone_too numeric) WITH (fillfactor = 80);
		INSERT INTO dropped SELECT repeat(\'x\', g % 50), g, g, g FROM generate_series(1, 5000) g;
		ALTER TABLE dropped DROP COLUMN gone, DROP COLUMN gone_too', 'v * 10', 'page', 0 ],
	[ defaults => 'CREATE TABLE defaults (id int PRIMARY KEY, v int) WITH (fillfactor = 50);
		INSERT INTO defaults SELECT g, g FROM generate_series(1, 3000) g;
		ALTER TABLE defaults ADD COLUMN a text DEFAULT \'some default\', ADD COLUMN b int, ADD COLUMN c numeric NOT NULL DEFAULT 1.5;
		INSERT INTO defaults SELECT g, g, \'own\', g, g FROM generate_series(3001, 6000) g', 'v * 10 + c::int', 'page', 0 ],
	[ nulls => 'CREATE TABLE nulls (v int, a text, b int) WITH (fillfactor = 70); INSERT INTO nulls SELECT NULL, NULL, NULL FROM generate_series(1, 5000)',
		'v * 10', 'page', 0 ],
	[ some_nulls => 'CREATE TABLE some_nulls (id int PRIMARY KEY, v int, a text, b int, c int, d int, e int, f int) WITH (fillfactor = 50);
		INSERT INTO some_nulls SELECT g, nullif(g % 3, 0), CASE WHEN g % 2 = 0 THEN \'a\' || g END, nullif(g % 5, 0) FROM generate_series(1, 5000) g',
		'CASE WHEN id % 4 > 0 THEN v * 10 END', 'page', 0 ],
	[ toasted => 'CREATE TABLE toasted (id int PRIMARY KEY, v int, big text);
		INSERT INTO toasted SELECT g, g, (SELECT string_agg(md5((g * i)::text), \'\') FROM generate_series(1, CASE WHEN g % 3 = 0 THEN 200 ELSE 3 END) i)
		FROM generate_series(1, 1500) g', 'v * 10 + length(big)', 'page', 0.2 ],
	[ many => 'DO $do$ BEGIN EXECUTE \'CREATE TABLE many (v int, \' || (SELECT string_agg(\'c\' || g || \' int\', \', \') FROM generate_series(2, 1599) g) || \')\'; END $do$;
		INSERT INTO many (v, c100) SELECT g, g FROM generate_series(1, 200) g;
		DO $do$ BEGIN EXECUTE \'INSERT INTO many SELECT \' || (SELECT string_agg(g::text, \', \') FROM generate_series(1, 1599) g); END $do$',
		'v * 10', 'page', 0.3 ],
	[ aged => 'CREATE TABLE aged (id int PRIMARY KEY, v int, note text) WITH (fillfactor = 90);
		INSERT INTO aged SELECT g, g, \'note \' || g FROM generate_series(1, 20000) g;
		UPDATE aged SET note = note || \'!\' WHERE id % 10 = 1; DELETE FROM aged WHERE id % 5 = 2;
		BEGIN; INSERT INTO aged SELECT g, g, \'never\' FROM generate_series(30000, 32000) g; UPDATE aged SET v = -1 WHERE id % 7 = 0; ROLLBACK;
		BEGIN; SAVEPOINT s; DELETE FROM aged WHERE id % 11 = 0; ROLLBACK TO s; SELECT count(*) FROM (SELECT FROM aged WHERE id % 13 = 0 FOR UPDATE) r; COMMIT',
		'v * 10', 'page', 0.1 ],
	[ unlogged => 'CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY, v int); INSERT INTO unlogged SELECT g, g FROM generate_series(1, 2000) g',
		'v * 10', 'update', 1 ],
	[ indexed => 'CREATE TABLE indexed (id int PRIMARY KEY, v int, note text) WITH (fillfactor = 70); CREATE INDEX ON indexed (v, note); CREATE INDEX ON indexed (lower(note)) WHERE v > 100;
		CREATE INDEX ON indexed USING gin (string_to_array(note, \' \')); CREATE INDEX ON indexed USING brin (v);
		INSERT INTO indexed SELECT g, g, \'note \' || g FROM generate_series(1, 5000) g; UPDATE indexed SET note = \'new\' WHERE id % 20 = 0', 'v * 10', 'page', 0 ],
	[ writing => 'CREATE TABLE writing (id int PRIMARY KEY, v int); INSERT INTO writing SELECT g, g FROM generate_series(1, 500) g;
		CREATE FUNCTION times_ten(bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS \'BEGIN RETURN $1 * 10; END\'', 'times_ten(v)', 'update', 1 ],
);
my @leaves = qw(leaf_1 leaf_2);

for my $table (@tables)
{
	my ($name, $setup) = @$table;
	$node->safe_psql('postgres', $setup);
}
$node->safe_psql('postgres', q(
	CREATE TABLE parted (id int, v int, note text) PARTITION BY RANGE (id);
	CREATE TABLE leaf_1 PARTITION OF parted FOR VALUES FROM (0) TO (5000) WITH (fillfactor = 80);
	CREATE TABLE leaf_2 (note text, v int, x int, id int) WITH (fillfactor = 80); ALTER TABLE leaf_2 DROP COLUMN x;
	ALTER TABLE parted ATTACH PARTITION leaf_2 FOR VALUES FROM (5000) TO (10000);
	INSERT INTO parted SELECT g, g, 'note' || g FROM generate_series(1, 9999) g;
	CREATE TABLE nothing (); INSERT INTO nothing SELECT FROM generate_series(1, 300);
	CREATE TABLE several (id int PRIMARY KEY, a int, b varchar(10), c int) WITH (fillfactor = 60);
	INSERT INTO several SELECT g, g, 'b' || g, g FROM generate_series(1, 5000) g;
	CREATE TABLE wide_text (id int PRIMARY KEY, a text);
	INSERT INTO wide_text SELECT g, CASE g % 4 WHEN 0 THEN (SELECT string_agg(md5((g * i)::text), '') FROM generate_series(1, 100) i)
		WHEN 1 THEN repeat('compressible ', 300) ELSE 'short ' || g END FROM generate_series(1, 1000) g;
	CREATE TABLE same_text (id int PRIMARY KEY, a text) WITH (fillfactor = 50);
	ALTER TABLE same_text ALTER a SET STORAGE EXTERNAL;
	INSERT INTO same_text SELECT g, CASE WHEN g % 4 = 0 THEN repeat(md5(g::text), 100) ELSE 'short ' || g END FROM generate_series(1, 1000) g;
	CHECKPOINT));
my @in_place = ((map { $_->[0] } @tables), @leaves, qw(nothing several wide_text same_text));
$node->safe_psql('postgres', "CREATE TABLE was_$_ AS SELECT ctid AS tid, xmin::text AS xmin_was, $_.*::text AS row_was FROM $_") for grep { $_ ne 'many' } @in_place;
$node->safe_psql('postgres', 'CREATE TABLE was_many AS SELECT ctid AS tid, xmin::text AS xmin_was, v::text AS row_was FROM many');

my $operations = join(', ',
	(map { my ($name, undef, $up) = @$_; qq({"alter_column": {"table": "$name", "column": "v", "type": "bigint", "up": "$up", "down": "v / 10"}}) } @tables),
	qq({"alter_column": {"table": "parted", "column": "v", "type": "bigint", "up": "v * 10", "down": "v / 10"}}),
	qq({"add_column": {"table": "nothing", "column": {"name": "n", "type": "int"}, "up": "7"}}),
	qq({"alter_column": {"table": "several", "column": "a", "type": "bigint", "up": "a * 10", "down": "a / 10"}}),
	qq({"alter_column": {"table": "several", "column": "b", "type": "text", "up": "upper(b)", "down": "lower(b)"}}),
	qq({"add_column": {"table": "several", "column": {"name": "d", "type": "numeric(12,2)", "nullable": true}, "up": "c / 3.0"}}),
	qq({"alter_column": {"table": "wide_text", "column": "a", "nullable": false, "up": "a", "down": "a"}}),
	qq({"alter_column": {"table": "same_text", "column": "a", "nullable": false, "up": "a", "down": "a"}}),
	qq({"add_column": {"table": "wide_text", "column": {"name": "twice", "type": "text"}, "up": "a || a"}}));

my $wal_start = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
$node->safe_psql('postgres', "SELECT migrate_start('01_kinds', '{\"operations\": [$operations]}')");
wait_ready($node);
my $wal_end = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');

for my $table (@tables)
{
	my ($name, undef, $up, $method, $share) = @$table;
	is($node->safe_psql('postgres', "SELECT method FROM pgmigrate.fill WHERE relation = '$name'::regclass"), $method, "$name: method $method");
	is($node->safe_psql('postgres', qq(SELECT count(*) FROM $name WHERE "_pgmigrate_new_v" IS DISTINCT FROM ($up))), 0, "$name: every value is right");
	unchanged($name, $share);
}
for my $leaf (@leaves)
{
	is($node->safe_psql('postgres', "SELECT method FROM pgmigrate.fill WHERE relation = '$leaf'::regclass"), 'page', "$leaf: method page");
	is($node->safe_psql('postgres', qq(SELECT count(*) FROM $leaf WHERE "_pgmigrate_new_v" IS DISTINCT FROM v * 10)), 0, "$leaf: every value is right");
	unchanged($leaf, 0);
}
is($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE n = 7) || \' of \' || count(*) FROM public_01_kinds.nothing'), '300 of 300', 'nothing: every value is right');
unchanged('nothing', 0.5);
is($node->safe_psql('postgres', q(SELECT count(*) FROM several s JOIN public_01_kinds.several n USING (id)
	WHERE n.a IS DISTINCT FROM s.a * 10 OR n.b IS DISTINCT FROM upper(s.b) OR n.d IS DISTINCT FROM (s.c / 3.0)::numeric(12,2))), 0, 'several: every value is right');
unchanged('several', 0);
is($node->safe_psql('postgres', q(SELECT count(*) FROM wide_text o JOIN public_01_kinds.wide_text n USING (id) WHERE n.a <> o.a OR n.twice <> o.a || o.a)), 0, 'wide_text: every value is right');
unchanged('wide_text', 1);
unchanged('same_text', 0.26);
is($node->safe_psql('postgres', 'SELECT count(*) FROM same_text o JOIN public_01_kinds.same_text n USING (id) WHERE n.a IS DISTINCT FROM o.a'), 0, 'same_text: every value is right');
# A value that comes from another column as it is, toasted out of line: stored anew, not by a second pointer to the same chunks.
my $toast = $node->safe_psql('postgres', q(SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'same_text'::regclass));
is($node->safe_psql('postgres', "SELECT count(DISTINCT chunk_id) FROM $toast"), 500, 'same_text: old and new values are toasted apart');
$node->safe_psql('postgres', 'UPDATE same_text SET a = \'other\' WHERE id % 8 = 0; VACUUM same_text');
is($node->safe_psql('postgres', 'SELECT count(*) FROM public_01_kinds.same_text n JOIN same_text o USING (id) WHERE length(n.a) <> length(o.a)'), 0, 'same_text: all values can be read after some were deleted');
sound('same_text');
# Each column owns its toasted values: one of them changes, the other stays readable.
$node->safe_psql('postgres', 'UPDATE wide_text SET a = \'other\' WHERE id % 8 = 0; VACUUM wide_text');
is($node->safe_psql('postgres', 'SELECT count(*) FROM public_01_kinds.wide_text WHERE length(a) + length(twice) IS NULL'), 0, 'wide_text: no toasted value is shared');
sound('wide_text');

# In one table without moves: one full image per page, and nothing else.
my $records = $node->safe_psql('postgres', qq(
	SELECT count(*) || ' of ' || pg_relation_size('roomy') / 8192 || ', ' || count(DISTINCT block) || ' pages, ' || count(*) FILTER (WHERE fpi_length > 0) || ' images'
	  FROM (SELECT fpi_length, substring(block_ref FROM 'blk (\\d+)') AS block FROM pg_get_wal_records_info('$wal_start', '$wal_end')
	         WHERE resource_manager IN ('Heap', 'Heap2') AND block_ref LIKE '%/' || pg_relation_filenode('roomy') || ' %') r));
my $pages = $node->safe_psql('postgres', "SELECT pg_relation_size('roomy') / 8192");
is($records, "$pages of $pages, $pages pages, $pages images", 'one record with one full image per page');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# Rows that did not move are the same versions at the same place; all store the new columns; the dead ones are those that
# moved.
sub unchanged
{
	my ($name, $share) = @_;
	my $kept = $node->safe_psql('postgres', "SELECT count(*) FROM was_$name w JOIN $name n ON n.ctid = w.tid AND n.xmin::text = w.xmin_was");
	my ($rows, $before) = split(/\|/, $node->safe_psql('postgres', "SELECT (SELECT count(*) FROM $name), (SELECT count(*) FROM was_$name)"));
	is($rows, $before, "$name: as many rows as before");
	cmp_ok($before - $kept, '<=', $share * $before, "$name: rows moved");
	my $stored = $node->safe_psql('postgres', "SELECT min(t_infomask2 & 2047) >= (SELECT max(attnum) FROM pg_attribute WHERE attrelid = '$name'::regclass)
		FROM (SELECT ctid::text::point AS tid FROM $name LIMIT 300) r, LATERAL (SELECT * FROM heap_page_items(get_raw_page('$name', r.tid[0]::bigint)) WHERE lp = r.tid[1]::int) i");
	is($stored, 't', "$name: rows store the new columns");
	my $dead = $node->safe_psql('postgres', "SELECT count(*) FROM generate_series(0, pg_relation_size('$name') / 8192 - 1) b, heap_page_items(get_raw_page('$name', b)) WHERE lp_flags = 1") - $rows;
	cmp_ok($dead, '<=', $before - $kept, "$name: dead rows") unless $name eq 'aged' || $name eq 'indexed';
	sound($name);
	return;
}

sub sound
{
	my ($name) = @_;
	my $problems = $node->safe_psql('postgres', "SELECT * FROM verify_heapam('$name')");
	is($problems, '', "$name: heap is sound");
	# Raises an error for the first one that is not.
	my $indexes = $node->safe_psql('postgres', "SELECT count(bt_index_check(i.indexrelid, true)) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
		WHERE i.indrelid = '$name'::regclass AND amname = 'btree'");
	ok(defined $indexes, "$name: indexes are sound");
	return;
}

# Transactions that hold rows while their pages are filled: one deletes and rolls back, one deletes and commits, one locks.
$node->safe_psql('postgres', q(
	CREATE TABLE held (id int PRIMARY KEY, v int) WITH (fillfactor = 50);
	INSERT INTO held SELECT g, g FROM generate_series(1, 5000) g;
	CREATE TABLE was_held AS SELECT ctid AS tid, xmin::text AS xmin_was FROM held));
$node->safe_psql('postgres', "BEGIN; SELECT migrate_start('02_held', " . alter_column('held', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"') . '); SELECT migrate_pause(); COMMIT');
my @holders = map { $node->background_psql('postgres') } 1 .. 3;
$_->query_safe('BEGIN') for @holders;
$holders[0]->query_safe('DELETE FROM held WHERE id % 100 = 50');
$holders[1]->query_safe('DELETE FROM held WHERE id % 100 = 60');
$holders[2]->query_safe('SELECT count(*) FROM (SELECT FROM held WHERE id % 100 = 70 FOR UPDATE) r');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
wait_ready($node);
is($node->safe_psql('postgres', 'SELECT rows_filled FROM pgmigrate.fill'), 5000, 'rows that others delete or lock are filled without waiting');
$holders[0]->query_safe('ROLLBACK');
$holders[1]->query_safe('COMMIT');
$holders[2]->query_safe('COMMIT');
$_->quit for @holders;
is($node->safe_psql('postgres', 'SELECT count(*) || \' rows, \' || count(*) FILTER (WHERE v = id * 10) || \' right, \' || count(*) FILTER (WHERE id % 100 = 60) || \' deleted\' FROM public_02_held.held'),
	'4950 rows, 4950 right, 0 deleted', 'deletions are what they would be without us');
is($node->safe_psql('postgres', 'SELECT count(*) FROM was_held w JOIN held h ON h.ctid = w.tid AND h.xmin::text = w.xmin_was'), 4950, 'no row has moved');
sound('held');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# Many pages in use, in fewer ranges than a process keeps open: none is forgotten, and they are finished when they are
# free.
my $pins = 200;
$node->safe_psql('postgres', q(
	CREATE TABLE pinned (id int PRIMARY KEY, v int, pad text) WITH (fillfactor = 50);
	INSERT INTO pinned SELECT g, g, repeat('x', 100) FROM generate_series(1, 100000) g;
	CREATE TABLE was_pinned AS SELECT ctid AS tid, xmin::text AS xmin_was FROM pinned));
my $to_bigint = alter_column('pinned', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"');

sub pin_pages
{
	my $holder = $node->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe(join('; ', map { my $block = $_ * 2; "DECLARE c$_ CURSOR FOR SELECT id FROM pinned WHERE ctid >= '($block,1)'; FETCH 1 FROM c$_" } 1 .. $pins));
	return $holder;
}

my $filled = q(SELECT coalesce(sum(rows_filled), 0) FROM pgmigrate.fill WHERE relation = 'pinned'::regclass);
my $rows_in_use = $node->safe_psql('postgres', "SELECT count(*) FROM pinned WHERE (ctid::text::point)[0]::int % 2 = 0 AND (ctid::text::point)[0] BETWEEN 2 AND 2 * $pins");
cmp_ok($node->safe_psql('postgres', "SELECT pg_relation_size('pinned') / 8192"), '>', 2 * $pins, 'there are as many pages');
set_patience('1h');
start_pinned('03_pinned');
ok($node->poll_query_until('postgres', "SELECT ($filled) = 100000 - $rows_in_use"), 'all but the pages in use are filled');
$main::holder->query_safe('COMMIT');
$main::holder->quit;
wait_ready($node);
is($node->safe_psql('postgres', 'SELECT count(*) FROM was_pinned w JOIN pinned p ON p.ctid = w.tid AND p.xmin::text = w.xmin_was'), 100000, 'pages in use: finished in place');
sound('pinned');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
$node->safe_psql('postgres', 'VACUUM FULL pinned');

# The same, but patience ends before: the rows go by update, and the cursors still work.
set_patience('50ms');
start_pinned('04_pinned');
wait_ready($node);
is($node->safe_psql('postgres', "$filled"), 100000, 'pages in use for long: filled by update');
is($node->safe_psql('postgres', 'SELECT count(*) FROM public_04_pinned.pinned WHERE v IS DISTINCT FROM id * 10'), 0, 'pages in use for long: every value is right');
my $fetched = join('', map { $main::holder->query_safe("FETCH 1 FROM c$_") } 1 .. 3);
like($fetched, qr/^\d+\s*\d+\s*\d+\s*$/, 'the cursors go on');
$main::holder->query_safe('COMMIT');
$main::holder->quit;
sound('pinned');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

# Full pages and a snapshot that stays: what lacks room goes by update.
$node->safe_psql('postgres', q(CREATE TABLE full_pages (id int PRIMARY KEY, v int); INSERT INTO full_pages SELECT g, g FROM generate_series(1, 100000) g));
set_patience('200ms');
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
$reader->query_safe('SELECT count(*) FROM held');    # takes the snapshot, but no lock that migrate_start would wait for
$node->safe_psql('postgres', "SELECT migrate_start('05_stuck', " . alter_column('full_pages', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"') . ')');
wait_ready($node);
is($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE v IS DISTINCT FROM id * 10) || \' wrong of \' || count(*) FROM public_05_stuck.full_pages'), '0 wrong of 100000', 'stuck horizon: every value is right');
is($reader->query_safe('SELECT sum(v) FROM full_pages'), '5000050000', 'stuck horizon: the reader sees what it saw');
$reader->query_safe('COMMIT');
$reader->quit;
sound('full_pages');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');

sub set_patience
{
	my ($patience) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET pgmigrate.fill_patience = '$patience'");
	$node->reload;
	return;
}

# migrate_start needs the table for itself, so the cursors come after it, while the worker is kept from beginning.
sub start_pinned
{
	my ($name) = @_;
	$node->safe_psql('postgres', "BEGIN; SELECT migrate_start('$name', $to_bigint); SELECT migrate_pause(); COMMIT");
	our $holder = pin_pages();
	$node->safe_psql('postgres', 'SELECT migrate_resume()');
	return;
}

unlike(slurp_file($node->logfile), qr/PANIC|TRAP|invalid page|checksum/, 'nothing alarming in the log');
done_testing();
