# measure.sh - what the scripts that measure have in common: rounds, times, medians.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced from the project's folder, by a script that calls itself $measure_name. Makes $dir, on the disk of
# $TMPDIR, and $out, on tmpfs; both go with the script.

die()
{
    echo "$measure_name: $*" >&2
    exit 70
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/mailmill-bench.XXXXXX")
out=$(mktemp -d /dev/shm/mailmill-bench.XXXXXX)
trap 'rm -rf "$dir" "$out"' EXIT
cpus=$(taskset -cp $$ | sed 's/.*: //')
cpu=${cpus##*[,-]}
two_cpus=${cpus//[0-9]/} # empty where there is one only

# build_bench TARGET...: as a release is built; sets $mailmill and $bench
build_bench()
{
    local build=build/bench
    cmake --preset release -B "$build" -DMAILMILL_BENCH=ON >"$dir/log" &&
        cmake --build "$build" --target mailmill "$@" >>"$dir/log" || {
        cat "$dir/log" >&2
        die "does not build"
    }
    mailmill=$PWD/$build/mailmill
    bench=$PWD/$build/bench
}

# pinned COMMAND...: on one CPU
pinned()
{
    taskset -c "$cpu" "$@"
}

# timed NAME COMMAND...: adds the seconds to NAME.cpu and NAME.wall; the command's words go to stderr.last
timed()
{
    local name=$1
    shift
    { TIMEFORMAT='%R %U %S' && time "$@" >/dev/null 2>stderr.last; } 2>time.last || {
        cat stderr.last >&2
        die "failed: $*"
    }
    awk '{ print $1 >>wall; print $2 + $3 >>cpu }' wall="$name.wall" cpu="$name.cpu" time.last
}

# itself NAME COMMAND...: adds the CPU seconds that the command measured itself to NAME.cpu
itself()
{
    local name=$1
    shift
    pinned "$@" >itself.last || die "failed: $*"
    sed -n 's/^cpu_s=\([0-9.]*\) .*/\1/p' itself.last >>"$name.cpu"
}

# counted WORD COUNT: the last run's --stats must say that so many messages ended as WORD
counted()
{
    tail -n 1 stderr.last | grep -q "\"$1\":$2[,}]" || die "not all messages $1: $(tail -n 1 stderr.last)"
    tail -n 1 stderr.last | grep -o '"peak_bytes":[0-9]*' | cut -d : -f 2 >>peak
}

progress()
{
    [ -t 2 ] && printf '\r\033[K%s, round %s' "$1" "$2" >&2
    return 0
}

median()
{
    sort -g "$@" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# per_round EXPRESSION FILES...: the median, over the rounds that all files have, of an expression in $1, $2 ... and n
per_round()
{
    local expression=$1
    shift
    paste "$@" | awk -v n="${count:-0}" -v files=$# "NF == files { print $expression }" | median | awk '{ printf "%.3f", $1 }'
}

# goal FIGURE OPERATOR BOUND: sets $goal_text; $missed is 1 from the first goal that is not met on
missed=0
goal()
{
    local verdict
    verdict=$(awk -v a="$1" -v b="$3" "BEGIN { print (a $2 b) ? \"met\" : \"MISSED\" }")
    [ "$verdict" = met ] || missed=1
    goal_text="goal $2 $3: $verdict"
}
