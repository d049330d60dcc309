# report_corpus.sh - every aggregate and TLS report of the corpus says what the table of facts says.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

facts=$MAILMILL_BINARY_DIR/tests/report_facts
here=$MAILMILL_SOURCE_DIR/tests/support
compare() { python3 "$here/report_corpus.py" "$facts" "$1" "$2"; }

# A corpus of one report, so that the comparison itself is tested where there is no other.
mkdir "$tap_dir/corpus"
sed 's/^    //' >"$tap_dir/corpus/one.xml" <<'XML'
    <feedback><report_metadata><org_name>example.org</org_name><report_id>1</report_id>
    <date_range><begin>1</begin><end>2</end></date_range></report_metadata>
    <policy_published><domain>example.com</domain><p>none</p></policy_published>
    <record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><dkim>pass</dkim>
    </policy_evaluated></row></record></feedback>
XML
table()
{
    printf 'file\tbytes\tsha256_16\tkind\tverdict\tfacts\tnote\n'
    printf 'one.xml\t0\t0\tdmarc-aggregate\tok\t{"org_name":"example.org","records":1,"count_sum":%d,"dmarc_pass":3}\t\n' "$1"
}
table 3 >"$tap_dir/corpus/expected.tsv"
: >"$tap_dir/none"
said=$(compare "$tap_dir/corpus" "$tap_dir/none")
is "a row that is right" "$(grep -c '^ok - 1 rows end as the table says' <<<"$said")" 1
table 4 >"$tap_dir/corpus/expected.tsv"
said=$(compare "$tap_dir/corpus" "$tap_dir/none")
is "a row that is wrong is named" "$(grep -c '^# one.xml (ok): count_sum is 3, wanted 4' <<<"$said")" 1
is "and fails" "$(grep -c '^not ok - 1 rows' <<<"$said")" 1
printf 'one.xml\tplanted\n' >"$tap_dir/planted"
said=$(compare "$tap_dir/corpus" "$tap_dir/planted")
is "a deviation that is listed passes" "$(grep -c '^ok - 1 rows' <<<"$said")" 1
table 3 >"$tap_dir/corpus/expected.tsv"
said=$(compare "$tap_dir/corpus" "$tap_dir/planted")
is "a deviation that is none fails" "$(grep -c '^not ok - the 1 deviations deviate' <<<"$said")" 1

if [ -r "${MAILMILL_CORPUS:-/nonexistent}/reports/expected.tsv" ]; then
    said=$(compare "$MAILMILL_CORPUS/reports" "$here/report_deviations.tsv")
    grep '^#' <<<"$said" || true
    is "the corpus ends as its table says, with no more deviations than are listed" \
        "$(grep -c '^not ok' <<<"$said")" 0
    is "all of it was compared" "$(grep -c '^ok' <<<"$said")" 3
fi
plan
