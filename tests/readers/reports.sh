# reports.sh - four readers of Parquet, and the queries of docs/queries, over datasets of reports.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

here=$MAILMILL_SOURCE_DIR/datasets/reports
whose="our own reports"
if [ -d "${MAILMILL_CORPUS:-/nonexistent}/reports" ]; then
    here=$MAILMILL_CORPUS/reports
    whose="the corpus"
fi
for format in parquet ndjson; do
    "$MAILMILL_PROGRAM" reports --quiet --format $format -o "$tap_dir/$format" "$here" 2>/dev/null
    [ $? -le 1 ] || { ok "reports become $format" 1; plan; }
done
run_with_readers reports.mjs "$tap_dir/parquet" "$tap_dir/ndjson" "$MAILMILL_SOURCE_DIR/docs/queries" "$whose"
