# secret_tracking.sh - while RSA signs in lanes, no secret decides a jump or an address.
# SPDX-License-Identifier: Apache-2.0
#
# Valgrind's memcheck follows the key and the blinding through the lanes' form in plain C and through
# the making of a key (tests/support/tool_secret_tracking.c), then finds leaks that are planted.
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/leaks.sh" || exit 1

cc=${MAILMILL_CC:-cc}
read -ra libraries < <(pkg-config --libs libcrypto)

# program FOLDER NAME: what signs, its secret part compiled from the sources in FOLDER
program()
{
    local from=$1 own=()
    for file in rsa_lanes_portable rsa_signing_key rsa_signer rsa_limbs; do
        own+=("$from/crypto/$file.c")
    done
    lanes_cc "$cc" "$from" "$MAILMILL_SOURCE_DIR/tests/support/tool_secret_tracking.c" "${own[@]}" \
        "$MAILMILL_BINARY_DIR/libmailmill.a" "${libraries[@]}" -pthread -o "$tap_dir/$2"
}

# tracked NAME BITS: sign under memcheck; 99 where a secret was used for more than arithmetic
tracked()
{
    valgrind -q --error-exitcode=99 --undef-value-errors=yes "$tap_dir/$1" "$tap_dir/$2.der" \
        >"$tap_dir/$1.$2" 2>"$tap_dir/$1.log" </dev/null
}

check "it compiles" program "$MAILMILL_SOURCE_DIR/src" signs
printf '%b' "$(printf '\\%03o' $(seq 0 31))" >"$tap_dir/digest"
for bits in 1024 2048; do
    openssl genrsa -traditional -out "$tap_dir/$bits.pem" "$bits" 2>/dev/null
    openssl rsa -in "$tap_dir/$bits.pem" -traditional -outform DER -out "$tap_dir/$bits.der" 2>/dev/null
    check "$bits bits: no secret decides a jump or an address" tracked signs "$bits"
    is "$bits bits: memcheck says nothing" "$(cat "$tap_dir/signs.log")" "marked $bits random octets"
    openssl pkeyutl -sign -inkey "$tap_dir/$bits.pem" -in "$tap_dir/digest" -pkeyopt digest:sha256 \
        -out "$tap_dir/want"
    check "$bits bits: the signature is OpenSSL's" cmp "$tap_dir/signs.$bits" "$tap_dir/want"
done

for leak in $leaks; do
    check "a leak by $leak can be planted" plant "$leak" "$tap_dir/$leak.src"
    check "the leak by $leak compiles" program "$tap_dir/$leak.src" "$leak"
    refuse "the leak by $leak is caught" 99 tracked "$leak" 1024
    check "it is where it was planted" grep -qE '(at|by) 0x[0-9A-F]+: (secret_|canonical_)' "$tap_dir/$leak.log"
done
plan
