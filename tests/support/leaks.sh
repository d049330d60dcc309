# leaks.sh - copies of the source in which RSA leaks its key, for those who must notice.
# SPDX-License-Identifier: Apache-2.0
#
#   plant table FOLDER     FOLDER becomes a copy of src/ with that leak; fails where it has no place
#
# All give the right signature: nothing but a guard can tell.

leaks='table digit subtraction blinding key'

plant()
{
    local file line
    case $1 in
    table) # the table's entry is read at the address that the secret digit gives
        file=rsa_lanes_secret.inc
        line='s/unsigned entry = 0; entry < MM_RSA_WINDOW_ENTRIES; entry++/unsigned entry = (unsigned)index; entry <= index; entry++/'
        ;;
    digit) # a digit of the exponent that is zero takes no product
        file=rsa_lanes_secret.inc
        line='s/^ *at -= MM_RSA_WINDOW_BITS;$/&\
        if ((exponent[at \/ 64] >> at % 64 \& window) == 0) {\
            for (int i = 0; i < MM_RSA_WINDOW_BITS; i++)\
                FN(mont_square)(r, r, p, room->check.wide);\
            continue;\
        }/'
        ;;
    subtraction) # nothing to subtract: done early
        file=rsa_lanes_math.inc
        line='s/^ *V(mask) enough = .*$/&\
    if (V(bits)(enough) == 0)\
        return;/'
        ;;
    blinding) # a blinding factor decides
        file=rsa_lanes_secret.inc
        line='s/^ *MM_FAULT(MM_FAULT_HALF_P, .*$/&\
    if (blinding->factor->at[0] == 1)\
        return 0;/'
        ;;
    key) # a key made ready: subtract only where there is something left
        file=rsa_signing_key.c
        line='s/^ *uint64_t keep = 0 - .*$/&\
    if (keep) {\
        memmove(r, x, limbs * sizeof *r);\
        return;\
    }/'
        ;;
    *) return 1 ;;
    esac
    mkdir -p "$2" && cp -R "$MAILMILL_SOURCE_DIR/src/." "$2" && sed -i "$line" "$2/crypto/$file" || return 1
    ! cmp -s "$MAILMILL_SOURCE_DIR/src/crypto/$file" "$2/crypto/$file"
}

# lanes_cc CC SOURCES ARGUMENT...: compile as the release preset does, from a folder of sources.
lanes_cc()
{
    local cc=$1 from=$2
    shift 2
    "$cc" -std=c17 -O2 -g -DNDEBUG -fPIC -fvisibility=hidden -D_GNU_SOURCE -Wno-unused-function \
        -I "$from" -I "$MAILMILL_SOURCE_DIR/include" -I "$MAILMILL_SOURCE_DIR/tests" "$@"
}
