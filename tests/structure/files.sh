# files.sh - names, opening lines and words that every file of ours has, or must not have.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

# Two files of one name in the library, the program or the tests.
unique_names()
{
    find src include -type f | sed 's,.*/,,' | LC_ALL=C sort | uniq -d
    find tests -name 'test_*.c' | sed 's,.*/,,' | LC_ALL=C sort | uniq -d
}

# What a slip of the shell leaves in the root: a file with nothing in it.
strays()
{
    find . -maxdepth 1 -type f -empty
}

sources()
{
    text_files | grep -E '\.(c|h|def|sh|py|awk|in|scd|cc|cpp)$|(^|/)CMakeLists\.txt$|^scripts/|^\.ci/'
}

# first_lines COUNT TEST WORDS: files of stdin none of whose first lines passes the awk test, which
# may speak of `name`, the file's own.
first_lines()
{
    xargs awk -v count="$1" -v words="$3" '
        function say() { if (file != "" && !found) print file ": " words }
        FNR == 1 { say(); file = name = FILENAME; sub(/.*\//, "", name); found = 0 }
        FNR <= count && ('"$2"') { found = 1 }
        END { say() }'
}

licence_lines()
{
    sources | first_lines 6 '/SPDX-License-Identifier: Apache-2\.0/' "no SPDX line"
}

# A C file says its own name and what it is for.
opening_lines()
{
    sources | grep -E '\.[ch]$' | first_lines 4 'index($0, " * " name " - ") == 1' "does not open with its name"
}

# Words that say a thing is not done, and paths of one machine.
unfinished()
{
    text_files | grep -v '^tests/structure/files\.sh$' |
        xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b|(^|[^[:alnum:]_.])/(work|home|root)/' || true
}

# Names of hosts in strings of the library are examples, or namespaces of XML itself; nothing there
# knows any message of a test.
no_corpus()
{
    grep -rnoE '"([^"\\]|\\.)*"' src include | grep -v '\.h"$' |
        grep -iE '\b([a-z0-9-]+\.)+(com|net|org|info|biz|io|de|uk|fr|eu|us|edu|gov)\b' |
        grep -viE '\bexample\.(com|net|org)\b|"http://www\.w3\.org/(XML/1998/namespace|2000/xmlns/)"' || true
    grep -rnE 'expected\.tsv|bodyhash\.tsv|\.\./shared|keys\.zone' src include || true
    # A digest or a key in a string: 40 or more characters of hex or base64 that are no alphabet.
    grep -rnE '"[A-Za-z0-9+/]{40,}={0,2}"' src include | grep -v 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' || true
    [ -r "${MAILMILL_CORPUS:-/nonexistent}/dkim/expected.tsv" ] || return 0
    # With the corpus at hand: none of its signing domains, and none of its files.
    awk -F '\t' '{ for (i = 1; i <= NF; i++) print $i }' "$MAILMILL_CORPUS/dkim/expected.tsv" |
        grep -xE '[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}' | grep -vE '(^|\.)example\.(com|net|org)$' |
        LC_ALL=C sort -u >"$tap_dir/known"
    find "$MAILMILL_CORPUS/dkim" -name '*.eml' | sed 's,.*/,,' | LC_ALL=C sort -u >>"$tap_dir/known"
    grep -rnwF -f "$tap_dir/known" src include || true
}

holds "every file name occurs once" unique_names
holds "every source has its licence line" licence_lines
holds "every C file opens with its name" opening_lines
holds "nothing is marked unfinished or tied to one machine" unfinished
holds "the library knows no message, host or digest of a test" no_corpus
holds "no empty file lies in the root" strays

fresh_tree
cp "$tree/src/base/view.h" "$tree/src/text/view.h"
catches "a second file of one name" unique_names view.h

fresh_tree
: >"$tree/theirs"
catches "an empty file in the root" strays theirs

fresh_tree
sed -i '/SPDX/d' "$tree/src/base/arena.c" "$tree/scripts/test"
catches "a source without licence" licence_lines src/base/arena.c
catches "a script without licence" licence_lines scripts/test

fresh_tree
sed -i 's/ \* arena\.c - / * something - /' "$tree/src/base/arena.c"
catches "a file that opens with another name" opening_lines src/base/arena.c

fresh_tree
echo '/* TODO: more */' >>"$tree/src/base/arena.c"
echo '# see /home/here' >>"$tree/scripts/test"
catches "a TODO" unfinished src/base/arena.c
catches "a path of one machine" unfinished scripts/test

fresh_tree
echo 'static const char *host = "mail.pobox.com";' >>"$tree/src/base/arena.c"
catches "a host that is no example" no_corpus mail.pobox.com
fresh_tree
echo 'static const char *bh = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";' >>"$tree/src/base/arena.c"
catches "a digest" no_corpus 47DEQpj8
plan
