# page.sh - the page of a summary in Chromium, and its rows in DuckDB; page.mjs has the checks.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

pages=()
for kind in common hostile large empty; do
    "$MAILMILL_BINARY_DIR/tests/summary_page" $kind "$tap_dir/$kind.html" || { ok "a page is made: $kind" 1; plan; }
    pages+=("$tap_dir/$kind.html")
done
run_with_readers page.mjs "${pages[@]}" "$tap_dir/node_modules/axe-core/axe.min.js"
