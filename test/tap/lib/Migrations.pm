# SPDX-License-Identifier: PostgreSQL
# What the TAP tests share: a server with pgmigrate, waiting, dumps to compare, writers that never stop.
package Migrations;

use strict;
use warnings;
use Exporter 'import';

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(new_node dump_schema alter_column wait_ready wait_for_state start_writer stop_writer start_pgbench stop_pgbench
  errors_of create_gate close_gate open_gate);

# A started server with the extension in database postgres. Further lines go to postgresql.conf.
sub new_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', "$_\n")
	  for ("shared_preload_libraries = 'pgmigrate'", 'max_worker_processes = 16', 'max_prepared_transactions = 5',
		"log_line_prefix = '%m [%p] %q%a '", 'log_min_messages = warning', @settings);
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION pgmigrate');
	return $node;
}

# The schema as pg_dump prints it, without the two lines that carry a random key in newer minor versions.
sub dump_schema
{
	my ($node) = @_;
	my ($dump, $errors) = ('', '');
	IPC::Run::run([ 'pg_dump', '-s', '-h', $node->host, '-p', $node->port, 'postgres' ], '>', \$dump, '2>', \$errors)
	  or die "pg_dump: $errors";
	return join("\n", grep { !/^\\(un)?restrict/ } split(/\n/, $dump));
}

# A migration with one alter_column, as JSON in an SQL literal.
sub alter_column
{
	my ($table, $column, %fields) = @_;
	my $body = join(', ', qq("table": "$table"), qq("column": "$column"), map { qq("$_": $fields{$_}) } sort keys %fields);
	my $json = qq({"operations": [{"alter_column": {$body}}]});
	$json =~ s/'/''/g;
	return "'$json'";
}

sub wait_ready
{
	my ($node) = @_;
	return $node->safe_psql('postgres', "SET client_min_messages = warning; CALL migrate_wait(timeout => '3 min')");
}

sub wait_for_state
{
	my ($node, $state) = @_;
	return $node->poll_query_until('postgres', "SELECT state = '$state' FROM migrate_status('public')");
}

# A function for `up` that waits at row 1 while the gate is closed: a fill gets stuck in its first batch.
sub create_gate
{
	my ($node) = @_;
	$node->safe_psql('postgres', q(CREATE FUNCTION gated(id integer, v integer) RETURNS bigint LANGUAGE plpgsql AS $$
		BEGIN IF id = 1 THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; RETURN v * 10; END $$));
	return;
}

# Returns the session that keeps it closed.
sub close_gate
{
	my ($node) = @_;
	my $session = $node->background_psql('postgres');
	$session->query_safe('SELECT pg_advisory_lock(77)');
	return $session;
}

sub open_gate
{
	my ($session) = @_;
	$session->query_safe('SELECT pg_advisory_unlock(77)');
	$session->quit;
	return;
}

# psql that runs the statements again and again, each on its own, and keeps what goes wrong in a file: nobody reads a pipe
# while the test does other things.
sub start_writer
{
	my ($node, @statements) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my $writer = { stop => "$folder/stop", errors => "$folder/errors" };
	$writer->{run} = IPC::Run::start(
		[   'bash', '-c', 'stop=$1 errors=$2 host=$3 port=$4; shift 4
			while [ ! -e "$stop" ] && printf "%s;\n" "$@" 2>/dev/null; do :; done |
				psql -Xq -v VERBOSITY=verbose -h "$host" -p "$port" postgres >/dev/null 2>"$errors"',
			'writer', $writer->{stop}, $writer->{errors}, $node->host, $node->port, @statements ]);
	return $writer;
}

# Lets it finish what it has read, and returns its error lines.
sub stop_writer
{
	my ($writer) = @_;
	append_to_file($writer->{stop}, '');
	$writer->{run}->finish;
	return grep { /ERROR|FATAL|PANIC|server closed|could not/ } split(/\n/, slurp_file($writer->{errors}));
}

sub start_pgbench
{
	my ($node, @options) = @_;
	my $bench = { out => '', errors => '' };
	local $ENV{PGAPPNAME} = 'application';
	$bench->{run} = IPC::Run::start([ 'pgbench', '-n', @options, '-h', $node->host, '-p', $node->port, 'postgres' ],
		'>', \$bench->{out}, '2>', \$bench->{errors});
	return $bench;
}

sub stop_pgbench
{
	my ($bench) = @_;
	$bench->{run}->signal('TERM');    # a background job of a shell ignores INT, and so do its children
	eval { $bench->{run}->finish };
	return $bench->{errors};
}

# Error lines that an application of this name caused, from the server's log; not that we stopped it in the end.
sub errors_of
{
	my ($node, $application) = @_;
	return grep { /\] \Q$application\E (ERROR|FATAL|PANIC)/ && !/FATAL:  connection to client lost/ }
	  split(/\n/, slurp_file($node->logfile));
}

1;
