# dataset_rows.sh - the rows of datasets of reports, read by our own reader and compared.
# SPDX-License-Identifier: Apache-2.0
#
#   rows_of DATASET          all rows into DATASET.rows, sorted, each with its table before it; fails where one cannot be read
#   same_rows NAME A B       both have the same rows in every table
#   parts DATASET TABLE      how many files a table has
#   files_of DATASET         inode, size and time of every file but those below .mailmill

rows_of()
{
    "$MAILMILL_BINARY_DIR/tests/dataset_rows" "$1" >"$1.unsorted" || return 1
    LC_ALL=C sort -o "$1.rows" "$1.unsorted"
}

same_rows()
{
    rows_of "$2" && rows_of "$3" && diff "$2.rows" "$3.rows" >differs 2>&1
    ok "$1" $?
    head -n 20 differs 2>/dev/null | tap_say
    rm -f differs
}

parts() { find "$1/$2" -name 'part-*.parquet' | wc -l; }
files_of() { (cd "$1" && find . -path ./.mailmill -prune -o -type f -printf '%i %s %T@ %p\n' | LC_ALL=C sort -k 4); }
