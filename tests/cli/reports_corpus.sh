# reports_corpus.sh - every file of the corpus of reports ends as its table says, with the sums that it says.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

here=$MAILMILL_SOURCE_DIR/tests/support
# compare CORPUS DEVIATIONS
compare()
{
    rm -rf "${tap_dir:?}/work" && mkdir "$tap_dir/work"
    python3 "$here/reports_expected.py" "$MAILMILL_PROGRAM" "$1" "$tap_dir/work" "$2"
}

# A corpus of our own with a table that is right, then wrong: the comparison notices.
mkdir "$tap_dir/corpus"
cp -r "$MAILMILL_SOURCE_DIR/datasets/reports/aggregate" "$tap_dir/corpus/aggregate"
name='aggregate/receiver.example!news.example.com!1709164800!1709251199.xml'
table()
{
    printf 'file\tbytes\tsha256_16\tkind\tverdict\tfacts\tnote\n'
    printf '%s\t0\t0\tdmarc-aggregate\tok\t{"org_name":"receiver.example","report_id":"news.example.com.1709164800",' "$name"
    printf '"domain":"news.example.com","begin":1709164800,"end":1709251199,"records":2,"count_sum":%d,"dmarc_pass":9}\t\n' "$1"
}
for file in "$tap_dir"/corpus/aggregate/*; do
    [ "aggregate/${file##*/}" = "$name" ] || rm "$file"
done
: >"$tap_dir/none"
table 9 >"$tap_dir/corpus/expected.tsv"
is "a table that is right passes" "$(compare "$tap_dir/corpus" "$tap_dir/none" | grep -c '^not ok')" 0
table 10 >"$tap_dir/corpus/expected.tsv"
is "a wrong sum is named" "$(compare "$tap_dir/corpus" "$tap_dir/none" | grep -c 'count_sum is 9, wanted 10')" 1
is "and fails" "$(compare "$tap_dir/corpus" "$tap_dir/none" | grep -c '^not ok 1')" 1
table 9 >"$tap_dir/corpus/expected.tsv"
printf '%s\tplanted\n' "$name" >"$tap_dir/planted"
is "a deviation that is none fails" "$(compare "$tap_dir/corpus" "$tap_dir/planted" | grep -c '^not ok 2')" 1

if [ -r "${MAILMILL_CORPUS:-/nonexistent}/reports/expected.tsv" ]; then
    said=$(compare "$MAILMILL_CORPUS/reports" "$here/reports_deviations.tsv")
    grep '^#' <<<"$said" || true
    for number in 1 2 3 4 5 6 7; do
        line=$(grep -E "^(not )?ok $number - " <<<"$said")
        is "${line#*- }" "${line%% -*}" "ok $number"
    done
fi
plan
