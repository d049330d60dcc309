#!/usr/bin/env bash
# crypto_choice.sh - whatever does the cryptography, signatures and verdicts are the same to the byte.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

make_spool spool 300
openssl genrsa -out k3.pem 3072 2>/dev/null
openssl genrsa -3 -out e3.pem 1024 2>/dev/null
for pem in k3 e3; do
    printf '%s._domainkey.example.com. IN TXT "v=DKIM1; p=" "%s"\n' $pem \
        "$(openssl rsa -in $pem.pem -pubout -outform DER 2>/dev/null | base64 -w 200 | sed ':a;N;$!ba;s/\n/" "/g')" >>own.zone
done
cat "$keys/zone" own.zone >zone

# sign NAME COMMAND...: the spool by four keys of different kinds, into NAME.mbox
sign()
{
    local name=$1
    shift
    env "$@" --now $now --stats $one --domain example.com --selector e1 --key "$keys/ed25519.pem" \
        --domain example.com --selector k3 --key k3.pem --domain example.com --selector e3 --key e3.pem \
        -o "$name.mbox" spool 2>"$name.err"
}

sign auto "$mailmill" sign
sign openssl "$mailmill" sign --crypto openssl
sign avx2 MAILMILL_CPU=avx2 "$mailmill" sign
sign plain MAILMILL_CPU=portable "$mailmill" sign
is "all are signed" "$(stat_of auto.err signed)" 300
for name in openssl avx2 plain; do
    check "$name signs as auto does" cmp auto.mbox $name.mbox
done

# A signature of another message in every fifth: the lanes have both kinds.
awk '/^DKIM-Signature/ { n++ } n % 20 == 7 && /^b=|; b=/ { sub(/b=./, "b=") } { print }' auto.mbox >mixed.mbox
for name in auto openssl avx2 plain; do
    case $name in
    auto) set -- "$mailmill" verify ;;
    openssl) set -- "$mailmill" verify --crypto openssl ;;
    avx2) set -- MAILMILL_CPU=avx2 "$mailmill" verify ;;
    plain) set -- MAILMILL_CPU=portable "$mailmill" verify ;;
    esac
    env "$@" --now $now --stats --keys zone auto.mbox >"$name.rows" 2>"$name.verify"
    env "$@" --now $now --keys zone mixed.mbox >"$name.mixed" 2>/dev/null
done
is "all pass" "$(grep -c '"result":"pass","signatures"' auto.rows)" 300
is "of the mixed ones some signatures fail" "$(grep -q '"signature":"bad"\|"reason":"s' auto.mixed && echo yes)" yes
for name in openssl avx2 plain; do
    check "$name verifies as auto does" cmp auto.rows $name.rows
    check "$name tells bad ones as auto does" cmp auto.mixed $name.mixed
done

is "--stats names OpenSSL where it was asked for" "$(stat_of openssl.err public_keys)" openssl
is "and hashes, too" "$(stat_of openssl.verify sha256)" openssl
is "no lanes without their tier" "$(stat_of avx2.err public_keys)" openssl-bn
want=openssl-bn
"$mailmill" version | grep -q avx512ifma && want=avx512-ifma
is "lanes where the processor has them" "$(stat_of auto.err public_keys)" $want
plan
