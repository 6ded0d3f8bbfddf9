# SPDX-License-Identifier: PostgreSQL
# Writers with single-row statements through the old and the new views, while migrations start, complete and roll back 60
# times (200 in the long form) on a small table. No statement may fail except on a version that does not exist at that moment.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $cycles = $ENV{PGMIGRATE_CYCLES} // ($ENV{PGMIGRATE_LONG} ? 200 : 60);
my $node = new_node('cycles', 'fsync = off');
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, c text NOT NULL, n integer NOT NULL DEFAULT 0);
	INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 100) g;
	SELECT migrate_start('init', '{"version_schema": "a", "operations": []}');
	SELECT migrate_complete();));

# Versions public_a and public_b take turns as old and new. Each writer has rows of its own.
my @writers = map {
	my ($schema, $row) = @$_;
	(   start_writer($node, "UPDATE $schema.t SET c = 'qualified ' || n, n = n + 1 WHERE id = $row",
			"INSERT INTO $schema.t (id, c) VALUES (1000 + $row, 'new') ON CONFLICT (id) DO UPDATE SET n = t.n + 1, c = 'again'",
			"DELETE FROM $schema.t WHERE id = 1000 + $row"),
		start_writer($node, "SET search_path = $schema", "UPDATE t SET c = 'path ' || n, n = n + 1 WHERE id = 10 + $row"))
} ([ 'public_a', 1 ], [ 'public_b', 2 ], [ 'public', 3 ]);

my ($different, $ended) = (0, 0);
for my $cycle (1 .. $cycles)
{
	my $new = $node->safe_psql('postgres', "SELECT CASE migrate_latest_version() WHEN 'public_a' THEN 'b' ELSE 'a' END");
	my $json = qq({"version_schema": "$new", "operations": [{"alter_column": {"table": "t", "column": "c",
		"check": {"name": "c_$cycle", "constraint": "length(c) > 0"}, "up": "upper(c)", "down": "lower(c)"}}]});
	$node->safe_psql('postgres', "SELECT migrate_start('cycle_$cycle', '$json')");
	wait_ready($node);
	$different += $node->safe_psql('postgres', q(
		SELECT count(*) FROM public_a.t a FULL JOIN public_b.t b USING (id)
		 WHERE upper(a.c) IS DISTINCT FROM upper(b.c) OR a.n IS DISTINCT FROM b.n));
	$node->safe_psql('postgres', $cycle % 2 ? 'SELECT migrate_complete()' : 'SELECT migrate_rollback()');
	$ended++;
}

my @failures = map { stop_writer($_) } @writers;
is($ended, $cycles, "$cycles cycles");
is($different, 0, 'old and new never differed');
my @unexpected = grep { !/ERROR:  (3F000: schema "public_[ab]" does not exist|42P01: relation "(public_[ab]\.)?t" does not exist)/ } @failures;
is_deeply(\@unexpected, [], 'no statement failed except on a version that was being removed');
if (@unexpected)
{
	diag($_) for grep { /deadlock|waits for|Process \d+:|STATEMENT:/ } split(/\n/, slurp_file($node->logfile));
}
cmp_ok($node->safe_psql('postgres', 'SELECT min(n) FROM t WHERE id IN (1, 2, 3, 11, 12, 13)'), '>', 0, 'every writer wrote');
is( $node->safe_psql('postgres', q(SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
	 WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped)), 'id n c', 'no column of ours is left');

done_testing();
