# SPDX-License-Identifier: PostgreSQL
# Every SQL block of the README, run in order as a newcomer would: each must succeed, those marked "sql error" must fail.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Migrations;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $readme = slurp_file('README.md');
my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pgmigrate'");
$node->start;

my $run = 0;
while ($readme =~ /^```sql( error)?\n(.*?)^```$/msg)
{
	my ($fails, $block) = ($1, $2);
	# A block may set its search_path; like a newcomer's psql, every block here is a session that has run nothing before.
	my ($code, $out, $errors) = $node->psql('postgres', $block, on_error_stop => 1);
	my ($first) = split(/\n/, $block);
	$run++;
	if   ($fails) { isnt($code, 0, "fails as it says: $first"); like($errors, qr/HINT:/, 'with a hint'); }
	else          { is($code, 0, "runs: $first") or diag($errors); }
}
cmp_ok($run, '>', 10, 'blocks found');
is($node->safe_psql('postgres', "SELECT string_agg(name || ' ' || status, ', ') FROM migrate_history()"),
	'01_email complete, 03_number complete', 'what the README does to its database');

# The commands of the shell blocks are those this test suite itself is started and built with.
my %known = map { $_ => 1 } ('bash test/demo.sh', 'bash test/install.sh', 'make', 'make install', 'bash test/check.sh');
while ($readme =~ /^```bash\n(.*?)^```$/msg)
{
	ok($known{$_}, "known command: $_") for split(/\n/, $1);
}

done_testing();
