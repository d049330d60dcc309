# tap.sh - what every shell test uses: named checks that print TAP, and a folder that goes away.
# SPDX-License-Identifier: Apache-2.0
#
#   . "$MAILMILL_SOURCE_DIR/tests/support/tap.sh"
#   is "the sum is right" "$got" "4"          two texts are equal
#   check "it builds" make -s                 a command exits 0; else its output is shown
#   refuse "it says no" 64 mailmill frob      a command exits with this code, no other
#   ok "it is there" $?                       a status is 0
#   skip "on a ring" "no io_uring here"
#   plan                                      last line: how many there were; the exit code
#
# A name is a sentence. A script that ends before `plan` counts as failed, whatever it printed.
# $tap_dir is an empty folder of the test's own.

tap_count=0
tap_failed=0
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/mailmill-test.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT

# Lines of a diagnostic, so that nothing a command prints can pass for a result.
tap_say()
{
    sed 's/^/# /'
}

# ok NAME STATUS
ok()
{
    tap_count=$((tap_count + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $tap_count - $1"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $1"
    fi
}

# is NAME GOT WANT
is()
{
    if [ "$2" = "$3" ]; then
        ok "$1" 0
    else
        ok "$1" 1
        printf 'got:\n%s\nwanted:\n%s\n' "$2" "$3" | head -n 60 | tap_say
    fi
}

# check NAME COMMAND...
check()
{
    local name=$1
    shift
    refuse "$name" 0 "$@"
}

# refuse NAME CODE COMMAND...
refuse()
{
    local name=$1 want=$2 code=0
    shift 2
    "$@" >"$tap_dir/.tap-output" 2>&1 </dev/null || code=$?
    if [ "$code" -eq "$want" ]; then
        ok "$name" 0
    else
        ok "$name" 1
        printf 'exit code %s, wanted %s: %s\n' "$code" "$want" "$*" | tap_say
        tail -n 60 "$tap_dir/.tap-output" | tap_say
    fi
}

# skip NAME REASON
skip()
{
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

plan()
{
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}
