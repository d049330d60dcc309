# reports.sh - four readers of Parquet, and the queries of docs/queries, over datasets of reports.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

here=$MAILMILL_SOURCE_DIR/datasets/reports
whose="our own reports"
if [ -d "${MAILMILL_CORPUS:-/nonexistent}/reports" ]; then
    here=$MAILMILL_CORPUS/reports
    whose="the corpus"
fi
# made NAME OPTION...: a dataset of these reports
made()
{
    local name=$1
    shift
    "$MAILMILL_PROGRAM" reports --quiet --stats -o "$tap_dir/$name" "$@" "$here" 2>"$tap_dir/stats"
    [ $? -le 1 ] || { ok "reports become $name" 1; plan; }
}
made ndjson --format ndjson
made parquet
# Many groups, pages and spilled runs, where rows are too few for that by themselves.
made small --row-group-rows 1000 --page-bytes 4096 --memory 16M --threads 2
spilled=$(grep -o '"spilled_runs":[0-9]*' "$tap_dir/stats" | cut -d : -f 2)
[ "$whose" != "the corpus" ] || [ "$spilled" -ge 8 ] || { ok "little memory makes eight runs spill, not $spilled" 1; plan; }
run_with_readers reports.mjs "$tap_dir/ndjson" "$MAILMILL_SOURCE_DIR/docs/queries" "$tap_dir/parquet" "$whose" \
    "$tap_dir/small" "$whose in small groups, $spilled runs spilled"
