# SPDX-License-Identifier: PostgreSQL
# Wrong input of every kind: a clear error with its SQLSTATE and a hint, and nothing left behind, by pg_dump -s, the state
# tables and the list of workers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('bad_input', 'max_worker_processes = 1');
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, name text);
	INSERT INTO t VALUES (1, 'one');
	CREATE ROLE stranger;
	GRANT CREATE ON DATABASE postgres TO stranger;
	SELECT migrate_start('used', '{"operations": []}');
	SELECT migrate_complete();));
my $schema = dump_schema($node);

sub state_of
{
	return $node->safe_psql('postgres', q(SELECT (SELECT count(*) FROM pgmigrate.migration) || '/' ||
		(SELECT count(*) FROM pgmigrate.step) || '/' || (SELECT count(*) FROM pgmigrate.fill)));
}
my $state = state_of();

# SQL that must fail with the SQLSTATE, a message that matches, and a hint.
sub refused
{
	my ($title, $sqlstate, $message, $sql) = @_;
	my ($code, $out, $errors) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", on_error_stop => 1);
	like($errors, qr/ERROR:  \Q$sqlstate\E: .*$message/, "$title: SQLSTATE and message");
	like($errors, qr/^HINT:  \S/m, "$title: hint");
	is(dump_schema($node), $schema, "$title: schema as before");
	is(state_of(), $state, "$title: no row left");
	return;
}

sub start { my ($operations, $name) = @_; $name //= 'bad'; $operations =~ s/'/''/g; return "SELECT migrate_start('$name', '{\"operations\": [$operations]}')"; }

refused('unknown operation', '22023', 'operations\[0\]\.add_colum"', start('{"add_colum": {"table": "t"}}'));
refused('unknown field', '22023', 'operations\[0\]\.drop_column\.cascade', start('{"drop_column": {"table": "t", "column": "name", "cascade": true}}'));
refused('missing field', '22023', 'operations\[1\]\.add_column\.column\.type',
	start('{"drop_table": {"name": "t"}}, {"add_column": {"table": "t", "column": {"name": "x"}}}'));
refused('wrong JSON type', '22023', 'operations\[0\]\.create_table\.columns', start('{"create_table": {"name": "x", "columns": "id"}}'));
refused('no JSON', '22P02', 'not valid JSON', "SELECT migrate_start('bad', '{\"operations\": [')");
refused('no list of operations', '22023', 'operations', "SELECT migrate_start('bad', '{\"operations\": 1}')");
refused('table that is not there', '42P01', 'table "nobody" does not exist', start('{"drop_table": {"name": "nobody"}}'));
refused('column that is not there', '42703', 'column "nothing" of table "t" does not exist', start('{"drop_column": {"table": "t", "column": "nothing"}}'));
refused('index that is not there', '42704', 'index "nothing" does not exist', start('{"drop_index": {"name": "nothing"}}'));
refused('table name taken', '42P07', 'table "t" already exists', start('{"create_table": {"name": "t", "columns": [{"name": "id", "type": "int"}]}}'));
refused('column name taken', '42701', 'column "id" of table "t" already exists', start('{"rename_column": {"table": "t", "from": "name", "to": "id"}}'));
refused('migration name used', '42710', 'migration "used" already exists', start('', 'used'));
refused('version schema taken', '42P06', 'schema "public_used" already exists',
	q(SELECT migrate_start('bad', '{"version_schema": "used", "operations": []}')));
refused('up with a type error', '42883', 'operator does not exist', start('{"add_column": {"table": "t", "up": "name * 2", "column": {"name": "x", "type": "int"}}}'));
refused('up that is no expression', '42601', 'syntax error', start('{"add_column": {"table": "t", "up": "name) FROM t; DROP TABLE t; --", "column": {"name": "x", "type": "text"}}}'));
refused('unknown type', '42704', 'type "nothing" does not exist', start('{"add_column": {"table": "t", "up": "1", "column": {"name": "x", "type": "nothing"}}}'));
refused('schema that is not there', '3F000', 'schema "nowhere" does not exist', q(SELECT migrate_start('bad', '{"operations": []}', 'nowhere')));
refused('not the owner', '42501', 'must be owner of table t', 'SET ROLE stranger; ' . start('{"drop_column": {"table": "t", "column": "name"}}'));

# A second migration while one is active: refused, and the first is not disturbed.
$node->safe_psql('postgres', start('{"create_table": {"name": "x", "columns": [{"name": "id", "type": "int"}]}}', 'first'));
my ($code, $out, $errors) = $node->psql('postgres', "\\set VERBOSITY verbose\n" . start('', 'second'));
like($errors, qr/ERROR:  55006: migration "first" is active/, 'second migration while one is active');
like($errors, qr/HINT:  .*migrate_complete/, 'second migration: hint');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
is(dump_schema($node), $schema, 'the first could be rolled back');

# No worker slot is left: the server's own launcher of logical replication has the only one.
my $add = '{"add_column": {"table": "t", "up": "1", "column": {"name": "x", "type": "int"}}}';
refused('no worker slot', '53400', 'worker', start($add));
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;

# A start inside a transaction that aborts, with a worker registered.
$node->safe_psql('postgres', 'BEGIN; ' . start($add) . '; ROLLBACK');
is(dump_schema($node), $schema, 'aborted transaction: schema as before');
is(state_of(), $state, 'aborted transaction: no row left');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker'"),
	'aborted transaction: its worker ends');

done_testing();
