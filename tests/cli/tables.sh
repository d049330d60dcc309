# tables.sh - OpenDKIM's KeyTable and SigningTable: which row signs, with which key, and what is refused before work.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
mkdir t
cp "$keys"/*.pem t/
chmod 600 t/*.pem
cp t/mail.pem t/a.example.pem

# tables KEYTABLE SIGNINGTABLE: both as files of mode 0600
tables()
{
    printf "$1" >t/Keys
    printf "$2" >t/Rows
    chmod 600 t/Keys t/Rows
}
# signed_by AUTHOR OPTION...: "s@d" or, with i=, "s@d:i" of each signature of a message of the author
kind=
signed_by()
{
    local from=$1 n=0
    shift
    printf 'From: %s\r\nSubject: x\r\n\r\nbody\r\n' "$from" |
        "$mailmill" sign --key-table t/Keys --signing-table "${kind}t/Rows" --now $now -o - "$@" - 2>err >out.eml
    [ $? -le 1 ] || cat err
    while [ -n "$(tag out.eml $n s)" ]; do
        printf '%s%s@%s%s' "${space-}" "$(tag out.eml $n s)" "$(tag out.eml $n d)" "$(tag out.eml $n i | sed 's/^./:&/')"
        space=' '
        n=$((n + 1))
    done
    unset space
}
# faulty NAME CODE WORDS: these tables are refused before work, with these words
faulty()
{
    says "$1" "$2" "$3" "$mailmill" sign --key-table "${keykind-}t/Keys" --signing-table "${kind}t/Rows" -o no in "${@:4}"
}
mkdir in
message example.com 1 >in/1.eml

# ---- which row: user@host, host, user@.parent, .parent, user@*, * ----

set -f # a star is a star
order="user@b.a.example b.a.example user@.a.example .a.example user@.example .example user@* *"
: >t/Keys
n=0
for key in $order; do
    n=$((n + 1))
    printf 'k%s a.example:s%s:mail.pem\n' $n $n
done >t/Keys
n=0
for key in $order; do
    n=$((n + 1))
    printf '%s k%s\n' "$key" $n
done >t/Ordered
chmod 600 t/Keys
set +f
for n in 1 2 3 4 5 6 7 8; do
    tail -n +$n t/Ordered | tac >t/Rows # the last row first: the form decides, not the place
    is "row $n of $order" "$(signed_by 'A <User@B.a.Example>')" "s$n@a.example"
done
cp t/Ordered t/Rows
is "another user of the host" "$(signed_by x@b.a.example)" s2@a.example
is "another host" "$(signed_by user@c.a.example)" s3@a.example
is "another user there" "$(signed_by x@c.a.example)" s4@a.example
is "a parent is no host of its own" "$(signed_by user@a.example)" s5@a.example
is "another parent" "$(signed_by x@b.example)" s6@a.example
is "that user anywhere" "$(signed_by user@b.test)" s7@a.example
is "anybody else" "$(signed_by x@b.test)" s8@a.example
is "--multiple signs with all that match" "$(signed_by user@b.a.example --multiple)" \
    "$(for n in 1 2 3 4 5 6 7 8; do printf 's%s@a.example ' $n; done | sed 's/ $//')"
tables 'k1 a.example:s1:mail.pem\nk2 a.example:s2:mail.pem\n' 'a.example k2\na.example k1\n'
is "of equal rows the first" "$(signed_by x@a.example)" s2@a.example
is "or all, in their order" "$(signed_by x@a.example --multiple)" "s2@a.example s1@a.example"

# ---- patterns ----

kind=refile:
tables 'k1 a.example:s1:mail.pem\nk2 a.example:s2:mail.pem\nk3 a.example:s3:mail.pem\n' \
    '*@*.a.example k1\nuser@b.a.example k2\n*@a.example k3\n'
is "a refile is tried in its order" "$(signed_by user@b.a.example)" s1@a.example
is "all of it with --multiple" "$(signed_by user@b.a.example --multiple)" "s1@a.example s2@a.example"
is "a pattern is the whole address" "$(signed_by user@a.example)" s3@a.example
is "in any case" "$(signed_by USER@A.EXAMPLE)" s3@a.example
is "an address that none matches" "$(signed_by user@a.example.test)$(sed -n 's/.*(\(no-signing-row\))/ \1/p' err)" " no-signing-row"
kind=
faulty "a pattern in a plain table would never match" 78 't/Rows:1: "*@*.a.example" is a pattern, which a plain table does not match: give the table as refile:t/Rows'

# ---- what stands in a row ----

tables '# a comment\n\n  k1 \t %%:s1:mail.pem # of all\r\nk2 %%:s2:%%.pem\n' '* k1:@%%\n* k2:news@%%\n'
is "% is the author's domain, in d= and i=" "$(signed_by x@B.Example)" "s1@b.example:@b.example"
is "and in the path of a key, where there is one" "$(signed_by x@a.example --multiple) $(signed_by x@b.example --multiple)" \
    "s1@a.example:@a.example s2@a.example:news@a.example s1@b.example:@b.example"
tables 'k1 a.example:s1:%%.pem\n' 'a.example k1:joe@sub.a.example\n'
is "% of a path is d= where that is written" "$(signed_by x@a.example)" "s1@a.example:joe@sub.a.example"
tables 'k1 a.example:s1:mail.pem\n' '* k1:@b.example\n'
is "an i= outside of d= is left out" "$(signed_by x@a.example)" s1@a.example
is "and warned of" "$(head -n 1 err)" "mailmill sign: warning: t/Rows:1: i=@b.example lies outside of d=a.example and is left out"
tables 'k1 %%:s1:mail.pem\n' '* k1\n'
for domain in localhost '[192.0.2.1]' bücher.example; do
    is "$domain cannot be d=, which is no lack of a row" "$(signed_by "x@$domain")$(grep -o '([a-z-]*)$' err)" "(bad-signing-domain)"
    is "and is not copied unsigned as if no row matched" "$(signed_by "x@$domain" --unmatched copy)$(grep -o '([a-z-]*)$' err)$(cat out.eml)" \
        "(bad-signing-domain)"
done
tables 'k1 %%:s1:mail.pem\nk2 a.example:s2:mail.pem\n' 'user@* k1\n* k2\n'
is "where a later row has a d= of its own, that signs" "$(signed_by user@localhost)" s2@a.example
tables 'k1 %%:s1:mail.pem\n' '* k1\n'
is "--identity counts for each author" "$(signed_by x@a.example --identity @b.a.example)" s1@a.example:@b.a.example
is "and rejects where it lies outside of d=" "$(signed_by x@c.example --identity @b.a.example)$(grep -o '([a-z-]*)$' err)" \
    "(identity-outside-domain)"
tables 'a.example a.example:s1:mail.pem\nb.example b.example:s2:mail.pem\n' '* %%\n'
is "a SigningTable may name keys by the author's domain" "$(signed_by x@b.example)" s2@b.example
tables 'k a.example:s1:mail.pem\nk a.example:s2:mail.pem\n' '* k\n'
is "of two keys of a name the first" "$(signed_by x@a.example)" s1@a.example
is "and a warning" "$(head -n 1 err)" 'mailmill sign: warning: t/Keys:2: the name "k" is there already: its first row counts'

tables 'k1 a.example:s1:mail.pem\n' 'a.example k1\n'
is "--unmatched reject is the default" "$(signed_by x@b.example)$(signed_by x@b.example --unmatched reject)" ""
printf 'From: x@b.example\r\n\r\nbody\r\n' >other.eml
check "--unmatched copy copies" "$mailmill" sign --key-table t/Keys --signing-table t/Rows --unmatched copy --stats -o copy.eml other.eml
is "and counts a duplicate" "$(stat_of .tap-output duplicates) $(stat_of .tap-output unmatched_copied) $(stat_of .tap-output signed)" "1 1 0"
check "the message is as it was" cmp copy.eml other.eml

# ---- keys in the table, and where files are ----

pem=$(cat t/mail.pem)
for form in "$(echo "$pem" | tr -d '\n')" "$(echo "$pem" | sed 's/$/\\\\n/' | tr -d '\n')" "$pem" "$(echo "$pem" | grep -v -- ----- | tr -d '\n')" \
    "mail.pem" "$PWD/t/mail.pem" "../t/mail.pem"; do
    tables "k example.com:m1:$form\nother example.com:x:mail.pem\n" '* k\n'
    is "a key as $(echo "$form" | head -n 1 | cut -c 1-36)" "$(signed_by author@example.com) $(peers out.eml)" "m1@example.com pass"
done
seed=$(openssl pkey -in t/ed25519.pem -outform DER | tail -c 32 | base64)
tables "k example.com:e1:$seed\n" '* k\n'
is "a seed of Ed25519" "$(signed_by author@example.com --allow-ed25519-only) $(peers out.eml)" "e1@example.com pass"
faulty "which does not sign alone" 64 --allow-ed25519-only
tables 'e example.com:e1:ed25519.pem\nr example.com:m1:mail.pem\n' '* e\n* r\n'
faulty "nor does one of two that only the first row gives" 64 --allow-ed25519-only
is "together they sign" "$(signed_by author@example.com --multiple)" "e1@example.com m1@example.com"

# ---- what is refused before work ----

tables 'k example.com:m1:mail.pem\n' '\n* k\na.example nobody\n'
faulty "a row that names no key" 78 't/Rows:3: the KeyTable has no row "nobody"'
is "nothing was made" "$(ls -d no* 2>/dev/null)" ""
tables 'k example.com:m1:mail.pem\n' '* k\n'
for type in csl db ldap sql mysql lua; do
    kind=$type: faulty "a SigningTable of type $type:" 78 "$type:t/Rows: tables of type \"$type:\" are not supported; file: and refile: are"
    keykind=$type: faulty "a KeyTable of type $type:" 78 "$type:t/Keys: tables of type \"$type:\" are not supported"
done
unset keykind
kind=file:
is "file: is a plain table" "$(signed_by x@y.example)" m1@example.com
kind=
tables 'k example.com:m1\n' '* k\n'
faulty "a KeyTable row without a file" 78 't/Keys:1: a key is DOMAIN:SELECTOR:FILE'
tables '\nk\n' '* k\n'
faulty "a row without a value" 78 't/Keys:2: a row is a name, white space and a value'
tables 'k example.com:m 1:mail.pem\n' '* k\n'
faulty "a selector that is none" 78 't/Keys:1: the selector is none'
tables 'k com:m1:mail.pem\n' '* k\n'
faulty "a domain that is none" 78 't/Keys:1: the domain is none'
tables 'k example.com:m1:mail.pem\n' '* k:nobody\n'
faulty "an i= that is none" 78 't/Rows:1: "nobody" cannot be i=: @DOMAIN or LOCAL@DOMAIN'
tables 'k example.com:m1:gone.pem\n' '* k\n'
faulty "a key that is not there" 78 't/Keys:1: t/gone.pem: No such file or directory'
tables '' '* k\n'
faulty "a KeyTable without a row" 78 't/Keys: no row in the KeyTable'
tables 'k example.com:m1:mail.pem\n' '# nothing\n'
faulty "a SigningTable without a row" 78 't/Rows: no row in the SigningTable'
openssl pkey -in t/mail.pem -aes128 -passout pass:x -out t/locked.pem 2>/dev/null
chmod 600 t/locked.pem
tables 'k example.com:m1:locked.pem\n' '* k\n'
faulty "an encrypted key" 78 't/Keys:1: t/locked.pem: the private key is encrypted; decrypt it with: openssl pkey'
tables "k example.com:m1:$(tr -d '\n' <t/locked.pem)\n" '* k\n'
faulty "one in the table" 78 't/Keys:1: the key of "k": the private key is encrypted; decrypt it with: openssl pkey'
is "of which nothing is told" "$(grep -c "$(sed -n 2p t/locked.pem | cut -c 1-20)" .says-err)" 0

cp t/mail.pem "t/read by all.pem"
chmod 644 "t/read by all.pem"
tables 'k example.com:m1:read by all.pem\n' '* k\n'
faulty "a key that others can read" 77 "t/Keys:1: t/read by all.pem: everyone can read this private key (mode 0644); type: chmod 600 't/read by all.pem'"
is "unless it is allowed" "$(signed_by author@example.com --allow-insecure-key)" m1@example.com
eval "$(sed -n 's/.*; type: //p' .says-err)"
is "what is to be typed helps" "$(signed_by author@example.com)" m1@example.com
tables "k example.com:m1:$(echo "$pem" | tr -d '\n')\n" '* k\n'
chmod 644 t/Keys
faulty "a table with keys that others can read" 77 't/Keys: everyone can read the private keys in it; type: chmod 600 t/Keys'
chmod 640 t/Keys
is "its group may, with a warning" "$(signed_by author@example.com) $(grep -c 'warning: t/Keys: its group can read the private keys in it; type: chmod 600 t/Keys' err)" \
    "m1@example.com 1"
tables 'k example.com:m1:mail.pem\n' '* k\n'
chmod 644 t/Keys t/Rows
is "tables without keys may be read by all" "$(signed_by author@example.com)$(grep -c warning err)" "m1@example.com0"
plan
