# SPDX-License-Identifier: PostgreSQL
# migrate_check and migrate_start on what the server itself is short of: workers, disk, somebody's patience; and on what others
# have left open: transactions, prepared ones, replication slots.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use Test::More;

my $node = new_node('check', 'max_worker_processes = 3', 'pgmigrate.lock_deadline = 1s', 'max_connections = 12', 'autovacuum = off',
	'wal_level = replica', 'max_wal_senders = 5', 'max_replication_slots = 5');
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, v integer);
	INSERT INTO t SELECT g, g FROM generate_series(1, 100000) g;
	CREATE TABLE u (id integer PRIMARY KEY)));
my $migration = alter_column('t', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"');
my $rename = q('{"operations": [{"rename_column": {"table": "t", "from": "v", "to": "w"}}]}');

# "severity object: message" of one check.
sub findings
{
	my ($check, $arguments) = @_;
	return $node->safe_psql('postgres', qq(SELECT concat(severity, ' ' || object, ': ', message) FROM migrate_check($arguments) WHERE check_name = '$check'));
}

sub refused
{
	my ($title, $state, $pattern, $statement) = @_;
	my ($code, $out, $errors) = $node->psql('postgres', "\\set VERBOSITY verbose\n$statement");
	like($errors, qr/ERROR:  $state: $pattern/, "$title: migrate_start stops");
	like($errors, qr/HINT:  .*migrate_check/, "$title: hint");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pgmigrate.migration'), 0, "$title: nothing is left behind");
	return;
}

# Of three worker slots the server's own launcher of logical replication and ours take two.
$node->poll_query_until('postgres', "SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type IN ('pgmigrate launcher', 'logical replication launcher')");
is(findings('workers', "'m', $migration"), 'info: 1 of 3 background worker slots are free', 'a free worker');
$node->append_conf('postgresql.conf', 'max_worker_processes = 2');
$node->restart;
$node->poll_query_until('postgres', "SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type IN ('pgmigrate launcher', 'logical replication launcher')");
is(findings('workers', "'m', $migration"), 'error: no background worker slot is free, 2 are in use', 'no free worker');
refused('no free worker', '53400', 'no background worker slot is free', "SELECT migrate_start('m', $migration)");
is(findings('workers', "'m', $rename"), '', 'a rename needs no worker');
is($node->safe_psql('postgres', "SELECT migrate_start('m', $rename)"), 'public_m', 'and starts without');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;

# Disk. A size is a limit, a share stops only what makes a difference.
like(findings('disk', "'m', $migration"), qr/^(info|warning) pg_default: the migration needs about [0-9]+ [kM]B on the file system of pg_default, where .* are free/, 'forecast');
unlike(findings('disk', ''), qr/needs/, 'no forecast without a migration');
refused('low disk', '53100', 'the migration needs about .*less than pgmigrate.min_free_disk would be left',
	"SET pgmigrate.min_free_disk = '1000000TB'; SELECT migrate_start('m', $migration)");
is($node->safe_psql('postgres', "SET pgmigrate.min_free_disk = '1000000TB'; SELECT migrate_start('m', $rename)"), 'public_m', 'what needs no disk starts');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
is($node->safe_psql('postgres', "SET pgmigrate.min_free_disk = '100%'; SELECT severity FROM migrate_check('m', $migration) WHERE check_name = 'disk'"),
	'warning', 'a small migration is not stopped by a share');

# Transactions that are open for longer than migrate_start would wait: with and without a lock on the table.
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN; SELECT count(*) FROM t');
my $other = $node->background_psql('postgres');
$other->query_safe('BEGIN; SELECT count(*) FROM u');
$node->safe_psql('postgres', 'SELECT pg_sleep(2)');
my $long = findings('long transactions', "'m', $migration");
like($long, qr/^warning process [0-9]+: process [0-9]+ of role \S+ is in a transaction for [0-9]+ s, idle in transaction and has locked public\.t$/m, 'a transaction that has locked the table');
like($long, qr/idle in transaction$/m, 'one that has not');
like(findings('long transactions', ''), qr/has locked public\.u$/m, 'without a migration: all tables');
is($node->safe_psql('postgres', "SELECT count(*) FROM migrate_check('m', $migration) WHERE check_name = 'long transactions' AND hint LIKE '%pg_terminate_backend(%'"), 2, 'how to end them');
$_->query_safe('COMMIT') for $reader, $other;
$_->quit for $reader, $other;
is(findings('long transactions', "'m', $migration"), '', 'none');

# A prepared transaction keeps its locks.
$node->safe_psql('postgres', q(BEGIN; UPDATE t SET v = v WHERE id = 1; PREPARE TRANSACTION 'forgotten'));
like(findings('prepared transactions', "'m', $migration"), qr/^warning forgotten: transaction "forgotten" of role \S+ is prepared for [0-9]+ s and has locked public\.t$/, 'prepared transaction');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'forgotten'");

# A slot that nobody reads.
$node->safe_psql('postgres', "SELECT pg_create_physical_replication_slot('idle', true)");
like(findings('replication slots', "'m', $migration"), qr/^warning idle: physical replication slot is not in use and keeps [0-9]+ (bytes|[kM]B) of WAL$/, 'replication slot');
$node->safe_psql('postgres', "SELECT pg_drop_replication_slot('idle')");

# A standby replays what we write, and cannot be changed itself.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
like(findings('replication lag', "'m', $migration"), qr/^(info|warning) standby: standby is streaming and [0-9]+ (bytes|[kM]B) of WAL, [0-9]+ s behind$/, 'replication lag');
is($standby->safe_psql('postgres', "SELECT severity || ': ' || message FROM migrate_check('m', $migration) WHERE check_name = 'recovery'"),
	'error: the server is a standby', 'on the standby');
$standby->stop;

# Few connections.
my @sessions = map { $node->background_psql('postgres') } 1 .. 6;
like(findings('connections', ''), qr/^warning: [0-3] of 9 connections are free$/, 'few connections');
$_->quit for @sessions;

# An extension whose owner may not see other sessions, used by the owner of a table.
$node->safe_psql('postgres', q(
	CREATE ROLE keeper LOGIN; CREATE ROLE plain LOGIN;
	CREATE DATABASE shy OWNER keeper));
$node->safe_psql('shy', q(
	CREATE EXTENSION pgmigrate; UPDATE pg_extension SET extowner = 'keeper'::regrole WHERE extname = 'pgmigrate';
	GRANT ALL ON ALL TABLES IN SCHEMA pgmigrate TO keeper; GRANT ALL ON SCHEMA pgmigrate TO keeper;
	GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmigrate TO keeper;
	GRANT CREATE ON SCHEMA public TO plain; GRANT CREATE ON DATABASE shy TO plain;
	SET ROLE plain; CREATE TABLE own (id integer PRIMARY KEY, v integer)));
my $own = alter_column('own', 'v', type => '"bigint"', up => '"v * 10"', down => '"v / 10"');
like($node->safe_psql('shy', "SET ROLE plain; SELECT severity || ': ' || message FROM migrate_check('m', $own) WHERE check_name = 'sessions'"),
	qr/^info: .* are not visible to role keeper, the owner of the extension$/, 'what cannot be seen is said');
is($node->safe_psql('shy', "SET ROLE plain; SELECT count(*) FROM migrate_check('m', $own) WHERE severity <> 'info' AND check_name <> 'disk'"), 0, 'and is no obstacle');

done_testing();
