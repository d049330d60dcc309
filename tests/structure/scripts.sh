# scripts.sh - the scripts parse, and scripts/deps and tap_sum.awk do what they promise.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

shell_files()
{
    text_files | grep -E '\.sh$'
    text_files | grep -E '^(scripts|\.ci|datasets)/' | xargs grep -lE '^#!.*\bbash$'
}

scripts_parse()
{
    local file
    for file in $(shell_files); do
        bash -n "$file" 2>&1
    done
    for file in $(text_files); do
        [ -x "$file" ] || [ "$(head -c 2 "$file")" != '#!' ] || echo "$file: cannot be run: chmod +x"
    done
}

# A test that goes on without its library has no folder of its own, and would work on whatever is there.
library_or_nothing()
{
    shell_files | grep '^tests/' | xargs grep -nE '^[[:space:]]*(\.|source) ' | grep -vE '\|\| exit 1$'
}

# Nothing removes a tree whose name begins with a variable that may be empty and goes on with a slash.
removes_what_it_names()
{
    shell_files | xargs grep -nE '\brm -[a-zA-Z]*[rR][a-zA-Z]* [^;&|>]*"?\$(\{[a-z_]+\}|[a-z_]+)"?/'
}

# README's table of dependencies has the packages, licences and reasons of scripts/deps.
readme_table()
{
    { scripts/deps --list test && scripts/deps --list peers | awk -F '\t' '$2 == "peers"'; } |
        awk -F '\t' '!seen[$1]++ { printf "| %s | %s | %s | %s |\n", $1, $2, $4, $3 }' >"$tap_dir/want"
    grep -E '^\| [a-z0-9+.-]+ \| (release|test|peers) \|' README.md >"$tap_dir/have"
    diff "$tap_dir/want" "$tap_dir/have"
}

# The same of what npm brings, in the versions of the lock, which says nothing of whence.
readme_readers()
{
    python3 - <<'END' >"$tap_dir/want"
import json
rows = []
for folder in ('tests/readers', 'bench/peers'):
    wanted = json.load(open(folder + '/package.json'))['dependencies']
    locked = json.load(open(folder + '/package-lock.json'))['packages']
    for name in wanted:
        package = locked['node_modules/' + name]
        rows.append(f"{name} {wanted[name]} {package['version']} {package['license']}")
print('\n'.join(sorted(rows)))
END
    sed -nE 's/^\| ([@a-z/-]+) \| ([0-9]+\.[0-9]+\.[^ ]+) \| [^|]+ \| ([^|]+) \|$/\1 \2 \2 \3/p' README.md >"$tap_dir/have"
    diff "$tap_dir/want" "$tap_dir/have"
}

lock_is_neutral()
{
    grep -nE '"resolved"|://' tests/readers/package-lock.json bench/peers/package-lock.json || true
}

holds "every script parses and can be run" scripts_parse
holds "no test goes on without its library" library_or_nothing
holds "no tree is removed whose name can be short of its beginning" removes_what_it_names
holds "the README has the table of scripts/deps" readme_table
holds "the README has the readers of tests/readers" readme_readers
holds "their locks name no registry" lock_is_neutral
fresh_tree
echo 'if true; then' >>"$tree/scripts/test"
chmod -x "$tree/scripts/deps"
catches "a script that does not parse" scripts_parse scripts/test
catches "a script that cannot be run" scripts_parse scripts/deps
sed -i 's/ || exit 1$//' "$tree/tests/cli/peers.sh"
catches "a test that goes on without its library" library_or_nothing tests/cli/peers.sh
echo 'rm -fr "$''build"/*' >>"$tree/scripts/demo"
catches "a folder that may be the root" removes_what_it_names scripts/demo
fresh_tree
sed -i 's/^strace /ltrace /' "$tree/scripts/deps"
catches "a package that the README does not name" readme_table ltrace
sed -i 's/^golang-go /golang-1.19-go /' "$tree/scripts/deps"
catches "a peer's package that the README does not name" readme_table golang-1.19-go

fresh_tree
sed -i 's/"hyparquet": "1\.[0-9.]*"/"hyparquet": "1.0.0"/' "$tree/tests/readers/package.json"
catches "a reader of another version" readme_readers hyparquet
sed -i 's/"mailauth": "4\.[0-9.]*"/"mailauth": "4.0.0"/' "$tree/bench/peers/package.json"
catches "a peer of another version" readme_readers mailauth
fresh_tree
sed -i '0,/"integrity"/s//"resolved": "nowhere",\n      "integrity"/' "$tree/tests/readers/package-lock.json"
catches "a lock that says whence" lock_is_neutral resolved

# ---- scripts/deps, with stand-ins for the package tools that keep a list of what is installed ----

deps=$MAILMILL_SOURCE_DIR/scripts/deps
fake=$tap_dir/fake
mkdir "$fake"
cat >"$fake/dpkg-query" <<'END'
#!/bin/sh
sed 's/$/ installed/' "$FAKE/installed"
END
cat >"$fake/apt-get" <<'END'
#!/bin/sh
echo "$*" >>"$FAKE/calls"
case " $* " in
*" update "*) exit 0 ;;
*" strace "*) exit 100 ;; # the one that this registry does not have
esac
for word; do
    case $word in -* | *=* | install) ;; *) echo "$word" >>"$FAKE/installed" ;; esac
done
END
printf '#!/bin/sh\necho 0\n' >"$fake/id"
chmod +x "$fake"/*
run_deps()
{
    env FAKE="$fake" PATH="$fake:$PATH" "$deps" "$@"
}
: >"$fake/installed"
check "deps installs the release set" run_deps
is "deps installed it whole" "$(LC_ALL=C sort "$fake/installed")" "$("$deps" --list | cut -f 1 | LC_ALL=C sort)"
rm -f "$fake/calls"
check "deps runs again" run_deps
is "deps calls no package tool when all is there" "$(cat "$fake/calls" 2>&1 | grep -c install)" 0
said=$(run_deps test 2>&1)
is "deps fails when a package cannot be had" $? 1
is "deps names the package, and no other" "$(tail -n 1 <<<"$said")" "deps: could not be installed: strace"
check "deps installs the others all the same" grep -qx libcmocka-dev "$fake/installed"
refuse "deps refuses an unknown set" 1 run_deps everything

printf '#!/bin/sh\necho 1000\n' >"$fake/id"
: >"$fake/installed"
alone=$tap_dir/alone # a PATH without sudo
mkdir "$alone"
for tool in bash env sed awk cut grep sort cat; do
    ln -s "$(command -v "$tool")" "$alone/$tool"
done
said=$(env FAKE="$fake" PATH="$fake:$alone" "$deps" 2>&1)
is "deps without root and sudo fails" $? 1
is "deps then names the command for root" "${said%% gcc*}" "deps: not root and no sudo; as root: apt-get install"
printf '#!/bin/sh\necho "$*" >>"$FAKE/sudo-calls"\nshift\nexec "$@"\n' >"$fake/sudo"
chmod +x "$fake/sudo"
check "deps goes through sudo" env FAKE="$fake" PATH="$fake:$alone" "$deps"
is "sudo may not ask for a password" "$(grep -vc '^-n ' "$fake/sudo-calls")" 0

# ---- tap_sum.awk: what counts as a failure ----

sum()
{
    awk -f "$MAILMILL_SOURCE_DIR/scripts/tap_sum.awk" | tail -n "${1:-1}"
}
passing='test 1
1: 1..2
1: ok 1 - a
1: ok 2 - b
1/1 Test #1: one ....   Passed    0.01 sec'
is "two results are two passed" "$(sum <<<"$passing")" "2 passed, 0 failed, 0 skipped"
is "a skip is counted apart" "$(sed 's/- b/- b # SKIP no/' <<<"$passing" | sum)" "1 passed, 0 failed, 1 skipped"
is "cmocka's skip is one too" "$(sed 's/ok 2 - b/not ok 2 # SKIP b/' <<<"$passing" | sum)" \
    "1 passed, 0 failed, 1 skipped"
is "a failed line is named with its test" "$(sed 's/ok 2/not ok 2/; s/  Passed /***Failed/' <<<"$passing" | sum 2)" \
    "FAILED one: not ok 2 - b
1 passed, 1 failed, 0 skipped"
is "comments of a failed line are told" "$(sed 's/ok 1/not ok 1/; /ok 1/a 1: # got: 7' <<<"$passing" | sum 3)" \
    "FAILED one: not ok 1 - a
FAILED one: # got: 7
1 passed, 1 failed, 0 skipped"
is "those of another line are not" "$(sed 's/ok 1/not ok 1/; /ok 2/a 1: # later' <<<"$passing" | sum 3)" \
    "FAILED one: not ok 1 - a
1 passed, 1 failed, 0 skipped"
is "nor more than a dozen" "$(sed '/ok 1/s/.*/echo "1: not ok 1 - a"; seq -f "1: # %g" 20/e' <<<"$passing" | sum 3)" \
    "FAILED one: # 11
FAILED one: # 12
1 passed, 1 failed, 0 skipped"
is "a failed line counts even when the test exits 0" "$(sed 's/ok 2/not ok 2/' <<<"$passing" | sum)" \
    "1 passed, 1 failed, 0 skipped"
is "a crash is a failure" "$(sed '4d; s/  Passed /***Exception: SegFault/' <<<"$passing" | sum)" \
    "1 passed, 1 failed, 0 skipped"
is "a timeout is a failure" "$(sed 's/  Passed /***Timeout/' <<<"$passing" | sum)" "2 passed, 1 failed, 0 skipped"
is "a test without a plan is a failure" "$(sed 2d <<<"$passing" | sum)" "2 passed, 1 failed, 0 skipped"
is "a missing result is a failure" "$(sed 3d <<<"$passing" | sum)" "1 passed, 1 failed, 0 skipped"
is "a test that ctest never ended is a failure" "$(sed '$d' <<<"$passing" | sum)" "2 passed, 1 failed, 0 skipped"
is "a test that ran nothing is a failure" "$(sed '3,4d; s/1\.\.2/1..0/' <<<"$passing" | sum)" \
    "0 passed, 1 failed, 0 skipped"
sum_status()
{
    awk -f "$MAILMILL_SOURCE_DIR/scripts/tap_sum.awk" >/dev/null <<<"$1"
}
sum_status "$passing"
is "passing exits 0" $? 0
sum_status "${passing/ok 2/not ok 2}"
is "failing exits 1" $? 1
sum_status "No tests were found!!!"
is "no test at all exits 1" $? 1
plan
