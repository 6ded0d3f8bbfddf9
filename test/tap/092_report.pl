# SPDX-License-Identifier: PostgreSQL
# The report in a real browser: on a desk, on a phone, on paper; nothing is fetched, no error is logged, nothing is wider than
# the phone. PGMIGRATE_SCREENSHOTS=folder keeps the pictures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Copy qw(copy);
use IPC::Run;
use Migrations;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Programs;
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('reported', 'autovacuum = off', 'fsync = off');
$node->safe_psql('postgres', q(
	CREATE SCHEMA "the <shop>";
	CREATE TABLE "the <shop>"."order & items" (id integer PRIMARY KEY, price integer, note text DEFAULT repeat('x', 60));
	INSERT INTO "the <shop>"."order & items" (id, price) SELECT g, g FROM generate_series(1, 200000) g;
	CREATE ROLE reader));

my $profiles = 0;

# Runs the browser; what it logs is returned. One that hangs or does not start is started once more.
sub browse
{
	my ($made, @arguments) = @_;
	my $errors = '';
	for my $attempt (1 .. 3)
	{
		my $profile = "$folder/profile" . ++$profiles;
		local $ENV{HOME} = $folder;
		my $output = '';
		$errors = '';
		my $run = IPC::Run::start(
			[   find_program('chromium'), '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
				'--allow-file-access-from-files', '--run-all-compositor-stages-before-draw', '--virtual-time-budget=3000', '--enable-logging=stderr',
				"--user-data-dir=$profile", @arguments ], '<', '/dev/null', '>', \$output, '2>', \$errors, IPC::Run::timeout(120));
		eval { $run->finish };
		$run->kill_kill if $@;
		return ($output, $errors) if $made->($output);
		diag("the browser did not answer: $errors");
	}
	return ('', $errors);
}

sub page_file
{
	my ($name, $page) = @_;
	open(my $file, '>:raw', "$folder/$name") or die $!;
	print $file $page;
	close($file);
	return "file://$folder/$name";
}

sub picture
{
	my ($name, $url, $size, @arguments) = @_;
	my (undef, $errors) = browse(sub { -s "$folder/$name" }, "--screenshot=$folder/$name", "--window-size=$size", @arguments, $url);
	cmp_ok(-s "$folder/$name" // 0, '>', 10_000, "$name is a picture");
	copy("$folder/$name", "$ENV{PGMIGRATE_SCREENSHOTS}/$name") if $ENV{PGMIGRATE_SCREENSHOTS};
	is(join("\n", grep { /CONSOLE|ERR_|Refused/ } split(/\n/, $errors)), '', "$name: nothing is logged");
	return;
}

# The page in a frame as wide as a phone, with a script of ours that tells what is wider, and what the browser has loaded.
sub measure
{
	my ($page) = @_;
	my $script = q(<script>
		const wide = [...document.querySelectorAll('body *')].filter(e => !e.parentElement.closest('.wide') && e.getBoundingClientRect().right > innerWidth + 1);
		parent.postMessage('width ' + innerWidth + ', page ' + document.documentElement.scrollWidth + ', wider: ' + wide.map(e => e.tagName).join(' ')
			+ ', loaded: ' + performance.getEntriesByType('resource').length + ', scripts: ' + (document.scripts.length - 1), '*');
	</script>);
	$page =~ s/<meta http-equiv="Content-Security-Policy"[^>]*>//;
	$page =~ s/<\/body>/$script<\/body>/;
	page_file('framed.html', $page);
	my $url = page_file('phone.html', q(<!DOCTYPE html><title>phone</title><body style="margin:0"><p id="told"></p><script>onmessage = m => told.textContent = m.data</script>
		<iframe src="framed.html" style="width:390px;height:2400px;border:0"></iframe></body>));
	my ($dom) = browse(sub { $_[0] =~ /id="told">width/ }, '--dump-dom', '--window-size=800,2500', $url);
	return ($dom =~ /id="told">([^<]*)</ ? $1 : 'nothing told', $url);
}

sub report { return $node->safe_psql('postgres', "SET ROLE reader; SELECT migrate_report('the <shop>')"); }

my (undef, undef, $refused) = $node->psql('postgres', 'SELECT migrate_report()');
like($refused, qr/schema "public" has had no migration/, 'nothing to report');

# A migration that is paused, fails, is mended and becomes ready.
my $migration = q({"operations": [
	{"alter_column": {"table": "order & items", "column": "price", "type": "bigint", "up": "price * 10 / (id - 150000)", "down": "price"}},
	{"create_index": {"name": "by price", "table": "order & items", "columns": [{"column": "price"}]}}]});
$node->safe_psql('postgres', qq(BEGIN; SELECT migrate_start('02 <b>wide</b>', '$migration', 'the <shop>'); SELECT migrate_pause('the <shop>'); COMMIT));
like(report(), qr/<span class="badge paused">paused</, 'paused');
$node->safe_psql('postgres', "SELECT migrate_resume('the <shop>')");
$node->poll_query_until('postgres', "SELECT state = 'failed' FROM migrate_status('the <shop>')");
unlike(report(), qr/division by zero/, 'why it failed is not for everybody');
$node->safe_psql('postgres', 'GRANT pg_read_all_stats TO reader');
my $failed = report();
like($failed, qr/<div class="failure" role="alert">\s*<p><b>[^<]*division by zero[^<]*<\/b>/, 'why it failed');
picture('failed.png', page_file('failed.html', $failed), '1280,1500');
$node->safe_psql('postgres', q(DELETE FROM "the <shop>"."order & items" WHERE id = 150000));
$node->safe_psql('postgres', "SELECT migrate_resume('the <shop>')");
ok($node->poll_query_until('postgres', "SELECT state = 'ready' FROM migrate_status('the <shop>')"), 'mended');

my $page = report();
unlike($page, qr/<b>wide/, 'names are text, not HTML');
like($page, qr/02 &lt;b&gt;wide&lt;\/b&gt;/, 'the name of the migration');
like($page, qr/CREATE INDEX CONCURRENTLY/, 'the plan');
like($page, qr/aria-label="Size filled and verified over time"/, 'the charts');
like($page, qr/old version sessions/, 'the conditions of completion');
my ($told, $phone) = measure($page);
is($told, 'width 390, page 390, wider: , loaded: 0, scripts: 0', 'on a phone nothing is wider than the screen, and nothing is loaded');
my $url = page_file('report.html', $page);
picture('report.png', $url, '1280,2600');
picture('report_dark.png', $url, '1280,2600', '--blink-settings=preferredColorScheme=0');
picture('report_phone.png', $phone, '420,2500');
browse(sub { -s "$folder/report.pdf" }, "--print-to-pdf=$folder/report.pdf", '--no-pdf-header-footer', $url);
like(substr(slurp_file("$folder/report.pdf"), 0, 8), qr/^%PDF-/, 'it can be printed');
copy("$folder/report.pdf", "$ENV{PGMIGRATE_SCREENSHOTS}/report.pdf") if $ENV{PGMIGRATE_SCREENSHOTS};

$node->safe_psql('postgres', "SELECT migrate_complete('the <shop>')");
like(report(), qr/<span class="badge completed">completed<.*start to completion/s, 'completed');
unlike(report(), qr/Ready to complete/, 'nothing left to complete');
$node->stop;
done_testing();
