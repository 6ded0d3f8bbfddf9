# SPDX-License-Identifier: PostgreSQL
# A dump carries the history: after pg_dump and a restore into another database it is the same, the stored schema is that of the
# restored tables, and the next migration goes on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use Test::More;

my $node = new_node('dump');
$node->safe_psql('postgres', q(
	CREATE TABLE t (id bigserial PRIMARY KEY, v varchar(10) DEFAULT 'x' CHECK (v <> ''), parent bigint REFERENCES t DEFERRABLE);
	INSERT INTO t (v) VALUES ('one');
	CREATE INDEX t_lower ON t (lower(v)) WHERE v <> 'y';));
$node->safe_psql('postgres', $_)
  for q(SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "text", "up": "upper(v)", "down": "v"}}]}')),
  q(CALL migrate_wait(timeout => '1 min')), 'SELECT migrate_complete()';

my $history = 'SELECT name, version_schema, status, kind, migration, created_at, resulting_schema IS NOT NULL FROM migrate_history()';
my $before = $node->safe_psql('postgres', $history);
my $file = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-h', $node->host, '-p', $node->port, '-f', $file, 'postgres' ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port, '-d', 'restored', '-f', $file ], 'restored');
is($node->safe_psql('restored', $history), $before, 'the history is the same');
is($node->safe_psql('restored', 'SELECT * FROM migrate_drift()'), '', 'the restored tables are what the latest migration left');
is($node->safe_psql('restored', 'SELECT v FROM public_01.t'), 'ONE', 'the version is there');
$node->safe_psql('restored', q(SELECT migrate_start('02', '{"operations": [{"rename_table": {"from": "t", "to": "u"}}]}')));
$node->safe_psql('restored', 'SELECT migrate_complete()');
is($node->safe_psql('restored', 'SELECT string_agg(name, $$,$$) FROM migrate_history()'), '01,02', 'the next migration follows');
$node->stop;
done_testing();
