#!/usr/bin/perl
# maildmarc_driver.pl - what reading aggregate reports costs with Mail::DMARC: rows in one flat CSV.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: maildmarc_driver.pl FOLDER OUT.csv
#
# FOLDER comes from make_reports. The library's receiver parses the XML into its own objects; where it would put them into a
# database, this writes the columns of report_python.py, a row a record: a database is other work than the others do. It knows no
# namespace of XML, so that is taken out first. One line tells what the work took, start-up left out.
use strict;
use warnings;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use Mail::DMARC::Report;
use Mail::DMARC::Report::Receive;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

die "usage: maildmarc_driver.pl FOLDER OUT.csv\n" if @ARGV != 2;
my ( $folder, $out ) = @ARGV;
my ( $reports, $records ) = ( 0, 0 );
open my $csv, '>:utf8', $out or die "$out: $!\n";

sub put_row {
    my @values = map { $_ // '' } @_;
    for (@values) {
        next if !/[,"\r\n]/;
        s/"/""/g;
        $_ = qq("$_");
    }
    print {$csv} join( ',', @values ), "\n";
    return;
}

package RowsReport {
    use parent -norequire, 'Mail::DMARC::Report';

    sub save_aggregate {
        my $aggregate = shift->aggregate;
        my ( $meta, $policy ) = ( $aggregate->metadata, $aggregate->policy_published );
        my @head = ( map( { $meta->$_ } qw(org_name email report_id begin end) ),
            map { $policy->$_ } qw(domain adkim aspf p sp pct) );
        for my $record ( @{ $aggregate->record } ) {
            my ( $row, $names, $results ) = ( $record->row, $record->identifiers, $record->auth_results );
            my $judged = $row->policy_evaluated;
            my ($dkim) = @{ $results->dkim // [] };
            my ($spf)  = @{ $results->spf  // [] };
            main::put_row( @head, $row->source_ip, $row->count, map( { $judged->$_ } qw(disposition dkim spf) ),
                $names->header_from, $names->envelope_from, @{ $dkim // {} }{qw(domain selector result)},
                @{ $spf // {} }{qw(domain result)} );
            $records++;
        }
        return;
    }
}

sub cpu_seconds {
    my ( $user, $system ) = times;
    return $user + $system;
}

sub peak_bytes {
    open my $status, '<', '/proc/self/status' or return 0;
    my ($kib) = map { /^VmHWM:\s+(\d+)/ } <$status>;
    return 1024 * $kib;
}

open my $list, '<', "$folder/list" or die "$folder/list: $!\n";
chomp( my @names = <$list> );
my $receiver = Mail::DMARC::Report::Receive->new;
$receiver->{report} = RowsReport->new;
my ( $cpu, $wall ) = ( cpu_seconds(), clock_gettime(CLOCK_MONOTONIC) );
for my $name (@names) {
    gunzip "$folder/$name" => \my $xml or die "$folder/$name: $GunzipError\n";
    $xml =~ s/ xmlns="[^"]*"//;
    $receiver->report->init;
    $receiver->handle_body($xml);
    $reports++;
}
close $csv or die "$out: $!\n";
printf "cpu_s=%.6f wall_s=%.6f peak_bytes=%d reports=%d records=%d\n", cpu_seconds() - $cpu,
    clock_gettime(CLOCK_MONOTONIC) - $wall, peak_bytes(), $reports, $records;
