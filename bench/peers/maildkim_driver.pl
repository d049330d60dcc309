#!/usr/bin/perl
# maildkim_driver.pl - what signing and verifying a campaign costs with Mail::DKIM at its best use.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: maildkim_driver.pl sign|verify CAMPAIGN MAIL OUT [WORKERS]
#
# As opendkim_driver.c. A process a worker, forked when all is loaded. Private keys are objects of the library,
# read once from CAMPAIGN/pkcs1/, the form that it reads. Answers of DNS, from the lines "name<TAB>TXT record" of
# CAMPAIGN/records, are made once too; the library reads the key in them anew for each message. A message is
# handed over in one piece.
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# Answers look-ups from memory, where the library expects a Net::DNS::Resolver.
package MemoryResolver {
    sub new {
        my ( $class, $path ) = @_;
        open my $file, '<', $path or die "$path: $!\n";
        my %answers;
        while ( my $line = <$file> ) {
            chomp $line;
            my ( $name, $text ) = split /\t/, $line, 2;
            $answers{$name} = $text;
        }
        return bless \%answers, $class;
    }

    sub send {    ## no critic (the name is the resolver's)
        my ( $self, $name, $type ) = @_;
        my $text = $self->{$name} // die "no key $name\n";
        return $text if ref $text;
        my $packet = Net::DNS::Packet->new( $name, $type );
        $packet->push(
            answer => Net::DNS::RR->new( name => $name, type => 'TXT', txtdata => [ $text =~ /(.{1,255})/gs ] ) );
        return $self->{$name} = $packet;
    }
    sub errorstring { return 'NOERROR' }
}

my ( $verb, $campaign, $mail, $out, $workers ) = ( @ARGV, 1 );
die "usage: maildkim_driver.pl sign|verify CAMPAIGN MAIL OUT [WORKERS]\n"
    if @ARGV < 4 || @ARGV > 5 || $verb !~ /^(?:sign|verify)$/;

sub fed {
    my ( $dkim, $data ) = @_;
    $dkim->PRINT($data);
    $dkim->CLOSE;
    return $dkim;
}

my %keys;

sub sign {
    my ( $name, $number, $data, $file ) = @_;
    my $signer = fed( Mail::DKIM::Signer->new(
        Algorithm => 'rsa-sha256', Method   => 'relaxed/relaxed',
        Domain    => sprintf( 'shop%02d.example', $number ),
        Selector  => 'bench',      Key      => $keys{$number} ), $data );
    print {$file} "From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n", $signer->signature->as_string, "\r\n", $data, "\n";
    return;
}

sub verify {
    my ( $name, $number, $data, $file ) = @_;
    my $dkim      = fed( Mail::DKIM::Verifier->new, $data );
    my $signature = $dkim->signature;
    printf {$file} qq({"message":"%s","bytes":%d,"result":"%s","domain":"%s","selector":"%s"}\n),
        $name, length $data, $dkim->result, $signature->domain, $signature->selector;
    return;
}

sub work {
    my ( $job, $worker, @items ) = @_;
    open my $file, '>:raw', "$out.$worker" or die "$out.$worker: $!\n";
    for ( my $i = $worker; $i < @items; $i += $workers ) {
        my ( $name, $number ) = @{ $items[$i] };
        open my $message, '<:raw', "$mail/$name" or die "$mail/$name: $!\n";
        read $message, my $data, -s $message;
        close $message;
        $job->( $name, $number, $data, $file );
    }
    close $file or die "$out.$worker: $!\n";
    return;
}

sub peak_bytes {
    open my $status, '<', '/proc/self/status' or return 0;
    my ($kib) = map { /^VmHWM:\s+(\d+)/ } <$status>;
    return 1024 * $kib;
}

open my $list, '<', "$campaign/list" or die "$campaign/list: $!\n";
my @items = map { [ (split)[ 0, 1 ] ] } <$list>;
if ( $verb eq 'sign' ) {
    $keys{ $_->[1] } //= Mail::DKIM::PrivateKey->load( File => sprintf "$campaign/pkcs1/shop%02d.pem", $_->[1] )
        for @items;
}
else {
    Mail::DKIM::DNS::resolver( MemoryResolver->new("$campaign/records") );
}
my $job = $verb eq 'sign' ? \&sign : \&verify;

my ( $user, $system ) = times;
my $wall   = clock_gettime(CLOCK_MONOTONIC);
my @others = map {
    my $worker = $_;
    my $pid    = fork // die "fork: $!\n";
    if ( !$pid ) { work( $job, $worker, @items ); exit 0 }
    $pid
} 1 .. $workers - 1;
work( $job, 0, @items );
for (@others) {
    waitpid $_, 0;
    die "a worker failed\n" if $?;
}
my @used = times;
printf "cpu_s=%.6f wall_s=%.6f peak_bytes=%d messages=%d\n",
    $used[0] + $used[1] + $used[2] + $used[3] - $user - $system,
    clock_gettime(CLOCK_MONOTONIC) - $wall, peak_bytes(), scalar @items;
