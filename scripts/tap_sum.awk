# tap_sum.awk - adds up the TAP lines in the output of `ctest -V`.
# SPDX-License-Identifier: Apache-2.0
#
# Prints each failed line with its test and the first of its comments, then "N passed, N failed,
# N skipped" alone on the last line.
# A test that ctest calls failed without a "not ok" line of its own (it crashed, ran out of time, was
# not built) is one failure; so are a test without a plan, with fewer results than planned, or with
# none. Exits 1 on any failure, and when nothing passed.

BEGIN { COMMENTS_SHOWN = 12 }

BEGIN { COMMENTS_SHOWN = 12 }

function fail(test, words)
{
    failed++
    printf "FAILED %s: %s\n", test, words
}

# comments: whole lines
function comment_on(test, comments, lines, count, i)
{
    count = split(comments, lines, "\n") - 1
    for (i = 1; i <= count; i++)
        printf "FAILED %s: %s\n", test, lines[i]
}

# A result of ctest itself: "3/17 Test  #3: NAME .....   Passed    0.01 sec".
/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
    match($0, /#[0-9]+/)
    id = substr($0, RSTART + 1, RLENGTH - 1)
    words = $0
    sub(/^[^:]*: */, "", words)
    name[id] = words
    sub(/ .*/, "", name[id])
    ended[id] = words ~ / Passed +[0-9.]+ sec/ ? "passed" : words
    next
}

/^test [0-9]+$/ { started[$2] = 1; next }

# A line that a test printed: "3: ok 1 - name". cmocka 1.1.5 prints a skipped test as "not ok".
/^[0-9]+: / {
    id = $0
    sub(/:.*/, "", id)
    line = $0
    sub(/^[0-9]+: /, "", line)
    if (line ~ /^(not )?ok [0-9]+/)
        open_for_comments[id] = 0
    if (line ~ /^(not )?ok [0-9]+ .*# SKIP/) {
        skipped++
        results[id]++
    } else if (line ~ /^ok [0-9]+/) {
        passed++
        results[id]++
    } else if (line ~ /^not ok [0-9]+/) {
        results[id]++
        bad[id]++
        bad_line[id, bad[id]] = line
        open_for_comments[id] = COMMENTS_SHOWN
    } else if (line ~ /^#/ && open_for_comments[id]-- > 0) {
        comments[id, bad[id]] = comments[id, bad[id]] line "\n"
    } else if (line ~ /^1\.\.[0-9]+ *$/) {
        planned[id] += substr(line, 4)
        plans[id]++
    }
}

END {
    for (id in started)
        if (!(id in ended)) {
            name[id] = "test " id
            ended[id] = "no result: ctest ended before it"
        }
    for (id in ended) {
        for (i = 1; i <= bad[id]; i++) {
            fail(name[id], bad_line[id, i])
            comment_on(name[id], comments[id, i])
        }
        if (ended[id] != "passed") {
            if (!bad[id])
                fail(name[id], ended[id])
        } else if (!plans[id])
            fail(name[id], "printed no plan (1..N)")
        else if (results[id] != planned[id])
            fail(name[id], "planned " planned[id] " results, printed " results[id] + 0)
        else if (!results[id])
            fail(name[id], "ran nothing")
    }
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed > 0 || passed == 0
}
