# headers.sh - every header compiles alone; the public ones from C++ too; the library exports them.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

cc=${MAILMILL_CC:-cc}

# alone COMPILER LANGUAGE STANDARD HEADER
alone()
{
    echo "#include \"$4\"" | "$1" -x "$2" -std="$3" -Wall -Wextra -Wno-unused-function -Werror \
        -D_GNU_SOURCE -Iinclude -Isrc -fsyntax-only - 2>&1 | sed "s,^,$4: ,"
}

# Headers below a folder; with $only set, those that match it.
headers_of()
{
    (cd "$1" && find . -name '*.h' | sed 's,^\./,,' | grep -E "${only:-.}")
}

headers_alone()
{
    local header
    for header in $(headers_of src); do
        alone "$cc" c c17 "$header"
    done
    for header in $(headers_of include); do
        alone "$cc" c c11 "$header"
        alone g++ c++ c++11 "$header"
    done
}

# Functions that the public headers mark MM_API.
declared()
{
    cat include/mailmill/*.h | sed 's,//.*,,' | tr '\n' ' ' | sed 's,/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/, ,g' |
        grep -oE 'MM_API [^;(]*\bmm_[a-z0-9_]+\(' | grep -oE 'mm_[a-z0-9_]+\($' | tr -d '(' | LC_ALL=C sort -u
}

exports()
{
    nm -D --defined-only "$MAILMILL_BINARY_DIR/libmailmill.so" |
        awk '$3 !~ /^(__|_init$|_fini$|_edata$|_end$)/ { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort -u
}

exports_are_the_public_functions()
{
    declared >"$tap_dir/declared"
    exports >"$tap_dir/exported"
    LC_ALL=C comm -23 "$tap_dir/declared" "$tap_dir/exported" | sed 's/$/: declared, not exported/'
    LC_ALL=C comm -13 "$tap_dir/declared" "$tap_dir/exported" | sed 's/$/: exported, not declared/'
}

holds "every header compiles alone, the public ones from C11 and C++11" headers_alone
holds "the shared library exports exactly the public functions" exports_are_the_public_functions

fresh_tree
sed -i '/#include/d' "$tree/src/base/arena.h"
only=base/arena.h
catches "a header that leans on what was included before" headers_alone base/arena.h
fresh_tree
sed -i 's/^struct mm_view {/struct mm_view { int class;/' "$tree/include/mailmill/base.h"
only=mailmill/base.h
catches "a public header that is no C++" headers_alone mailmill/base.h
fresh_tree
echo 'MM_API int mm_planted(void);' >>"$tree/include/mailmill/base.h"
catches "a function that is declared only" exports_are_the_public_functions "mm_planted: declared, not exported"
fresh_tree
sed -i '/mm_version/d' "$tree/include/mailmill/base.h"
catches "a function that is exported only" exports_are_the_public_functions "mm_version: exported, not declared"
plan
