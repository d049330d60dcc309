# completion.sh - bash completes verbs, options and what they take, as the program at hand tells them.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/data/mailmill.bash" || exit 1
cd "$tap_dir" || exit 1

# offered WORD...: what bash is told behind `mailmill`, the last word being the one that is typed
offered()
{
    COMP_WORDS=("$MAILMILL_PROGRAM" "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _mailmill "$MAILMILL_PROGRAM" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
}

# What the help of a verb has on its left side, found by other means.
options_of()
{
    "$MAILMILL_PROGRAM" "$@" --help | python3 -c '
import re, sys
print(" ".join(sorted(set(o for line in sys.stdin if line.startswith("  -")
                           for o in re.findall(r"(?:^|, )(--?[a-z0-9-]+)", re.split(r"  +", line[2:])[0])))))'
}

is "verbs" "$(offered '')" "sign verify reports summary keys bench version help"
is "of a few letters" "$(offered ver)" "verify version"
is "help for all of them" "$(offered -)" "--help"
is "verbs to be helped with" "$(offered help su)" "summary"
is "what keys does" "$(offered keys '')" "new record check zone"
for verb in sign verify reports summary bench version "keys new" "keys record" "keys check" "keys zone"; do
    is "options of $verb" "$(offered $verb - | tr ' ' '\n' | LC_ALL=C sort | xargs)" "$(LC_ALL=C options_of $verb)"
done
is "those that begin so" "$(offered verify --keys zone --dns)" "--dns --dns-timeout --dns-record"
is "what an option takes" "$(offered verify --io '')" "auto uring threads"
is "behind a sign of equality" "$(offered verify --io =) $(offered verify --io = u)" "auto uring threads uring"
is "another, of keys" "$(offered keys new --type e)" "ed25519"
is "words with dashes" "$(offered bench --format g)" "github-benchmark"
is "views" "$(offered summary --view co)" "$("$MAILMILL_PROGRAM" summary --view list | grep -o '^co[a-z-]*' | xargs)"
is "workloads" "$(offered bench kernel-b) $(offered bench --quick kernel-x)" "kernel-base64 kernel-xml"
is "files are bash's" "$(offered sign --key '')$(offered verify '')$(offered reports -o data '')$(offered help verify '')" ""
is "nothing behind what is no verb" "$(offered frob '')$(offered frob --)$(offered keys frob '')" ""
is "nor behind what looks like a pattern" "$(offered sign '[' x 2>&1)$(offered '.*' x 2>&1)" ""
HOME=$tap_dir
ln -s "$MAILMILL_PROGRAM" "$tap_dir/mill"
COMP_WORDS=('~/mill' ver) COMP_CWORD=1
_mailmill '~/mill' ver '~/mill'
is "a program below one's home" "${COMPREPLY[*]}" "verify version"

# In a shell as people have it: a line is typed, and Tab.
python3 - "$MAILMILL_SOURCE_DIR/data/mailmill.bash" "${MAILMILL_PROGRAM%/*}" >typed <<'PYTHON'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1="$ ", PATH=sys.argv[2] + ":" + os.environ["PATH"])
    os.execlp("bash", "bash", "--norc", "--noprofile", "-i")
def send(text):
    os.write(fd, text)
def read_until(word, seconds=20):
    seen, end = b"", time.time() + seconds
    while word not in seen and time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            seen += os.read(fd, 4096)
    return seen
send(b". '" + sys.argv[1].encode() + b"'; echo re''ady\n")
read_until(b"ready\r\n")
send(b"echo mailmill; mailmill verif\t--exp\t\x01#\n") # made a comment before it runs
seen = read_until(b"--explain")
print(b"verify --explain" in seen)
os.close(fd)
PYTHON
is "typed with Tab" "$(cat typed)" True
plan
