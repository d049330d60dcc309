#!/usr/bin/perl
# verify_maildkim.pl - what Mail::DKIM says about every DKIM-Signature of some files.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: verify_maildkim.pl KEYS [NOW] < LIST
#
# KEYS has a line "name<TAB>TXT record" for each key, LIST a file name a line, NOW is a clock in
# seconds. For each signature one line is printed: "file<TAB>domain/selector/algorithm<TAB>RESULT",
# where RESULT is pass, fail or invalid, with the library's detail after a colon. LF is made CRLF
# first, as every transport does, and a leading mbox "From " line dropped. The library as Debian 12
# has it knows RSA only.
use strict;
use warnings;

# Before the library is compiled, so that it asks this clock.
BEGIN {
    my $now = $ARGV[1];
    *CORE::GLOBAL::time = sub { return $now // CORE::time };
}

use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

# Answers look-ups from a table, where the library expects a Net::DNS::Resolver.
package TableResolver {
    sub new {
        my ( $class, $path ) = @_;
        open my $file, '<', $path or die "$path: $!\n";
        my %txt;
        while ( my $line = <$file> ) {
            chomp $line;
            my ( $name, $text ) = split /\t/, $line, 2;
            $txt{ lc $name } = $text;
        }
        return bless { txt => \%txt }, $class;
    }

    sub send {    ## no critic (the name is the resolver's)
        my ( $self, $name, $type ) = @_;
        my $packet = Net::DNS::Packet->new( $name, $type );
        my $text   = $self->{txt}{ lc $name };
        if ( !defined $text ) {
            $packet->header->rcode('NXDOMAIN');
            return $packet;
        }
        my @strings = $text =~ /(.{1,255})/gs;
        $packet->push(
            answer => Net::DNS::RR->new( name => $name, type => 'TXT', txtdata => \@strings ) );
        return $packet;
    }
    sub errorstring { return 'NOERROR' }
}

sub verify_file {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    my $data = do { local $/ = undef; <$file> };
    close $file;
    $data =~ s/\AFrom [^\n]*\n//;
    $data =~ s/\r?\n/\r\n/g;

    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT($data);
    $verifier->CLOSE;
    for my $signature ( $verifier->signatures ) {
        my $label = join '/', map { $_ // '?' } $signature->domain, $signature->selector,
            $signature->algorithm;
        my $result = $signature->result_detail;
        $result =~ s/\s+/ /g;
        $result =~ s/\A(\w+) \((.*)\)\z/$1: $2/;
        print "$path\t$label\t$result\n";
    }
    return;
}

Mail::DKIM::DNS::resolver( TableResolver->new( shift @ARGV // die "no KEYS\n" ) );
while ( my $path = <STDIN> ) {
    chomp $path;
    verify_file($path);
}
