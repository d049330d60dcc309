# mailmill.bash - completes mailmill's verbs, options and what they take, in bash.
# SPDX-License-Identifier: Apache-2.0
#
# All of it is asked of `mailmill VERB --help`, so that it is never that of another version.

# _mailmill_names COMMAND...: what may follow these words, a line each.
_mailmill_names()
{
    "$@" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'
}

# _mailmill_options COMMAND...: options, each with what it takes: "--io auto|uring|threads".
_mailmill_options()
{
    "$@" --help 2>/dev/null | sed -n '/^  -/ { s/^  //; s/  .*//; s/, /\n/g; p; }'
}

# _mailmill_choices OPTION: the words it takes, where its line of stdin has them.
_mailmill_choices()
{
    sed -n "s/^$1 \([a-z0-9-]*|[a-z0-9|-]*\)\$/\1/p" | tr '|' '\n'
}

# _mailmill_values OPTION COMMAND...: the words that the option takes.
_mailmill_values()
{
    local option=$1
    shift
    case $option in
    --view) "$@" --view list 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p' ;;
    *) _mailmill_options "$@" | _mailmill_choices "$option" ;;
    esac
}

# _mailmill_words BEFORE COMMAND...: what may stand behind the word before; nothing where a file may.
_mailmill_words()
{
    local before=$1
    shift
    if _mailmill_options "$@" | awk -v before="$before" '$1 == before && NF > 1 { takes = 1 } END { exit !takes }'; then
        _mailmill_values "$before" "$@"
    elif [ "${2-}" = bench ]; then
        "$@" --list 2>/dev/null | sed 's/ .*//'
    fi
}

_mailmill()
{
    local program=${1/#\~\//$HOME/} word=$2 before=$3 names i
    local -a command=("$program")
    if [ "$word" = = ]; then # "--io=" is two words for bash, and "--io=a" is three
        word=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; ; i++)); do
        names=$(_mailmill_names "${command[@]}")
        if [ "$i" -ge "$COMP_CWORD" ] && [ -n "$names" ]; then
            [ "${word:0:1}" != - ] || names=--help
            mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
            return
        fi
        [ "$i" -lt "$COMP_CWORD" ] && grep -qxF -- "${COMP_WORDS[i]}" <<<"$names" || break
        command+=("${COMP_WORDS[i]}")
        [ "${COMP_WORDS[i]}" != help ] || command=("$program")
    done
    case $word in
    -*) names=$(_mailmill_options "${command[@]}" | sed 's/[ []..*//') ;;
    *) names=$(_mailmill_words "$before" "${command[@]}") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
}

# Where nothing is offered, names of files are.
complete -o default -F _mailmill mailmill
