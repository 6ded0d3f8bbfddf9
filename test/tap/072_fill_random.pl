# SPDX-License-Identifier: PostgreSQL
# Fill method page under random traffic on the pages that are being filled: inserts, HOT and other updates, deletes, deletes held
# open, row locks, savepoints, rollbacks, cursors that keep pins. Afterwards the table is exactly what the traffic's
# ledger says, every value is right, heap and indexes are sound.
#
# PGMIGRATE_LONG=1 makes more rounds. PGMIGRATE_SEED repeats the choices of a run, as far as concurrency lets it.
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

my $node = fill_node('random', 'autovacuum_naptime = 1s');
if ($node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000") != 15)
{
	plan skip_all => 'method page is proven on PostgreSQL 15 only';
}
my $rows = $ENV{PGMIGRATE_LONG} ? 60_000 : 20_000;
create_items($node, $rows);

# Full pages, where rows must move, and roomy ones, where none does but for the traffic.
my @fillfactors = ((100, 70, 90) x ($ENV{PGMIGRATE_LONG} ? 10 : 1));
my $wanted = 500;    # operations in the middle of each fill
for my $round (1 .. @fillfactors)
{
	my $fillfactor = $fillfactors[ $round - 1 ];
	my $title = "round $round, fillfactor $fillfactor";
	start_items($node, "round_$round", $fillfactor);
	$node->safe_psql('postgres', 'DROP TABLE IF EXISTS was_item; CREATE TABLE was_item AS SELECT ctid AS tid, xmin::text AS xmin_was FROM item');
	set_nap($node, '0.02');
	my $gate = close_gate($node);
	my $bench = start_traffic($node, $seed + $round, 8);
	my $before = operations($node);
	$node->safe_psql('postgres', 'SELECT migrate_resume()');
	ok($node->poll_query_until('postgres', "SELECT (SELECT count(*) FROM ledger) >= $before + $wanted AND (" . has_filled(1) . ')'),
		"$title: traffic in the middle of the fill");
	is($node->safe_psql('postgres', "SELECT state, (SELECT blocks_filled < blocks FROM pgmigrate.fill) FROM migrate_status('public')"), 'filling|t', "$title: which has not ended");
	set_nap($node, '0.001');
	open_gate($gate);
	wait_ready($node);
	is_deeply([ stop_traffic($bench) ], [], "$title: no statement failed");
	is_filled($node, $title);
	is_balanced($node, $title);
	is_sound($node, $title);
	my $kept = $node->safe_psql('postgres', 'SELECT count(*) FROM item i JOIN was_item w ON w.tid = i.ctid AND w.xmin_was = i.xmin::text');
	cmp_ok($kept, '>', 0, "$title: rows filled in place");
	# Once more without what the traffic left behind, hint bits set.
	$node->safe_psql('postgres', 'VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) item');
	is_balanced($node, "$title, vacuumed");
	is_sound($node, "$title, vacuumed");
	note("$title: " . $node->safe_psql('postgres', q(SELECT rows_filled || ' rows filled, ' || blocks || ' pages' FROM pgmigrate.fill)) . ", $kept rows still in their place, "  . (operations($node) - $before) . ' operations');
	$node->safe_psql('postgres', 'SELECT migrate_rollback()');
}

has_kept_calm($node);
$node->stop;
command_ok([ 'pg_checksums', '--check', '-D', $node->data_dir ], 'checksums of all pages');
done_testing();
