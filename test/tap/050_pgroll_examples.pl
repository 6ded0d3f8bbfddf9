# SPDX-License-Identifier: PostgreSQL
# pgroll's own 56 example migrations, unmodified and in order of their names: each is started, rolled back, started again and
# completed, in schema public and in another one. After each rollback the schema is as before. In the end both hold what
# 050_pgroll_examples.txt says: the end state that pgroll documents, names and properties included. Skipped where they are not there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = $ENV{PGMIGRATE_EXAMPLES} // '';
my @files = sort glob("$folder/*.yaml");
plan skip_all => 'the example migrations are not here (set PGMIGRATE_EXAMPLES to their folder)' unless @files;

my $node = new_node('examples', 'fsync = off');
$node->safe_psql('postgres', 'CREATE SCHEMA shop');

# Runs one migration to its end, in one session. Returns what went wrong.
sub run_to
{
	my ($schema, $name, $text, $end) = @_;
	my $done = $end eq 'complete' ? "migrate_complete('$schema')" : "migrate_rollback(schema_name => '$schema')";
	my ($code, $out, $errors) = $node->psql('postgres', qq(
		SET client_min_messages = error;
		SELECT migrate_start('$name', \$migration\$$text\$migration\$, '$schema');
		CALL migrate_wait(schema_name => '$schema', timeout => '1 min');
		SELECT $done;), on_error_stop => 1);
	return $code == 0 ? '' : $errors;
}

# Everything the examples have made in a schema, one line a fact; the schema is called public.
sub facts
{
	my ($schema) = @_;
	my $facts = $node->safe_psql('postgres', qq(
		SET search_path = pg_catalog;
		WITH relation AS (SELECT * FROM pg_class WHERE relnamespace = '$schema'::regnamespace)
		SELECT format('table %s: column %s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
		              CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid),
		              ' -- ' || col_description(c.oid, a.attnum))
		  FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relkind = 'r'
		UNION ALL
		SELECT format('table %s: constraint %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
		  FROM pg_constraint k JOIN relation c ON c.oid = k.conrelid WHERE k.contype <> 'n'
		UNION ALL
		SELECT format('table %s: %s', c.relname, pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN relation c ON c.oid = i.indrelid
		UNION ALL
		SELECT format('table %s: %s', c.relname, tgname) FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid WHERE NOT tgisinternal
		UNION ALL
		SELECT format('table %s: replica identity %s%s', relname, relreplident, ' -- ' || obj_description(oid, 'pg_class')) FROM relation WHERE relkind = 'r'
		UNION ALL
		SELECT format('%s %s', CASE relkind WHEN 'S' THEN 'sequence' ELSE 'view' END, relname) FROM relation WHERE relkind IN ('S', 'v')
		UNION ALL
		SELECT format('version: %s(%s)', c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum))
		  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
		 WHERE n.nspname LIKE '$schema\_%' GROUP BY c.relname
		));
	$facts =~ s/\b$schema\./public./g;
	return join('', map { "$_\n" } sort split(/\n/, $facts));
}

my $expected = slurp_file("$FindBin::RealBin/050_pgroll_examples.txt");
for my $schema ('public', 'shop')
{
	my (@failed, @changed);
	for my $file (@files)
	{
		my ($name) = $file =~ m{([^/]+)\.yaml$};
		my $text = slurp_file($file);
		my $before = dump_schema($node);
		my $errors = run_to($schema, $name, $text, 'rollback');
		push @failed, "$name: $errors" if $errors;
		push @changed, $name if dump_schema($node) ne $before;
		$errors = run_to($schema, $name, $text, 'complete');
		push @failed, "$name: $errors" if $errors;
	}
	is_deeply(\@failed, [], "$schema: every example went through start, rollback, start, complete");
	is_deeply(\@changed, [], "$schema: every rollback left the schema as before");
	is($node->safe_psql('postgres', "SELECT count(*) FROM migrate_history('$schema') WHERE status = 'complete'"), scalar @files, "$schema: history");
	is($node->safe_psql('postgres', qq(SELECT string_agg(c.relname || '.' || a.attname, ', ') FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relnamespace = '$schema'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND (a.attname LIKE '%pgmigrate%' OR c.relname LIKE '%pgmigrate%')
		  AND c.relname <> 'pgmigrate' AND NOT a.attisdropped)), '', "$schema: no name of ours is left");
	is($node->safe_psql('postgres', qq(SELECT count(*) FROM pg_constraint k WHERE k.connamespace = '$schema'::regnamespace AND NOT k.convalidated)), 0,
		"$schema: every constraint is validated");
	is(facts($schema), $expected, "$schema: names and properties are those pgroll documents");
}

done_testing();
