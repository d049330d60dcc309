# headers.sh - every header compiles alone; the public ones from C++ too.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh"

cc=${MAILMILL_CC:-cc}

# alone COMPILER LANGUAGE STANDARD HEADER
alone()
{
    echo "#include \"$4\"" | "$1" -x "$2" -std="$3" -Wall -Wextra -Wno-unused-function -Werror \
        -D_GNU_SOURCE -Iinclude -Isrc -fsyntax-only - 2>&1 | sed "s,^,$4: ,"
}

headers_alone()
{
    local header
    for header in $(cd src && find . -name '*.h' | sed 's,^\./,,'); do
        alone "$cc" c c17 "$header"
    done
    for header in $(cd include && find . -name '*.h' | sed 's,^\./,,'); do
        alone "$cc" c c11 "$header"
        alone g++ c++ c++11 "$header"
    done
}

holds "every header compiles alone, the public ones from C11 and C++11" headers_alone

fresh_tree
sed -i '/#include/d' "$tree/src/base/arena.h"
catches "a header that leans on what was included before" headers_alone base/arena.h
fresh_tree
sed -i 's/^struct mm_view {/struct mm_view { int class;/' "$tree/include/mailmill/base.h"
catches "a public header that is no C++" headers_alone mailmill/base.h
plan
