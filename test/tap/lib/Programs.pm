# SPDX-License-Identifier: PostgreSQL
# Other programs than PostgreSQL that a test starts on ports of its own: they end with the test, whatever happens in it.
package Programs;

use strict;
use warnings;
use Exporter 'import';

use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(find_program start_program stop_programs fetch fetch_until run_program);

my @running;

# Every program must be there: test/install.sh installs it.
sub find_program
{
	my ($name) = @_;
	for my $folder (split(/:/, $ENV{PATH}), '/usr/bin', '/usr/sbin')
	{
		return "$folder/$name" if -x "$folder/$name";
	}
	die "$name is not installed; bash test/install.sh installs it";
}

# Starts it in the background, with its output in a file that is shown if the test fails.
sub start_program
{
	my ($name, $environment, @arguments) = @_;
	my $log = PostgreSQL::Test::Utils::tempdir() . "/$name.log";
	local %ENV = (%ENV, %$environment);
	my $run = IPC::Run::start([ find_program($name), @arguments ], '<', '/dev/null', '>', $log, '2>', $log);
	push @running, { name => $name, run => $run, log => $log };
	return;
}

sub stop_programs
{
	for my $program (splice @running)
	{
		$program->{run}->signal('TERM');
		eval { $program->{run}->finish };
		diag("$program->{name}: " . slurp_file($program->{log})) unless Test::More->builder->is_passing;
	}
	return;
}

END
{
	my $status = $?;    # finish() changes it
	stop_programs();
	$? = $status;
}

# What a program answers on a URL; nothing as long as it does not.
sub fetch
{
	my ($url) = @_;
	my $answer = HTTP::Tiny->new(timeout => 30)->get($url);
	return $answer->{success} ? $answer->{content} : undef;
}

# Asks again until the condition holds of the answer, which is returned; nothing after three minutes.
sub fetch_until
{
	my ($url, $condition) = @_;
	for (1 .. 1800)
	{
		my $content = fetch($url);
		return $content if defined $content && $condition->($content);
		usleep(100_000);
	}
	diag("no such answer from $url");
	return;
}

# Runs it to its end: exit code and output.
sub run_program
{
	my ($input, $name, @arguments) = @_;
	my $output = '';
	IPC::Run::run([ find_program($name), @arguments ], '<', \$input, '>', \$output, '2>', \$output);
	return ($? >> 8, $output);
}

1;
