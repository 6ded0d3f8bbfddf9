# SPDX-License-Identifier: PostgreSQL
# A full disk: the fill waits, says so, goes on when there is room again, and loses nothing. test/check.sh makes the small
# file system and names it in PGMIGRATE_SMALL_DISK; it takes root, so elsewhere this is skipped.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $disk = $ENV{PGMIGRATE_SMALL_DISK};
plan skip_all => 'no small file system (PGMIGRATE_SMALL_DISK)' unless $disk && -d $disk && -w $disk;

my $rows = 200_000;
my $node = new_node('disk', 'fsync = off', 'autovacuum = off', "pgmigrate.min_free_disk = '6MB'", "pgmigrate.fill_rate_limit = '1MB'");
mkdir "$disk/tablespace" or die "mkdir: $!";
my $ballast = "$disk/ballast";
$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$disk/tablespace'");

sub free_kb { return (split ' ', (`df -Pk '$disk'`)[1])[3]; }

# Leaves so much of it free.
sub fill_up
{
	my ($left_kb) = @_;
	my $count = free_kb() - $left_kb;
	system_log('dd', 'if=/dev/zero', "of=$ballast", 'bs=1024', "count=$count", 'status=none');
	return;
}

sub start
{
	my ($name) = @_;
	$node->safe_psql('postgres', qq(
		CREATE TABLE t (id integer PRIMARY KEY, v integer, filler text DEFAULT repeat('x', 50)) TABLESPACE small;
		INSERT INTO t (id, v) SELECT g, g % 1000 FROM generate_series(1, $rows) g;));
	$node->safe_psql('postgres', "SELECT migrate_start('$name', " . alter_column('t', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"') . ')');
	ok($node->poll_query_until('postgres', "SELECT rows_done > 0 FROM migrate_status('public')"), "$name: it fills");
	return;
}

sub waits
{
	my ($name, $pattern) = @_;
	ok($node->poll_query_until('postgres', "SELECT waiting_for ~ '$pattern' AND state = 'filling' FROM migrate_status('public')"), "$name: waits, and says so")
	  or diag($node->safe_psql('postgres', "SELECT state, waiting_for, pressure, error FROM migrate_status('public')"));
	return;
}

sub ends_right
{
	my ($name) = @_;
	unlink $ballast or die "unlink: $!";
	$node->append_conf('postgresql.conf', 'pgmigrate.fill_rate_limit = 0');
	$node->reload;
	ok(wait_for_state($node, 'ready'), "$name: ready by itself when there is room");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE v IS DISTINCT FROM (id % 1000) * 10) || ' wrong of ' || count(*) FROM public_$name.t"),
		"0 wrong of $rows", "$name: every row");
	is($node->safe_psql('postgres', "SELECT error FROM migrate_status('public')"), '', "$name: it never failed");
	$node->safe_psql('postgres', 'SELECT migrate_rollback(); DROP TABLE t');
	return;
}

start('below');
fill_up(4096);
waits('below', '^disk space: .* of 1?0?[09][0-9]* MB are free on the file system of small');
my $done = $node->safe_psql('postgres', "SELECT rows_done FROM migrate_status('public')");
cmp_ok($done, '<', $rows, 'below: in the middle');
ends_right('below');

# Without the check PostgreSQL itself finds the disk full, in the middle of a batch.
$node->append_conf('postgresql.conf', "pgmigrate.fill_rate_limit = '1MB'\npgmigrate.min_free_disk = 0");
$node->reload;
start('full');
fill_up(0);
waits('full', '^disk space: could not (extend|write)');
ends_right('full');

$node->safe_psql('postgres', 'DROP TABLESPACE small');
done_testing();
