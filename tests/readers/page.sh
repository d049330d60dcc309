# page.sh - the page of a summary in Chromium, and its rows in DuckDB; page.mjs has the checks.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

pages=()
for kind in common hostile large empty; do
    "$MAILMILL_BINARY_DIR/tests/summary_page" $kind "$tap_dir/$kind.html" || { ok "a page is made: $kind" 1; plan; }
    pages+=("$tap_dir/$kind.html")
done

reports=$MAILMILL_SOURCE_DIR/datasets/reports
mail=$MAILMILL_SOURCE_DIR/datasets/mail
whose="our own datasets"
if [ -d "${MAILMILL_CORPUS:-/nonexistent}/reports" ]; then
    reports=$MAILMILL_CORPUS/reports
    mail=$MAILMILL_CORPUS/dkim
    whose="the corpus"
fi
"$MAILMILL_PROGRAM" reports --quiet -o "$tap_dir/reports" "$reports" 2>/dev/null
"$MAILMILL_PROGRAM" verify --quiet --keys none -o "$tap_dir/verdicts" "$mail" 2>/dev/null
"$MAILMILL_PROGRAM" summary --html "$tap_dir/real.html" "$tap_dir/reports" "$tap_dir/verdicts" 2>/dev/null ||
    { ok "a page of datasets is made" 1; plan; }
run_with_readers page.mjs "${pages[@]}" "$tap_dir/node_modules/axe-core/axe.min.js" \
    "$tap_dir/real.html" "$tap_dir/reports" "$tap_dir/verdicts" "$whose"
