#!/usr/bin/env bash
# unwrap_corpus.sh - each file of the report corpus gives the documents that its table says.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
peers=$MAILMILL_SOURCE_DIR/tests/peers
unwrap=$MAILMILL_BINARY_DIR/tests/unwrap

# A small corpus of our own, in the form of the large one, with one row that cannot fit.
cd "$tap_dir" || exit 1
mkdir own && cd own || exit 1
printf '<feedback><report_metadata/></feedback>' >a.xml
gzip -nk a.xml
printf 'From: a@example.com\nSubject: x\n\nhello\n' >b.eml
: >empty
{
    printf 'file\tbytes\tsha256_16\tkind\tverdict\tfacts\tnote\n'
    printf 'a.xml\t40\t\tdmarc-aggregate\tok\t{"via": "raw"}\t\n'
    printf 'a.xml.gz\t40\t\tdmarc-aggregate\tok\t{"via": "gz>raw"}\t\n'
    printf 'b.eml\t40\t\tother\tnot-report\t{}\t\n'
    printf 'empty\t0\t\tdmarc-aggregate\treject\t{}\t\n'
    printf 'b.eml\t40\t\ttls-rpt\tok\t{}\t\n'
} >table
sed 1d table | cut -f1 | LC_ALL=C sort -u | "$unwrap" >found
is "our own files are what they are, and a row that lies is found" \
    "$("$peers/judge_unwrap.py" table found | cut -f1,2)" "$(printf "b.eml\tfound ['mail'], not ['json']")"

if [ -f "${MAILMILL_CORPUS-}/reports/expected.tsv" ]; then
    cd "$MAILMILL_CORPUS/reports" || exit 1
    sed 1d expected.tsv | cut -f1 | "$unwrap" >"$tap_dir/found"
    is "every file of the corpus gives what its table says" \
        "$("$peers/judge_unwrap.py" expected.tsv "$tap_dir/found")" ""
    is "all files were looked into" "$(cut -f1 "$tap_dir/found" | sort -u | wc -l)" "$(sed 1d expected.tsv | wc -l)"
    is "the mbox of 37 mails gives 37" "$(grep -c '^dsn/sisimai/mbox/mbox-0	document	mail' "$tap_dir/found")" 37
    echo "# $(grep -c '	document	' "$tap_dir/found") documents, $(grep -c '	reject	' "$tap_dir/found") refusals"
fi
plan
