# random_tables.sh - four readers of Parquet read what the writer wrote; random_tables.mjs has the checks.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1
run_with_readers random_tables.mjs "$MAILMILL_BINARY_DIR/tests/random_table" "$tap_dir"
