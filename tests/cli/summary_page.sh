# summary_page.sh - summary --html: what is refused, what is written, and that it appears whole or not at all.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
"$mailmill" reports --quiet -o reports "$MAILMILL_SOURCE_DIR/datasets/reports" 2>/dev/null
"$mailmill" verify --quiet --keys none -o verdicts "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null

for option in --json --csv '--view sources' '--by day' '--limit 5'; do
    # shellcheck disable=SC2086 # an option and its value
    refuse "--html and $option are refused" 64 "$mailmill" summary --html page.html $option reports
done
says "--overwrite alone is refused" 64 "--html" "$mailmill" summary --overwrite reports
says "a page on standard output is refused" 64 "name it" "$mailmill" summary --html - reports
is "a refused page is none" "$(ls ./*.html* 2>/dev/null)" ""

says "a page is made, and its path told" 0 "the page is page.html" "$mailmill" summary --html page.html reports verdicts
check "it is a whole document" grep -q '</html>' page.html
check "both datasets are in it" grep -q 'verdicts</bdi> (verify)' page.html
check "less than 2 MB" test "$(stat -c %s page.html)" -lt 2000000
cp page.html before.html
says "a page that is there is kept" 73 "--overwrite" "$mailmill" summary --html page.html reports
check "byte by byte" cmp page.html before.html
mkdir folder.html
for option in "" --overwrite; do
    says "a folder is no page${option:+, with $option}" 73 "folder.html is a folder: name a file" "$mailmill" summary --html folder.html $option reports
done
mkfifo pipe
says "one that is no regular file is not replaced" 73 "pipe is no regular file" \
    "$mailmill" summary --html pipe --overwrite reports
ok "it stays" $([ -p pipe ]; echo $?)
says "or replaced where that is said" 0 "the page is" "$mailmill" summary --html page.html --overwrite reports
refuse "then it is another" 1 cmp -s page.html before.html
"$mailmill" summary --html again.html --threads 1 reports 2>/dev/null
check "the same datasets give the same bytes" cmp page.html again.html
"$mailmill" summary --html one.html --domain shop.example.com --since 2026-01-01 reports 2>/dev/null
check "a domain that was chosen is in its title" grep -q '<h1>Mail summary of <bdi>shop.example.com</bdi>' one.html
check "and the day" grep -q 'asked from 2026-01-01' one.html

says "a folder that is not there" 73 "nowhere" "$mailmill" summary --html nowhere/page.html reports
says "no dataset" 66 "is no dataset" "$mailmill" summary --html none.html nothing
is "leaves nothing" "$(ls none.html* 2>/dev/null)" ""
is "no temporary file stays" "$(find . -name '*.part')" ""
plan
