# SPDX-License-Identifier: PostgreSQL
# pgroll #905, #906, #907 ("writes fail while a migration starts and completes"), #583 ("filling never ends under
# inserts"): a type change on a pgbench table of a million rows, under traffic: no application statement fails from
# start to after complete, no row differs; and a rollback under traffic leaves the schema as it was.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('traffic', 'shared_buffers = 256MB', 'max_wal_size = 2GB', 'fsync = off');
$node->command_ok([ 'pgbench', '-i', '-q', '-s', '10', '-h', $node->host, '-p', $node->port, 'postgres' ], 'a million rows');
$node->safe_psql('postgres', q(SELECT migrate_start('01_init', '{"operations": []}')));
$node->safe_psql('postgres', 'SELECT migrate_complete()');

my $bench = start_pgbench($node, '-c', '4', '-j', '2', '-T', '600');
$node->poll_query_until('postgres', 'SELECT count(*) > 500 FROM pgbench_history');

my $to_bigint = alter_column('pgbench_accounts', 'abalance',
	type => '"bigint"', up => '"abalance::bigint"', down => '"abalance::integer"');

# Start and roll back while it is filling.
my $before = dump_schema($node);
$node->safe_psql('postgres', "SELECT migrate_start('02_bigint', $to_bigint)");
$node->poll_query_until('postgres', "SELECT rows_done > 0 FROM migrate_status('public')");
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
is(dump_schema($node), $before, 'the schema after rollback is the one from before start');

# Start again, compare both versions while the traffic goes on, complete.
$node->safe_psql('postgres', "SELECT migrate_start('02_bigint', $to_bigint)");
wait_ready($node);
is( $node->safe_psql('postgres', q(
	SELECT count(*) || ' rows, ' || count(*) FILTER (WHERE o.abalance::bigint IS DISTINCT FROM n.abalance) || ' differ'
	  FROM public_01_init.pgbench_accounts o FULL JOIN public_02_bigint.pgbench_accounts n USING (aid))),
	'1000000 rows, 0 differ', 'old and new version agree on every row under traffic');
$node->safe_psql('postgres', 'SELECT migrate_complete()');

# The application goes on for a while on the new shape.
my $done = $node->safe_psql('postgres', 'SELECT count(*) FROM pgbench_history');
$node->poll_query_until('postgres', "SELECT count(*) > $done + 500 FROM pgbench_history");
stop_pgbench($bench);

is_deeply([ errors_of($node, 'application') ], [], 'no statement of the application failed');
is( $node->safe_psql('postgres', q(
	SELECT count(*) FROM pgbench_accounts a LEFT JOIN (SELECT aid, sum(delta) AS total FROM pgbench_history GROUP BY aid) h USING (aid)
	 WHERE a.abalance <> coalesce(h.total, 0))), '0', 'every account is the sum of its history');
is($node->safe_psql('postgres', "SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'pgbench_accounts'::regclass AND attname = 'abalance'"),
	'bigint', 'the column has its new type');

done_testing();
