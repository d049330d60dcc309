#!/usr/bin/env bash
# crypto.sh - every tier of the processor, OpenSSL alone, and no body cache: the same bytes come out.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

# Small messages, and of each a second with the same body; some long, of other bodies and line ends.
make_spool mail 300
for i in $(seq 20); do
    { message example.com "$i" | sed '/^\r$/q'; printf 'the  same \t body\r\nfor all \r\n\r\n'; } >"mail/same-$i.eml"
    { message example.com "$i"; seq $((i * 700)) | sed 's/$/ \t of many lines  /'; } >"mail/long-$i.eml"
done
total=340

# run_with NAME [SETTING=VALUE...] -- [OPTION...]
run_with()
{
    local name=$1 settings=()
    shift
    while [ "$1" != -- ]; do
        settings+=("$1")
        shift
    done
    shift
    env "${settings[@]}" "$mailmill" sign $one --now $now --durability none --quiet --stats \
        "$@" -o "$name/" mail 2>"$name.sign" &&
        env "${settings[@]}" "$mailmill" verify --keys keys/zone --now $now --quiet --stats "$@" \
            -o "$name.ndjson" auto 2>"$name.verify"
}
same_as_auto()
{
    diff -r auto "$1" && cmp auto.ndjson "$1.ndjson"
}

run_with auto -- || exit 1
is "all are signed" "$(stat_of auto.sign signed)" $total
is "all are verified" "$(grep -c '"result":"pass","signatures"' auto.ndjson)" $total
for tier in portable sse2 avx2 avx512; do
    check "$tier runs" run_with $tier MAILMILL_CPU=$tier --
    check "$tier changes nothing" same_as_auto $tier
done
check "OpenSSL alone runs" run_with openssl -- --crypto openssl
check "OpenSSL alone changes nothing" same_as_auto openssl
for kernel in sha256 public_keys; do
    is "--stats says what did $kernel" "$(stat_of openssl.sign $kernel)" openssl
done
check "without the cache of bodies it runs" run_with uncached MAILMILL_BODY_CACHE=off --
check "the cache of bodies changes nothing" same_as_auto uncached
is "equal bodies are found" "$(stat_of auto.sign body_cache_hits)" 19
is "and not where they are not looked for" "$(stat_of uncached.sign body_cache_hits)" 0

# A key whose d mod p-1 has one wrong bit: OpenSSL finds out, too, and goes by d itself.
openssl rsa -in "$keys/mail.pem" -traditional -outform DER -out spoilt.der 2>spoilt.log
read -r at length < <(openssl asn1parse -inform DER -in spoilt.der | awk -F '[:= ]+' '
    /prim: INTEGER/ { sub(/^ +/, ""); if (++n == 7) print $1 + $5, $7 }')
octet=$(od -An -tu1 -j $((at + length - 9)) -N 1 spoilt.der)
printf '%b' "$(printf '\\%03o' $((octet ^ 4)))" | dd of=spoilt.der bs=1 seek=$((at + length - 9)) conv=notrunc 2>>spoilt.log
openssl rsa -inform DER -in spoilt.der -traditional -out spoilt.pem 2>>spoilt.log
chmod 600 spoilt.pem
"$mailmill" sign --domain example.com --selector m1 --key spoilt.pem --now $now --durability none --quiet --stats \
    -o spoilt/ mail 2>spoilt.sign
is "with a spoilt key all are signed" "$(stat_of spoilt.sign signed)" $total
check "and as with the sound one" diff -r auto spoilt
is "nothing is made once more with a sound key" "$(stat_of auto.sign remade)" 0
if [ "$("$mailmill" version | grep -c avx512-ifma)" -gt 0 ]; then
    refuse "signatures made once more are counted" 1 test "$(stat_of spoilt.sign remade)" -eq 0
else
    skip "signatures made once more are counted" "no lanes on this processor"
fi
plan
