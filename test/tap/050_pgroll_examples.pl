# SPDX-License-Identifier: PostgreSQL
# pgroll's own 56 example migrations, unmodified and in order of their names: each is started, rolled back, started again and
# completed, in schema public and in another one. After each rollback the schema is as before. Skipped where they are not there.
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
}

done_testing();
