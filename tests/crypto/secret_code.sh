# secret_code.sh - in the machine code of RSA signing no secret decides a jump or an address.
# SPDX-License-Identifier: Apache-2.0
#
# Both compilers' code of the release build is walked (tests/support/secret_walk.py), and counted:
# kernel_counts.tsv has what the products may cost, so that a compiler which runs out of registers
# is noticed.
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/leaks.sh" || exit 1

if [ "$(uname -m)" != x86_64 ]; then
    skip "the code of AVX-512 is walked" "no x86-64"
    plan
fi

walker=$MAILMILL_SOURCE_DIR/tests/support/secret_walk.py
"$MAILMILL_BINARY_DIR/tests/secret_fields" >"$tap_dir/fields" || exit 1

# object CC SOURCES [OPTION...]
object()
{
    local cc=$1 from=$2
    shift 2
    lanes_cc "$cc" "$from" "$@" -c "$from/crypto/x86/rsa_lanes_avx512.c" -o "$tap_dir/$cc.o"
}

walk()
{
    python3 "$walker" walk "$tap_dir/$1.o" "$tap_dir/fields"
}

# Lines of the counts that are over their bound, or that have no bound.
# over CC TABLE
over()
{
    python3 "$walker" count "$tap_dir/$1.o" | awk -v cc="$1" '
        NR == FNR { if ($1 == cc) { most[$2] = $3; products[$2] = $4; trips[$2] = $5 } next }
        !($1 in most) { next }
        { seen[$1] = 1 }
        $2 > most[$1] { print $1 ": " $2 " instructions, " most[$1] " at most" }
        $3 != products[$1] { print $1 ": " $3 " products, not " products[$1] }
        $4 > trips[$1] { print $1 ": " $4 " trips to the stack, " trips[$1] " at most" }
        END { for (name in most) if (!(name in seen)) print name ": not there" }' "$2" -
}

counts=$MAILMILL_SOURCE_DIR/tests/crypto/kernel_counts.tsv
for cc in gcc clang; do
    check "$cc compiles it" object "$cc" "$MAILMILL_SOURCE_DIR/src"
    said=$(walk "$cc" 2>&1)
    is "$cc: no secret decides a jump or an address" "$(grep -v '^walked ' <<<"$said")" ""
    reached=$(grep '^walked ' <<<"$said")
    for name in secret_sign secret_blind secret_half secret_power secret_select secret_join secret_check \
        multiply square reduce canonical; do
        case " $reached " in
        *" ${name}_avx512 "*) ;;
        *) is "$cc: $name is walked" "$reached" "$name" ;;
        esac
    done
    is "$cc: products cost what they may" "$(over "$cc" "$counts")" ""
    sed 's/\t[0-9]*$/\t1/' "$counts" >"$tap_dir/tight"
    refuse "$cc: a trip to the stack too many is caught" 1 test -z "$(over "$cc" "$tap_dir/tight")"
done

for leak in table digit subtraction blinding; do
    check "a leak by $leak can be planted" plant "$leak" "$tap_dir/$leak"
    for cc in gcc clang; do
        check "$cc compiles the leak by $leak" object "$cc" "$tap_dir/$leak"
        said=$(walk "$cc" 2>&1)
        case $leak in
        table) want='a secret in an address' ;;
        *) want='a secret decides a jump' ;;
        esac
        refuse "$cc: the leak by $leak is caught" 1 test -z "$(grep "$want" <<<"$said")"
    done
done
# What nobody should write, in the hand of a compiler that did.
while IFS='|' read -r name code want; do
    printf '.text\nsecret_sign_planted:\n%b\nret\n' "$code" >"$tap_dir/planted.s"
    check "$name can be assembled" gcc -c "$tap_dir/planted.s" -o "$tap_dir/planted.o"
    said=$(walk planted 2>&1)
    refuse "$name is caught" 1 test -z "$(grep "$want" <<<"$said")"
done <<'END'
a division|idivl %ecx|not on the list
a gather|kxnorw %k1,%k1,%k1\nvpgatherqq (%rdi,%zmm1),%zmm2{%k1}|secret in an address
a way by a table of jumps|jmp *%rax|an indirect jump
a mask that decides|vmovdqa64 (%rdi),%zmm1\nvptestmq %zmm1,%zmm1,%k1\nkmovw %k1,%eax\ntest %eax,%eax\nje 1f\nnop\n1:|decides a jump
a digit that went over the stack|mov (%rsi),%rax\npush %rax\npop %rcx\nmov (%rdi,%rcx,8),%rdx|secret in an address
a call to elsewhere|call bn_mod_exp|out of the file
END

check "gcc compiles it without optimizing" object gcc "$MAILMILL_SOURCE_DIR/src" -O0
refuse "products that do not stay in registers are caught" 1 test -z "$(over gcc "$counts" | grep 'trips to the stack')"
plan
