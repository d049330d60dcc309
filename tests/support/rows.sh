# rows.sh - what a run of verify says of its inputs, in one line.
# SPDX-License-Identifier: Apache-2.0
#
#   rows FILE                            how often its rows have each result or reject
#   verified NAME WANTED SOURCE...       exit code and rows of $verify over the sources; rows.ndjson
#                                        stays, and so do its words in `said`

rows()
{
    sed 's/.*"result":"\([a-z]*\)","signatures".*/\1/; s/.*"rejected":"\([^"]*\)".*/\1/' "$1" |
        LC_ALL=C sort | uniq -c | sed 's/^ *//' | paste -sd ' '
}

verified()
{
    local name=$1 wanted=$2
    shift 2
    rm -f rows.ndjson
    $verify --stats -o rows.ndjson "$@" 2>said
    is "$name" "$? $(rows rows.ndjson)" "$wanted"
    is "$name: every input has one row" "$(stat_of said inputs)" "$(wc -l <rows.ndjson)"
}
