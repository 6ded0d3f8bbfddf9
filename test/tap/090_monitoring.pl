# SPDX-License-Identifier: PostgreSQL
# The metrics as the real programs read them: promtool, Debian's two exporters with the files of doc/monitoring, and a
# Prometheus that scrapes them, loads the alert rules, and is asked every query of the dashboard.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Cwd qw(abs_path);
use JSON::PP;
use Migrations;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Programs;
use Test::More;

my $ready_files = abs_path('doc/monitoring');
my $node = new_node('monitored', 'autovacuum = off', 'fsync = off', 'listen_addresses = \'127.0.0.1\'', 'wal_level = replica');
my $database = $node->port;

sub metrics { return $node->safe_psql('postgres', 'SELECT migrate_metrics()'); }

sub metrics_are_good
{
	my ($when) = @_;
	my ($code, $output) = run_program(metrics() . "\n", 'promtool', 'check', 'metrics');
	is("$code $output", '0 ', "promtool finds nothing to say of the metrics: $when");
	return;
}

# A table whose fill stops in the middle for as long as somebody holds an advisory lock.
$node->safe_psql('postgres', q(
	CREATE TABLE t (id integer PRIMARY KEY, v integer, filler text DEFAULT repeat('x', 100));
	INSERT INTO t SELECT g, g FROM generate_series(1, 100000) g;
	ANALYZE t;
	CREATE FUNCTION gate(v integer) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		IF v = 99990 THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
		RETURN v;
	END $$;
	SELECT pg_create_physical_replication_slot('idle', true)));
my $migration = alter_column('t', 'v', type => '"bigint"', up => '"public.gate(v)"', down => '"v"');

metrics_are_good('no migration yet');
like(metrics(), qr/^migration_lag_seconds 0$/m, 'no standby, no lag');
like(metrics(), qr/^disk_free_bytes\{volume="pg_default"\} [1-9]/m, 'free disk of the database');
like(metrics(), qr/^disk_total_bytes\{volume="pg_wal"\} [1-9]/m, 'disk of the WAL');

my $gate = $node->background_psql('postgres');
$gate->query_safe('SELECT pg_advisory_lock(4711)');
$node->safe_psql('postgres', qq(SELECT migrate_start('02 "wide"', $migration)));
ok($node->poll_query_until('postgres', 'SELECT sum(rows_filled) > 0 FROM pgmigrate.fill'), 'a part is filled');
metrics_are_good('filling');
like(metrics(), qr/^pgmigrate_phase_current\{schema="public",migration="02 \\"wide\\"",phase="filling"\} 1$/m, 'phase, and quotes in a label');
like(metrics(), qr/^pgmigrate_migration_filled_bytes_total\{[^}]*\} [1-9]/m, 'bytes');
ok($node->poll_query_until('postgres', q(SELECT count(*) = 0 FROM (SELECT value FROM pgmigrate.metrics() WHERE metric = 'pgmigrate_migration_rows_filled_total'
	EXCEPT SELECT rows_done FROM migrate_status('public')) other)), 'the same as rows');
is($node->safe_psql('postgres', q(SELECT relid, pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'pgmigrate worker') FROM pgmigrate.progress)),
	't|t', 'progress names the worker and its table');
is($node->safe_psql('postgres', q(SET ROLE pg_monitor; SELECT count(*) > 0 FROM pgmigrate.metrics())), 't', 'any role may read them');

# Two exporters, each with the file of doc/monitoring.
my $postgres_exporter = PostgreSQL::Test::Cluster::get_free_port();
start_program('prometheus-postgres-exporter', { DATA_SOURCE_NAME => "host=127.0.0.1 port=$database user=" . getpwuid($>) . ' dbname=postgres sslmode=disable' },
	"--web.listen-address=127.0.0.1:$postgres_exporter", "--extend.query-path=$ready_files/postgres_exporter.yml",
	'--disable-default-metrics', '--disable-settings-metrics', '--no-collector.database', '--no-collector.bgwriter');
my $folder = PostgreSQL::Test::Utils::tempdir();

# A copy of a ready file with what is different here; every replacement must find its place.
sub adapt
{
	my ($file, @replacements) = @_;
	my $text = slurp_file("$ready_files/$file");
	while (my ($from, $to) = splice(@replacements, 0, 2))
	{
		$text =~ s/\Q$from\E/$to/ or die "$file has no \"$from\"";
	}
	append_to_file("$folder/$file", $text);
	return "$folder/$file";
}
my $sql_exporter = PostgreSQL::Test::Cluster::get_free_port();
my $user = getpwuid($>);
start_program('prometheus-sql-exporter', {}, '-web.listen-address', "127.0.0.1:$sql_exporter", '-config.file',
	adapt('sql_exporter.yml', 'monitor@localhost:5432/app' => "$user\@127.0.0.1:$database/postgres", "'15s'" => "'1s'"));

# What migrate_metrics() gives, as metric{labels}, whatever the order of the labels.
sub series_of
{
	my ($text, @ignored) = @_;
	my %series;
	for (grep { /^(migration_|disk_|pgmigrate_)/ } split(/\n/, $text))
	{
		my ($name, $labels) = /^(\w+)(?:\{(.*)\})? / or next;
		my @labels = grep { my $label = $_; !grep { $label =~ /^$_=/ } @ignored } ($labels // '') =~ /(\w+="(?:[^"\\]|\\.)*")/g;
		$series{"$name\{" . join(',', sort @labels) . '}'} = 1;
	}
	return join("\n", sort keys %series);
}
my $exported = fetch_until("http://127.0.0.1:$postgres_exporter/metrics", sub { $_[0] =~ /^pgmigrate_backends/m });
is(series_of($exported // '', 'server'), series_of(metrics()), 'prometheus-postgres-exporter exports every metric under its name');
fetch_until("http://127.0.0.1:$sql_exporter/metrics", sub { $_[0] =~ /^sql_pgmigrate\{/m });

# A Prometheus that scrapes both.
my $prometheus = PostgreSQL::Test::Cluster::get_free_port();
adapt('alerts.yml');
start_program('prometheus', {}, '--config.file=' . adapt('prometheus.yml', 'scrape_interval: 15s' => "scrape_interval: 1s\n  evaluation_interval: 1s",
		'localhost:9187' => "127.0.0.1:$postgres_exporter", 'localhost:9237' => "127.0.0.1:$sql_exporter"),
	"--storage.tsdb.path=$folder/prometheus", "--web.listen-address=127.0.0.1:$prometheus");

sub ask
{
	my ($query) = @_;
	(my $encoded = $query) =~ s/([^A-Za-z0-9_])/sprintf('%%%02X', ord($1))/ge;
	my $answer = fetch_until("http://127.0.0.1:$prometheus/api/v1/query?query=$encoded", sub { @{ decode_json($_[0])->{data}{result} } > 0 });
	return defined $answer ? @{ decode_json($answer)->{data}{result} } : ();
}

for my $job ('postgres', 'sql')
{
	my @names = map { $_->{metric}{name} } ask(qq(count by (name) (label_replace({job="$job", __name__=~"(migration|disk|pgmigrate)_.+"}, "name", "\$1", "__name__", "(.+)"))));
	my %wanted = map { /^(\w+)/ ? ($1 => 1) : () } split(/\n/, series_of(metrics()));
	is(join(' ', sort @names), join(' ', sort keys %wanted), "$job exporter: every metric arrives under its name");
}
my $dashboard = decode_json(slurp_file("$ready_files/grafana_dashboard.json"));
my @queries = map { $_->{expr} } map { @{ $_->{targets} } } @{ $dashboard->{panels} };
cmp_ok(scalar @queries, '>', 15, 'the dashboard has queries');
my %names = map { /^(\w+)/ ? ($1 => 1) : () } split(/\n/, series_of(metrics()));
my %asked;
for my $query (@queries)
{
	(my $filled_in = $query) =~ s/\$schema/.*/g;
	$filled_in =~ s/\$__rate_interval/1m/g;
	my @known = grep { $names{$_} } $filled_in =~ /\b((?:pgmigrate|migration|disk)_\w+)/g;
	@asked{@known} = ();
	ok(ask($filled_in) > 0, "dashboard: $query");
}
is(join(' ', grep { !exists $asked{$_} } sort keys %names),
	'pgmigrate_migration_rows_to_fill pgmigrate_migration_started_timestamp_seconds pgmigrate_migration_to_fill_bytes', 'what the dashboard leaves out');

# The rules are loaded by that Prometheus, and tested by promtool.
my $rules = decode_json(fetch_until("http://127.0.0.1:$prometheus/api/v1/rules", sub { $_[0] !~ /"health":"unknown"/ && $_[0] =~ /MigrationFailed/ }));
my @loaded = map { @{ $_->{rules} } } @{ $rules->{data}{groups} };
is(join(' ', map { $_->{name} } grep { $_->{health} ne 'ok' } @loaded), '', 'every rule can be evaluated');
my @alerts = slurp_file("$ready_files/alerts.yml") =~ /alert: (\w+)/g;
is(scalar @loaded, scalar @alerts, 'every rule is loaded');
my $tests = slurp_file("$ready_files/alerts_test.yml");
for my $alert (@alerts)
{
	like($tests, qr/alertname: $alert\n\s+exp_alerts:/, "a test has $alert fire");
}
for (slurp_file("$ready_files/alerts.yml") =~ /expr: (?:>-\n)?((?:.|\n)*?)\n\s+(?:for|labels):/g)
{
	my $rule = $_;
	my @unknown = grep { !$names{$_} } $rule =~ /\b((?:pgmigrate|migration|disk)_\w+)/g;
	is("@unknown", '', "the alert asks for metrics that exist: " . ($rule =~ s/\s+/ /gr));
}
for my $arguments ([ 'check', 'rules', "$ready_files/alerts.yml" ], [ 'test', 'rules', "$ready_files/alerts_test.yml" ], [ 'check', 'config', "$ready_files/prometheus.yml" ])
{
	my ($code, $output) = run_program('', 'promtool', @$arguments);
	is($code, 0, "promtool @$arguments[0, 1]") or diag($output);
}

# The figures follow the migration; a failure and an alert on it.
$node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted));
eval { $gate->quit };    # the session is gone
wait_ready($node);
like(metrics(), qr/phase="ready"\} 1$/m, 'ready');
unlike(metrics(), qr/^pgmigrate_eta_seconds/m, 'nothing left to wait for');
$node->safe_psql('postgres', 'SELECT migrate_complete()');
like(metrics(), qr/^pgmigrate_schema_completions_total\{schema="public"\} 1$/m, 'completed');
$node->safe_psql('postgres', q(SELECT migrate_start('03', '{"operations": [{"add_column": {"table": "t", "up": "1 / (id - 5)",
	"column": {"name": "w", "type": "integer", "nullable": true}}}]}')));
wait_for_state($node, 'failed');
metrics_are_good('failed');
like(metrics(), qr/^pgmigrate_migration_failed\{[^}]*migration="03"\} 1$/m, 'failed');
like(metrics(), qr/^pgmigrate_schema_failures_total\{schema="public"\} 1$/m, 'a failure is counted');
ok(ask('ALERTS{alertname="MigrationFailed", migration="03", alertstate="firing"}') > 0, 'Prometheus raises the alert');
$node->safe_psql('postgres', 'SELECT migrate_rollback()');
like(metrics(), qr/^pgmigrate_schema_rollbacks_total\{schema="public"\} 1$/m, 'rolled back');

stop_programs();
done_testing();
