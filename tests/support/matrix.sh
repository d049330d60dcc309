# matrix.sh - a spool in every form of a source, signed into every form of an output.
# SPDX-License-Identifier: Apache-2.0
#
#   $all                     the messages, $count of them: those of the corpus that can be signed (a
#                            sample of them under the sanitizers, or every MATRIX_EVERYth), or of the
#                            datasets
#   matrix ARGUMENT...       tests/support/matrix.py
#   signs_into FORM "SINK..." SOURCE [OPTION...]   one check for each sink: what it signs of SOURCE is
#                            whole and passes
#   dkimpy_agrees            a few messages of each output so far pass for python3-dkim

. "$MAILMILL_SOURCE_DIR/tests/support/rows.sh" || exit 1
sign="$mailmill sign $one --now $now --quiet --signed-already sign --durability none"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"
sinks="tree maildir pickup mbox tar tar.zst bsmtp stdout signatures"

matrix() { /usr/bin/python3 "$MAILMILL_SOURCE_DIR/tests/support/matrix.py" "$@"; }

# What cannot be signed is the same in every form: the matrix is of the others.
matrix_spool()
{
    local every=${MATRIX_EVERY:-1} sources="$MAILMILL_SOURCE_DIR/datasets/mail $MAILMILL_SOURCE_DIR/datasets/mbox/mill-talk.mbox"
    [ ! -d "${MAILMILL_CORPUS-}/dkim/plain" ] || sources="$MAILMILL_CORPUS/dkim/plain $MAILMILL_CORPUS/dkim/mbox"
    [ -z "${MAILMILL_SANITIZE-}" ] || every=${MATRIX_EVERY:-20}
    # shellcheck disable=SC2086
    matrix collect collected $sources
    $sign --rejects collected.rejects -o could collected 2>/dev/null
    mkdir spool
    for name in $(cd could && printf '%s\n' *.eml | awk -v every=$every 'NR % every == 0'); do
        ln "collected/$name" "spool/$name"
    done
    rm -rf could
    all=spool
    count=$(find spool -type f | wc -l)
    local collected=$(find collected -type f | wc -l)
    ok "of $collected messages nearly all can be signed, of which $count are taken" \
        $((count < collected / every * 9 / 10 || count < 10))
}

# signed SINK SOURCE [OPTION...]: into out.SINK; standard input is that of the source
signed()
{
    local sink=$1 source=$2
    shift 2
    case $sink in
    maildir | pickup) $sign --rejects rejects --sink "$sink" "$@" -o "out.$sink" "$source" ;;
    stdout) $sign --rejects rejects "$@" -o - "$source" >out.stdout ;;
    signatures) $sign --rejects rejects --sink signatures "$@" -o out.ndjson "$source" ;;
    in-place) cp -r "$source" out.in-place && $sign --rejects rejects "$@" --in-place out.in-place ;;
    *) $sign --rejects rejects "$@" -o "out.$sink" "$source" ;;
    esac
}

# What is wrong with out.SINK, which lacks ABSENT messages; nothing where it is whole and passes.
wrong_with()
{
    local form=$1 sink=$2 absent=$3 out=out.$2 code=0 pass
    if [ "$sink" = signatures ]; then
        out=inserted
        matrix insert "$form" "$all" "$places" out.ndjson inserted
        # LF and CRLF are one to a verifier, so these need no comparison: bytes that are not those that were signed fail.
    else
        matrix compare "$form" "$sink" "$all" "$out" "$absent" "samples/$form-$sink"
    fi
    if [ "$sink" = stdout ]; then
        $verify --require pass -o rows.ndjson - <"$out" 2>said || code=$?
    else
        $verify --require pass -o rows.ndjson "$out" 2>said || code=$?
    fi
    pass=$(grep -c '"index":0,"result":"pass","reason":"","domain":"example.com","selector":"m1"' rows.ndjson)
    [ "$code $pass $(wc -l <rows.ndjson)" = "0 $((count - absent)) $((count - absent))" ] ||
        echo "verify ends with $code: of $count, $absent absent, $pass pass in $(wc -l <rows.ndjson) rows"
}

signs_into()
{
    local form=$1 wanted=$2 source=$3 sink code absent reasons
    shift 3
    places=-
    [ ! -e "$source.places" ] || places=$source.places
    for sink in $wanted; do
        rm -rf out.* inserted rejects rows.ndjson*
        code=0
        if [ -n "${piped-}" ]; then
            signed "$sink" - "$@" < <(cat "$piped") 2>said || code=$?
        else
            signed "$sink" "$source" "$@" 2>said || code=$?
        fi
        absent=$(cat rejects 2>/dev/null | wc -l)
        # An envelope is needed there, and not every header tells one.
        reasons=$(cat rejects 2>/dev/null | sed 's/.*"rejected":"\([^"]*\)".*/\1/' | sort -u)
        [ "$sink $reasons" != "bsmtp no-recipient" ] || code=0
        is "${named-$form} into $sink" "$code $reasons$(wrong_with "$form" "$sink" "$absent")" \
            "0 $([ "$sink" != bsmtp ] || echo "$reasons")"
    done
}

dkimpy_agrees()
{
    local files
    peer_keys >.peer-keys
    files=$(find samples -type f | wc -l)
    is "python3-dkim agrees on $files of them" "$(find samples -type f | PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
        "$MAILMILL_SOURCE_DIR/tests/peers/verify_dkimpy.py" .peer-keys "$now" | grep -F 'example.com/m1/' |
        cut -f 3 | sort | uniq -c | sed 's/^ *//')" "$files pass"
}
