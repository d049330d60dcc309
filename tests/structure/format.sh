# format.sh - every C file is as clang-format leaves it.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

# Another major version lays out some lines differently: the one that scripts/deps installs decides.
style()
{
    find src include tests bench -name '*.[ch]' -print0 |
        xargs -0 clang-format-14 --style=file --dry-run -Werror 2>&1 | grep -E '^[^ ].*(error|warning):' || true
}

check "clang-format 14 is here" clang-format-14 --version
holds "every C file has the house style" style
fresh_tree
sed -i 's/^    return/  return/' "$tree/src/base/arena.c"
catches "two blanks" style src/base/arena.c
plan
