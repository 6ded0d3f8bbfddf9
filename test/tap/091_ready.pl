# SPDX-License-Identifier: PostgreSQL
# When may a migration be completed? Each condition is made to fail, by a real standby that stops replaying, a real client of
# the old version, a transaction that stays open; and CALL migrate_complete(when_ready => true) waits until none does.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run;
use Migrations;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('primary', 'autovacuum = off', 'wal_level = replica', 'max_wal_senders = 5', 'hot_standby = on');
my $lengthen = q('{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}');

# The rows that say no, as "condition: value"; a reading of the lag is kept each time.
sub unmet
{
	my ($arguments) = @_;
	return $node->safe_psql('postgres', "SELECT condition || ': ' || value FROM migrate_ready($arguments) WHERE NOT ok");
}

sub is_unmet
{
	my ($arguments, $pattern, $title) = @_;
	ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM migrate_ready($arguments) WHERE NOT ok AND condition || ': ' || value ~ '$pattern'"), $title)
	  or diag(unmet($arguments));
	return;
}

sub is_met
{
	my ($arguments, $condition, $title) = @_;
	ok($node->poll_query_until('postgres', "SELECT bool_and(ok) FROM migrate_ready($arguments) WHERE condition = '$condition'"), $title) or diag(unmet($arguments));
	return;
}

my ($code, $out, $errors) = $node->psql('postgres', 'SELECT * FROM migrate_ready()');
like($errors, qr/no migration is active in schema "public"/, 'nothing to complete');

# The first version.
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, v integer); INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g;
	CREATE TABLE other (id integer);
	CREATE ROLE oldie LOGIN;
	SELECT migrate_start('01', '{"operations": [{"add_column": {"table": "t", "column": {"name": "n", "type": "integer", "nullable": true}}}]}')));
wait_ready($node);
$node->safe_psql('postgres', "SELECT migrate_complete('public')");
$node->safe_psql('postgres', 'ALTER ROLE oldie SET search_path = public_01, pg_catalog; GRANT USAGE ON SCHEMA public_01 TO oldie; GRANT SELECT ON t, public_01.t TO oldie');

# Not done yet.
$node->safe_psql('postgres', "BEGIN; SELECT migrate_start('02', $lengthen); SELECT migrate_pause(); COMMIT");
is(unmet(''), "state: paused while filling, 0.0%\nrows filled: 0\nrows verified: 0", 'nothing is done');
($code, $out, $errors) = $node->psql('postgres', 'SET ROLE oldie; SELECT * FROM migrate_ready()');
like($errors, qr/must be a member of role/, 'who is connected is not for everybody');
($code, $out, $errors) = $node->psql('postgres', "CALL migrate_complete(when_ready => true, deadline => '1 ms')");
like($errors, qr/could not be completed in time\nDETAIL:  state: paused while filling/, 'the deadline, and what was missing');
($code, $out, $errors) = $node->psql('postgres', 'BEGIN; CALL migrate_complete(when_ready => true)');
like($errors, qr/cannot wait inside a transaction block/, 'not in a transaction');
($code, $out, $errors) = $node->psql('postgres', 'CALL migrate_complete(when_ready => false)');
like($errors, qr/is not ready to be completed/, 'without waiting');
$node->safe_psql('postgres', 'SELECT migrate_resume()');
wait_ready($node);
is(unmet(''), '', 'no standby, no old client: everything is met');
is($node->safe_psql('postgres', "SELECT value FROM migrate_ready() WHERE condition LIKE 'rows %'"), "1000\n1000", 'rows filled and verified');

# A client that is given the old version, and one that reads a table directly.
my $old = $node->background_psql('postgres', extra_params => [ '-U', 'oldie' ]);
$old->query_safe('SELECT 1');
is_unmet('', 'old version sessions: process [0-9]+ of role oldie .*from local since .*: search_path of its role or database names public_01', 'a client of the old version');
my $direct = $node->background_psql('postgres');
$direct->query_safe('BEGIN; SELECT count(*) FROM public.t');
is_unmet('', 'old version sessions: process [0-9]+ .*has locked public.t', 'a client that reads the table');
my $new = $node->background_psql('postgres');
$new->query_safe('BEGIN; SELECT count(*) FROM public_02.t');
my $new_pid = $new->query_safe('SELECT pg_backend_pid()');
unlike(unmet(''), qr/process $new_pid /, 'a client of the new version is none');
$new->query_safe('COMMIT');
$new->quit;

# Its transaction is a long one.
is($node->safe_psql('postgres', "SET pgmigrate.lock_deadline = '1h'; SELECT ok FROM migrate_ready() WHERE condition = 'long transactions'"), 't', 'not longer than we would wait');
$node->append_conf('postgresql.conf', "pgmigrate.lock_deadline = '1s'");
$node->reload;
is_unmet('', 'long transactions: process [0-9]+ of role .* \(idle in transaction\), for [0-9]+ s', 'a long transaction');

# A standby, whose lag must have been low for a while; it stops replaying; it goes away.
$node->safe_psql('postgres', "SELECT pg_create_physical_replication_slot('standby', true)");
is_unmet('', 'replication lag: unknown: nobody reads slot standby', 'a slot without a reader');
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "primary_slot_name = 'standby'\nwal_receiver_status_interval = 1");
$standby->start;
is_unmet("stable_for => '1 hour'", 'replication lag: [0-9.]+ s, known to be within the limit for', 'low, but not for long enough');
is_met("stable_for => '2 seconds'", 'replication lag', 'low for long enough');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
$node->safe_psql('postgres', 'INSERT INTO other SELECT generate_series(1, 100)');
is_unmet("max_lag => '2 seconds', stable_for => '1 second'", 'replication lag: [0-9.]+ s$', 'a standby that does not replay');
like($standby->safe_psql('postgres', 'SELECT migrate_metrics()'), qr/^migration_lag_seconds (?!0$)[0-9.]+$/m, 'the metrics can be read on the standby, which knows that it is behind');

# Waiting for all that, without a snapshot.
my ($waiter_out, $waiter_errors) = ('', '');
my $waiter = IPC::Run::start([ 'psql', '-Xq', '-h', $node->host, '-p', $node->port, '-d', 'postgres', '-c',
		q(CALL migrate_complete(when_ready => true, deadline => '10 minutes', max_lag => '2 seconds', stable_for => '2 seconds')) ], '<', '/dev/null', '>', \$waiter_out, '2>', \$waiter_errors);
my $waiting = q(FROM pg_stat_activity WHERE query LIKE 'CALL migrate_complete%' AND state = 'active');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 $waiting AND wait_event = 'Extension' AND backend_xmin IS NULL"), 'waits without a snapshot');
$direct->query_safe('COMMIT');
$direct->quit;
$node->safe_psql('postgres', 'CREATE INDEX CONCURRENTLY ON other (id)');
is($node->safe_psql('postgres', "SELECT count(*) $waiting"), 1, 'an index can be built meanwhile');
is($node->safe_psql('postgres', "SELECT state FROM migrate_status('public')"), 'ready', 'it is not completed');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
is_met("max_lag => '2 seconds', stable_for => '1 second'", 'replication lag', 'the standby has caught up');
is($node->safe_psql('postgres', "SELECT state FROM migrate_status('public')"), 'ready', 'the old client is still there');
$old->quit;
ok($node->poll_query_until('postgres', "SELECT state = 'completed' FROM migrate_status('public')"), 'completed as soon as it is gone');
$waiter->finish;
like($waiter_errors, qr/NOTICE:  waiting for .*replication lag/, 'it told what it waited for');
unlike($waiter_errors, qr/ERROR/, 'and ended well');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_namespace WHERE nspname = 'public_01'"), 0, 'the old version is gone');

$standby->stop;
$node->stop;
done_testing();
