# programs.sh - the programs that scripts/compare-peers measures beside mailmill: how they are found, built and named.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names are shared with the script
#
# A program's NAME gets its command, for what stands before a driver's arguments, its version, and the share of
# messages that it is given: one of so many. $peers are those that sign and verify; what is not there is in $absent,
# with the reason.
peers=()
absent=()
declare -A command=() version=()
declare -A share=([yardstick]=4 [opendkim]=10 [gomsgauth]=20 [mailauth]=40 [maildkim]=40 [dkimpy]=100)

words()
{
    case $1 in
    mailmill) echo "mailmill" ;;
    yardstick) echo "C yardstick" ;;
    opendkim) echo "libopendkim (C)" ;;
    gomsgauth) echo "go-msgauth (Go)" ;;
    mailauth) echo "mailauth (Node.js)" ;;
    maildkim) echo "Mail::DKIM (Perl)" ;;
    dkimpy) echo "dkimpy (Python)" ;;
    report_yardstick) echo "C yardstick: libdeflate, expat" ;;
    report_python) echo "Python: gzip, ElementTree, csv" ;;
    maildmarc) echo "Mail::DMARC (Perl)" ;;
    *) die "unknown program: $1" ;;
    esac
}

wanted()
{
    [[ ",$only," = *",$1,"* ]]
}

package_version()
{
    dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | head -n 1
}

perl_version()
{
    perl -e 'printf "Perl %vd", $^V'
}

# has NAME VERSION COMMAND...
has()
{
    version[$1]=$2
    command[$1]="${*:3}"
}

# Each of these says why not, on standard output, where a program cannot be had.
find_opendkim()
{
    has opendkim "$(package_version libopendkim-dev)" "$bench/opendkim_driver"
}

find_dkimpy()
{
    "$python" -c 'import dkim' 2>/dev/null || { echo "python3-dkim is not there" && return 1; }
    has dkimpy "$(package_version python3-dkim), $("$python" --version)" "$python $root/bench/peers/dkimpy_driver.py"
}

find_maildkim()
{
    perl -MMail::DKIM -e 1 2>/dev/null || { echo "libmail-dkim-perl is not there" && return 1; }
    has maildkim "$(package_version libmail-dkim-perl), $(perl_version)" "perl $root/bench/peers/maildkim_driver.pl"
}

# The driver finds the library in the node_modules beside it.
find_mailauth()
{
    local folder
    folder=$(scripts/readers bench/peers 2>"$dir/log") || { echo "npm does not install it: $(tail -n 1 "$dir/log")" && return 1; }
    cp bench/peers/mailauth_driver.mjs "$folder"
    has mailauth "$(sed -n 's/^ *"mailauth": "\(.*\)"$/\1/p' bench/peers/package.json), Node.js $(node --version)" \
        "node $folder/mailauth_driver.mjs"
}

find_gomsgauth()
{
    local built=$root/build/bench/peers
    command -v go >/dev/null || { echo "golang-go is not there" && return 1; }
    mkdir -p "$built"
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$built/go \
        go build -o "$built/gomsgauth_driver" bench/peers/gomsgauth_driver.go 2>"$dir/log" ||
        { echo "its driver does not build: $(tail -n 1 "$dir/log")" && return 1; }
    has gomsgauth "$(package_version golang-github-emersion-go-msgauth-dev), $(go version | cut -d ' ' -f 3)" \
        "$built/gomsgauth_driver"
}

find_maildmarc()
{
    perl -MMail::DMARC -e 1 2>/dev/null || { echo "libmail-dmarc-perl is not there" && return 1; }
    has maildmarc "$(package_version libmail-dmarc-perl), $(perl_version)" "perl $root/bench/peers/maildmarc_driver.pl"
}

# found NAME: whether it is; else it is in $absent
found()
{
    if "find_$1" >"$dir/why"; then return 0; fi
    absent+=("$1: not installed: $(cat "$dir/why")")
    return 1
}

find_programs()
{
    local name
    for name in opendkim dkimpy maildkim mailauth gomsgauth; do
        if wanted "$name" && found "$name"; then peers+=("$name"); fi
    done
    if wanted reports; then
        version[report_python]=$("$python" --version)
        found maildmarc || true
    fi
}
