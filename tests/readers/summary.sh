# summary.sh - the views of `mailmill summary` beside DuckDB's SQL, over datasets of reports and of verdicts.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

reports=$MAILMILL_SOURCE_DIR/datasets/reports
whose="our own reports"
if [ -d "${MAILMILL_CORPUS:-/nonexistent}/reports" ]; then
    reports=$MAILMILL_CORPUS/reports
    whose="the corpus"
fi
. "$MAILMILL_SOURCE_DIR/tests/support/hard_bounces.sh" || exit 1
mkdir "$tap_dir/mailboxes" && hard_bounces "$tap_dir/mailboxes"
# Pages so small that those of one column, or of one member of a list, begin at other rows than the next one's.
"$MAILMILL_PROGRAM" reports --quiet --row-group-rows 3000 --page-bytes 2048 -o "$tap_dir/reports" "$reports" "$tap_dir/mailboxes" 2>/dev/null
[ $? -le 1 ] || { ok "reports become a dataset" 1; plan; }
"$MAILMILL_PROGRAM" verify --quiet --keys none -o "$tap_dir/verdicts" "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null
[ $? -le 1 ] || { ok "verdicts become a dataset" 1; plan; }
run_with_readers summary.mjs "$MAILMILL_PROGRAM" "$tap_dir/reports" "$tap_dir/verdicts" "$whose"
