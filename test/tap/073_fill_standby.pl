# SPDX-License-Identifier: PostgreSQL
# Fill method page with a streaming standby that serves long queries and cursors all the while, under random traffic on the
# primary: no reader sees anything wrong, and afterwards both have the same rows at the same places from the same
# transactions, and their heaps and indexes are sound. With hot_standby_feedback on and off, wal_compression on and off,
# full_page_writes off, and every change replayed on the standby compared with the page on the primary.
#
# PGMIGRATE_LONG=1 makes more rounds and rows. PGMIGRATE_SEED repeats the choices of a run, as far as concurrency lets it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Accounting;
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{PGMIGRATE_SEED} // int(rand(1_000_000));
srand($seed);
note("PGMIGRATE_SEED=$seed");

# An autovacuum that cuts the table off would make readers of the standby wait or be cancelled.
my $primary = fill_node('primary', 'autovacuum = off', 'full_page_writes = off', 'wal_consistency_checking = \'heap, heap2\'');
if ($primary->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000") != 15)
{
	plan skip_all => 'method page is proven on PostgreSQL 15 only';
}
create_items($primary, $ENV{PGMIGRATE_LONG} ? 60_000 : 10_000);
$primary->safe_psql('postgres', q(CREATE FUNCTION rows_left(c refcursor) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE r record; n bigint := 0; BEGIN LOOP FETCH c INTO r; EXIT WHEN NOT FOUND; n := n + 1; END LOOP; RETURN n; END $$));
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->append_conf('postgresql.conf', "$_\n") for ('max_standby_streaming_delay = -1', 'wal_receiver_status_interval = 100ms');
$standby->start;

my $same_rows = q(SELECT count(*) || ' rows, ' || md5(string_agg(ctid || ' ' || xmin || ' ' || i::text, ',' ORDER BY ctid)) FROM item i);

# hot_standby_feedback, wal_compression, fillfactor
my @rounds = ([ 'off', 'off', 100 ], [ 'on', 'pglz', 100 ], [ 'off', 'on', 70 ]);
push @rounds, (@rounds) x 5 if $ENV{PGMIGRATE_LONG};
my $round = 0;
for my $settings (@rounds)
{
	my ($feedback, $compression, $fillfactor) = @$settings;
	my $title = 'round ' . ++$round . ", feedback $feedback, compression $compression, fillfactor $fillfactor";
	$primary->safe_psql('postgres', "ALTER SYSTEM SET wal_compression = '$compression'");
	$standby->append_conf('postgresql.conf', "hot_standby_feedback = $feedback\n");
	$standby->reload;
	start_items($primary, "round_$round", $fillfactor);
	set_nap($primary, '0.01');
	my $gate = close_gate($primary);
	$primary->wait_for_catchup($standby);

	# One snapshot and one cursor for the whole fill; and sessions that look at the table in several ways.
	my $long = $standby->background_psql('postgres');
	$long->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	my $sums = 'SELECT count(*), sum(v), sum(n), md5(string_agg(pad, \',\' ORDER BY id)) FROM item';
	my $seen = $long->query_safe($sums);
	$long->query_safe('DECLARE c CURSOR FOR SELECT id FROM item');
	$long->query_safe('FETCH 10 FROM c');
	my $readers = start_readers($standby, $seed + $round);
	my $bench = start_traffic($primary, $seed + $round, 4);
	my $before = operations($primary);
	$primary->safe_psql('postgres', 'SELECT migrate_resume()');
	ok($primary->poll_query_until('postgres', "SELECT (SELECT count(*) FROM ledger) >= $before + 300 AND (" . has_filled(1) . ')'), "$title: traffic in the middle of the fill");
	set_nap($primary, '0');
	open_gate($gate);
	wait_ready($primary);
	is_deeply([ stop_traffic($bench) ], [], "$title: no statement failed");
	is_filled($primary, $title);

	is($long->query_safe($sums), $seen, "$title: the long transaction on the standby sees what it saw");
	is($long->query_safe(q(SELECT 10 + rows_left('c'))), (split(/\|/, $seen))[0], "$title: so does its cursor");
	$long->query_safe('COMMIT');
	$long->quit;
	# Readers go on while it catches up.
	$primary->wait_for_catchup($standby);
	is_deeply([ stop_readers($readers) ], [], "$title: no reader saw anything wrong");
	$primary->wait_for_catchup($standby);
	is($standby->safe_psql('postgres', $same_rows), $primary->safe_psql('postgres', $same_rows), "$title: the same rows in the same places");
	is_balanced($primary, $title);
	is_balanced($standby, "$title, standby") if $round == @rounds;
	is_sound($primary, $title);
	is_sound($standby, "$title, standby");
	$primary->safe_psql('postgres', 'SELECT migrate_rollback()') unless $round == @rounds;
}

# The standby takes over and completes the migration.
$primary->stop;
$standby->promote;
is_sound($standby, 'promoted');
$standby->safe_psql('postgres', 'VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) item');
is_sound($standby, 'promoted, vacuumed');
$standby->safe_psql('postgres', 'SELECT migrate_complete()');
is($standby->safe_psql('postgres', q(SELECT count(*) FROM (SELECT DISTINCT ON (id) * FROM ledger ORDER BY id, seq DESC) l FULL JOIN item i USING (id) WHERE (kind = 'write') IS DISTINCT FROM (i.id IS NOT NULL) AND kind IS DISTINCT FROM 'delete' OR i.v <> l.v * 10::bigint + 7)),
	0, 'promoted: every row has its new value');
has_kept_calm($_) for ($primary, $standby);
$standby->stop;
command_ok([ 'pg_checksums', '--check', '-D', $_->data_dir ], $_->name . ': checksums of all pages') for ($primary, $standby);
done_testing();

# Clients that read the table on the standby twice in one snapshot, by sequential and by index scans, which must agree, and with
# cursors that keep a page pinned. An error of a division by zero tells of a difference.
sub start_readers
{
	my ($node, $reader_seed) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my $facts = 'count(*) AS rows, sum(v::bigint * 31 + n * id::bigint) AS facts FROM item WHERE v >= 0';
	append_to_file("$folder/agree.sql", "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSET LOCAL enable_indexscan = off;\nSET LOCAL enable_bitmapscan = off;\nSELECT $facts \\gset seq_\n"
		  . "SET LOCAL enable_seqscan = off;\nSET LOCAL enable_bitmapscan = on;\nSELECT $facts \\gset bitmap_\nSET LOCAL enable_bitmapscan = off;\nSET LOCAL enable_indexscan = on;\nSELECT $facts \\gset index_\n"
		  . "SELECT 1 / (:seq_rows = :bitmap_rows AND :seq_rows = :index_rows AND :seq_facts = :bitmap_facts AND :seq_facts = :index_facts)::int;\nCOMMIT;\n");
	append_to_file("$folder/pin.sql", "\\set block random(0, 50)\n\\set pause random(1, 50)\nBEGIN;\nDECLARE c CURSOR FOR SELECT id FROM item WHERE ctid >= format('(%s,0)', :block)::tid;\nFETCH 5 FROM c;\n\\sleep :pause ms\nFETCH 5 FROM c;\nCOMMIT;\n");
	return start_pgbench($node, '-c', 4, '-j', 1, '-T', 3600, "--random-seed=$reader_seed", '-f', "$folder/agree.sql", '-f', "$folder/pin.sql");
}

sub stop_readers
{
	my ($readers) = @_;
	return grep { /ERROR|FATAL|PANIC|aborted/ } split(/\n/, stop_pgbench($readers));
}
