# readers.sh - JavaScript of tests/readers beside the readers that it imports.
# SPDX-License-Identifier: Apache-2.0
#
#   run_with_readers random_tables.mjs ARGUMENTS...    it prints the TAP; its exit code is the test's

. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

run_with_readers()
{
    local readers script=$1
    shift
    if [ "$(uname -m)" != x86_64 ]; then
        skip "$script" "the lock has the readers' binaries for x86_64 only"
        plan
        return
    fi
    readers=$("$MAILMILL_SOURCE_DIR/scripts/readers") || {
        ok "the readers are installed" 1
        plan
        return
    }
    cp "$MAILMILL_SOURCE_DIR"/tests/readers/*.mjs "$tap_dir"
    ln -s "$readers/node_modules" "$tap_dir/node_modules"
    node "$tap_dir/$script" "$@" </dev/null
}
