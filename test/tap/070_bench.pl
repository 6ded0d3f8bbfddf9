# SPDX-License-Identifier: PostgreSQL
# test/bench at a tiny scale: its accounting is right, its exit code says what its lines say, nothing of it is left behind.
# What it says of speed at this scale means nothing and is not looked at.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($bindir) = qx(pg_config --bindir) =~ /(.*)/;
my $folder = PostgreSQL::Test::Utils::tempdir_short();
my @bench = ('python3', '-B', 'test/bench/bench.py', '--bindir', $bindir, '--folder', $folder, '--rounds', 1, '--scale', 0.001,
	'--setting', 'fsync=off', '--setting', 'shared_buffers=64MB', '--setting', 'max_wal_size=256MB');

sub run_bench
{
	my (@arguments) = @_;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ @bench, @arguments ], '>', \$out, '2>', \$errors);
	return ($? >> 8, $out, $errors);
}

# Servers and clients work in folders of theirs, also after these have been removed.
sub processes_in_folder { return scalar(grep { (readlink($_) // '') =~ /^\Q$folder\E/ } glob('/proc/[0-9]*/cwd')) }

sub left_in_folder { return join(' ', glob("$folder/*")) }

my ($out, $errors) = ('', '');
ok(IPC::Run::run([ 'python3', '-B', '-m', 'unittest', 'figures_test' ], '>', \$out, '2>', \$errors, init => sub { chdir('test/bench') or die }),
	'medians, ratios, thresholds and tables') or diag($errors);

my $json = PostgreSQL::Test::Utils::tempdir() . '/results.json';
(my $code, $out, $errors) = run_bench('--json', $json, 'narrow', 'wide_value', 'busy', 'trigger');
my @missed = $out =~ /^missed /mg;
is($code, @missed ? 1 : 0, 'the exit code says whether a threshold is missed') or diag($errors);
is(left_in_folder(), '', 'nothing is left behind');

my $results = decode_json(slurp_file($json));
my %values = map { ("$_->{part}.$_->{variant}" => $_->{values}) } @{ $results->{samples} };
my $rows = 5000;
for my $way (qw(narrow.update narrow.rewrite narrow.batches narrow.fill))
{
	is($values{$way}{rows}, $rows, "$way: as many rows as before");
	cmp_ok($values{$way}{$_}, '>', 0, "$way: $_") for qw(seconds wal_bytes table_bytes index_bytes);
}
is($values{'narrow.update'}{dead_rows}, $rows, 'one UPDATE leaves every row dead once');
is($values{'narrow.update'}{rows_moved}, $rows, 'and writes every row');
is($values{'narrow.update'}{new_value_bytes}, 8 * $rows, 'a bigint has eight bytes');
is($values{'narrow.rewrite'}{dead_rows}, 0, 'a rewrite leaves no dead row');
is($values{'narrow.batches'}{rows_moved}, $rows, 'the batches reach every row');
is($values{$_}{rows_filled}, $values{$_}{rows}, "$_: every row is filled") for qw(narrow.fill wide_value.fill busy.idle);
cmp_ok($values{'narrow.fill'}{total_seconds}, '>=', $values{'narrow.fill'}{seconds}, 'filling is a part of the whole');
cmp_ok($values{'narrow.fill'}{dead_rows}, '<=', $values{'narrow.fill'}{rows_moved}, 'only rows that moved leave dead ones');
is($values{'busy.busy'}{failed_statements}, 0, 'no statement of the clients failed');
cmp_ok($values{'busy.busy'}{rows_filled}, '<=', $rows, 'what the clients wrote needs no fill');
is($values{"trigger.$_"}{rows}, 2000, "trigger.$_: rows written") for qw(none plpgsql pgmigrate);

my %figures = map { ($_->{name} => $_->{value}) } @{ $results->{figures} };
is( sprintf('%.6f', $figures{'narrow.update/fill.seconds'}),
	sprintf('%.6f', $values{'narrow.update'}{seconds} / $values{'narrow.fill'}{seconds}), 'a ratio of one round is that of its samples');
like($out, qr/^narrow\.update\.dead_rows $rows rows$/m, 'a line per figure');
is(scalar(@missed), scalar(grep { !$_->{met} } @{ $results->{thresholds} }), 'lines and JSON miss the same number of thresholds');

($code, $out, $errors) = run_bench('--scale', 0, 'narrow');
is($code, 2, 'a scale of zero is refused');
($code, $out, $errors) = run_bench('broad');
is($code, 2, 'an unknown part is refused');
like($errors, qr/no such part: broad \(there are: narrow wide /, 'and told');
($code, $out, $errors) = run_bench('--setting', 'shared_buffers=nothing', 'narrow');
is($code, 2, 'a server that does not start is no missed threshold');
is(left_in_folder(), '', 'nothing is left of it');

# Ended in the middle: the server and the clients end with it.
my $run = IPC::Run::start([ @bench, '--rounds', 1000, 'busy' ], '>', \$out, '2>', \$errors);
my $deadline = time() + $PostgreSQL::Test::Utils::timeout_default;
until (my @logs = glob("$folder/*/clients.*/pgbench_log.*"))
{
	die "no clients: $errors" if !$run->pumpable || time() > $deadline;
	$run->pump_nb;
	usleep(50_000);
}
cmp_ok(processes_in_folder(), '>', 0, 'it is at work');
$run->signal('TERM');
$run->finish;
is($? >> 8, 130, 'ended by a signal');
is(left_in_folder(), '', 'nothing is left of that either');
usleep(50_000) while processes_in_folder() && time() < $deadline;    # the last thing a server does is to end
is(processes_in_folder(), 0, 'its server and clients are gone');

done_testing();
