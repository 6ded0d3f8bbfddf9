# SPDX-License-Identifier: PostgreSQL
# The library loads at server start, and the extension installs in the version its control file says.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($version) = slurp_file('pgmigrate.control') =~ /^default_version = '(.*)'$/m;

my $node = PostgreSQL::Test::Cluster->new('smoke');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pgmigrate'");
$node->start;

$node->safe_psql('postgres', 'CREATE EXTENSION pgmigrate');
is($node->safe_psql('postgres', "SELECT extversion FROM pg_extension WHERE extname = 'pgmigrate'"),
	$version, 'version of the installed extension');

$node->safe_psql('postgres', 'DROP EXTENSION pgmigrate; CREATE SCHEMA tools; CREATE EXTENSION pgmigrate SCHEMA tools');
is( $node->safe_psql('postgres', "SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pgmigrate'"),
	'tools', 'the extension installs into another schema');

$node->restart;
is($node->safe_psql('postgres', "SHOW pgmigrate.lock_budget"), '200ms', 'settings are defined after a restart');

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal|TRAP/, 'no crash in the server log');

done_testing();
