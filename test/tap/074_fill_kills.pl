# SPDX-License-Identifier: PostgreSQL
# Fill method page, and the server killed in the middle of it at random moments, with random traffic on the pages that are
# being filled: a worker by SIGKILL, which makes PostgreSQL restart all its processes and recover; or the whole server. The fill
# goes on by itself, nothing that was committed is lost, nothing that was not is there, heap and indexes are sound.
#
# PGMIGRATE_LONG=1 makes 50 rounds instead of 5. PGMIGRATE_SEED repeats the choices of a run, as far as concurrency lets it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Accounting;
use Migrations;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $seed = $ENV{PGMIGRATE_SEED} // int(rand(1_000_000));
srand($seed);
note("PGMIGRATE_SEED=$seed");

my $node = fill_node('kills', 'restart_after_crash = on', 'wal_level = replica', 'checkpoint_timeout = 30s');
if ($node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000") != 15)
{
	plan skip_all => 'method page is proven on PostgreSQL 15 only';
}
create_items($node, 10_000);

my $fillers = q(SELECT pid FROM pg_stat_activity WHERE backend_type IN ('pgmigrate worker', 'pgmigrate fill helper'));
my @kills = (
	[ 'worker killed', \&kill_filler ],
	[ 'server stopped', sub { $node->stop('immediate'); $node->start; return; } ]);
my @settings = ([ 'on', 'off' ], [ 'on', 'on' ], [ 'off', 'off' ]);    # full_page_writes, wal_compression

for my $round (1 .. ($ENV{PGMIGRATE_LONG} ? 50 : 5))
{
	my ($how, $kill) = @{ $kills[ $round % 2 ] };
	my ($images, $compression) = @{ $settings[ $round % 3 ] };
	my $title = "round $round, $how";
	$node->safe_psql('postgres', "ALTER SYSTEM SET full_page_writes = $images");
	$node->safe_psql('postgres', "ALTER SYSTEM SET wal_compression = $compression");
	$node->reload;
	start_items($node, "round_$round", (100, 70, 90, 80)[ $round % 4 ]);
	set_nap($node, '0.01');
	my $gate = close_gate($node);
	my $bench = start_traffic($node, $seed + $round, 4);
	my $before = operations($node);
	$node->safe_psql('postgres', 'SELECT migrate_resume()');
	my $operations = 1 + int(rand(400));
	my $filled = 1 + int(rand(4000));
	ok($node->poll_query_until('postgres', "SELECT (SELECT count(*) FROM ledger) >= $before + $operations AND (" . has_filled($filled) . ')'),
		"$title: after $operations operations and $filled rows");
	is($node->safe_psql('postgres', "SELECT state FROM migrate_status('public')"), 'filling', "$title: in the middle of the fill");
	$node->safe_psql('postgres', 'CHECKPOINT') if rand() < 0.3;
	# Any moment will do: in the fill, or some time after it could go on, in whatever comes then.
	open_gate($gate) if $round % 3 == 1;
	usleep(int(rand($round % 3 == 1 ? 2_000_000 : 100_000)));
	$kill->();
	stop_traffic($bench);
	$gate->quit unless $round % 3 == 1;    # its session is gone: the gate is open

	# It is filling again, or about to: what the table must contain does not depend on that.
	is_balanced($node, "$title, recovered");
	is_sound($node, "$title, recovered");
	$bench = start_traffic($node, $seed + 1000 + $round, 4);
	set_nap($node, '0');
	wait_ready($node);
	is_deeply([ stop_traffic($bench) ], [], "$title: no statement failed afterwards");
	is_filled($node, $title);
	is_balanced($node, $title);
	is_sound($node, $title);
	note("$title: " . $node->safe_psql('postgres', q(SELECT rows_filled || ' rows filled, ' || blocks || ' pages' FROM pgmigrate.fill)) . ', ' . (operations($node) - $before) . ' operations');
	$node->safe_psql('postgres', 'SELECT migrate_rollback()');
}

# Returns when the server is there again.
sub kill_filler
{
	my $start = $node->safe_psql('postgres', 'SELECT max(pid) FROM pg_stat_activity WHERE backend_type = \'checkpointer\'');
	my @pids = split(/\n/, $node->safe_psql('postgres', $fillers));
	@pids = split(/\n/, $node->safe_psql('postgres', q(SELECT pid FROM pg_stat_activity WHERE application_name = 'application'))) unless @pids;    # it is done
	kill('KILL', $pids[ int(rand(@pids)) ]);
	# Sessions cannot begin while it restarts; then the checkpointer is another one.
	for (1 .. 1800)
	{
		my ($status, $pid) = $node->psql('postgres', 'SELECT max(pid) FROM pg_stat_activity WHERE backend_type = \'checkpointer\'');
		return if defined $status && $status == 0 && ($pid // '') ne '' && $pid != $start;
		usleep(100_000);
	}
	die 'the server does not come back';
}

has_kept_calm($node);
$node->stop;
command_ok([ 'pg_checksums', '--check', '-D', $node->data_dir ], 'checksums of all pages');
done_testing();
