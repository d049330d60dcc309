# exit_codes.sh - every exit code has its causes, and what was refused before work left nothing behind.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now"
verify="$mailmill verify --keys $keys/zone --now $now"
mkdir in
for i in 1 2 3; do message example.com $i >in/$i.eml; done
message example.com 9 >one.eml
printf 'no field\r\n' >bad.eml

# ---- 0 and 1 ----

check "all signed is 0" $sign -o good in
says "nothing to sign is 0" 0 "0 inputs: 0 signed, 0 rejected" bash -c 'mkdir none && "$@"' - $sign -o nothing none
says "a reject is 1" 1 "mailmill sign: 2 inputs: 1 signed, 1 rejected; " $sign -o some one.eml bad.eml
is "the reject is named with place, words and slug" "$(head -n 1 .says-err)" \
    "mailmill sign: bad.eml:0: no header field at all: is this a message? (no-header)"
is "the last line tells where it is listed" "$(tail -n 1 .says-err | sed 's/.*; //')" "rejects in some/.mailmill/rejects.ndjson"
is "in one line of JSON" "$(cat some/.mailmill/rejects.ndjson)" \
    '{"message":"bad.eml","rejected":"no-header","detail":"no header field at all: is this a message?","offset":0}'
is "no such list without rejects" "$(ls -A good | grep -v "^.mailmill$"; ls good/.mailmill)" "1.eml
2.eml
3.eml
journal"
says "--quiet names rejects, too, and has no closing line" 1 "bad.eml:0: " $sign --quiet -o quiet bad.eml
is "in one line" "$(wc -l <.says-err)" 1

# ---- 66: what is to be read is not there ----

says "one of several sources that is not there" 66 "nowhere: No such file or directory" $sign -o no in nowhere
says "a list that is not there" 66 "cannot open the list nowhere: No such file" $sign -o no --files-from nowhere
says "a list that is the list of sources" 64 "--rejects 'sources' is the file of --files-from" \
    sh -c "echo one.eml >sources; $sign -o no --overwrite --rejects sources --files-from sources"
says "the same for verify" 66 "nowhere: No such file" $verify one.eml nowhere
is "nothing was written" "$(cat .says-out; ls -d no 2>/dev/null)" ""

# ---- 73: the output is there, or cannot be ----

for out in tree one.mbox one.eml.d/one.eml; do
    mkdir -p one.eml.d
    check "-o $out" $sign -o $out one.eml
    find $out -type f ! -path '*/.mailmill/*' -exec sha256sum {} + >before
    says "-o $out once more" 73 "--overwrite" $sign -o $out one.eml
    is "which changes nothing" "$(find $out -type f ! -path '*/.mailmill/*' -exec sha256sum {} +)" "$(cat before)"
    check "-o $out with --overwrite" $sign --overwrite --headers from -o $out one.eml
    ok "which replaces it" $(cmp -s before <(find $out -type f ! -path '*/.mailmill/*' -exec sha256sum {} +) && echo 1 || echo 0)
done
is "beside it stays a journal" "$(find tree one.mbox* one.eml.d -type f | LC_ALL=C sort)" "one.eml.d/one.eml
one.eml.d/one.eml.mailmill/journal
one.mbox
one.mbox.mailmill/journal
tree/.mailmill/journal
tree/one.eml"
check "-o rows.ndjson" $verify -o rows.ndjson in
says "-o rows.ndjson once more" 73 "rows.ndjson exists; --overwrite replaces it" $verify -o rows.ndjson in
check "with --overwrite" $verify --overwrite -o rows.ndjson one.eml
is "which replaces it" "$(wc -l <rows.ndjson)" 1
says "a folder that is a file" 73 "one.mbox" $sign -o one.mbox/sub one.eml
says "a place that is not there" 73 "cannot make nowhere/out.mbox.part: No such file" $sign -o nowhere/out.mbox one.eml
says "also for a folder" 73 "cannot make nowhere/out: No such file" $sign -o nowhere/out one.eml
says "and for rows" 73 "nowhere/rows.ndjson" $verify -o nowhere/rows.ndjson one.eml

# ---- what is no regular file is replaced by nothing ----

mkfifo pipe pipe.ndjson pipe.mbox pipe.eml
ln -s pipe link
mkdir folder.ndjson
mknod device c 1 3 2>/dev/null || ln -s pipe device # only root makes one
ln -s /proc/self/fd/1 stdout
for name in pipe link device stdout; do
    for command in "keys zone --keys $keys/zone -o $name one.eml" "keys new --redact -o $name" \
        "keys new --domain example.com --selector s -o $name"; do
        says "$name: ${command%% -o*}" 73 "$name is no regular file" $mailmill $command --overwrite
    done
done
for name in pipe.ndjson pipe.mbox pipe.eml; do
    command=$sign
    [ $name = pipe.ndjson ] && command=$verify
    says "$name, also without --overwrite" 73 "$name is no regular file" $command -o $name one.eml
    says "$name, with it" 73 "$name is no regular file" $command --overwrite -o $name one.eml
done
says "a folder where rows are to be" 73 "folder.ndjson is a folder: name a file" $verify --overwrite -o folder.ndjson one.eml
is "each is what it was" "$(stat -c %F pipe pipe.* link stdout folder.ndjson | uniq -c | tr -s ' '; ls -d ./*.part 2>/dev/null)" " 4 fifo
 2 symbolic link
 1 directory"
ok "and so is the device" $([ -f device ]; echo $((! $?)))

# ---- the list of rejects ----

echo mine >list
says "--rejects that is there" 73 "list exists; --overwrite replaces it" $sign -o no --rejects list bad.eml
says "with --overwrite, too, where it is no list" 73 "list exists and is no list of rejects" $sign -o no --overwrite --rejects list bad.eml
is "it stays" "$(cat list)" mine
: >list
says "an empty one is replaced" 1 "rejects in list" $sign -o rejected.mbox --overwrite --rejects list bad.eml one.eml
is "by what was rejected" "$(grep -c '"rejected":"no-header"' list) $(wc -l <list)" "1 1"
says "and so is the list of another run" 1 "rejects in list" $sign -o rejected.mbox --overwrite --rejects list bad.eml one.eml
is "as a whole" "$(wc -l <list)" 1
says "without rejects there is one, too" 0 "1 signed, 0 rejected" $sign -o rejected.mbox --overwrite --rejects list one.eml
is "which is empty, whatever it held, and is not named" "$(stat -c %s list) $(grep -c 'rejects in' .says-err)" "0 0"
says "it can be a device" 1 "rejects in /dev/null" $sign -o rejected.eml --rejects /dev/null bad.eml
is "of a message that is rejected nothing is made" "$(ls -d rejected.eml rejected.eml.part 2>/dev/null)" ""
says "a list that is a source" 64 "--rejects in/1.eml: that is a source" $sign -o no --overwrite --rejects in/1.eml in/1.eml
says "a list in a source" 64 "--rejects in/list lies inside the source in" $sign -o no --rejects in/list in
says "a list that is the output" 64 "--rejects no.mbox: that is the output" $sign -o no.mbox --rejects no.mbox in
says "the same for verify" 64 "--rejects in/list lies inside the source in" $verify --rejects in/list in
cp "$keys/mail.pem" one.key
chmod 600 one.key
cp one.key one.kept
for option in "-o one.key" "-o no.mbox --rejects one.key" "--in-place --rejects ./one.key"; do
    says "the key that signs: $option" 64 "is the file of --key" \
        "$mailmill" sign --domain example.com --selector a --key one.key --overwrite $option one.eml
done
printf 'a example.com:a:one.key\n' >one.table
printf '* a\n' >one.rows
for table in one.table one.rows; do
    says "$table that is the list of rejects" 64 "is the file of --" \
        "$mailmill" sign --key-table one.table --signing-table refile:one.rows --rejects $table --overwrite -o no.mbox one.eml
done
says "a key that a table names" 73 "one.key exists and is no list of rejects" \
    "$mailmill" sign --key-table one.table --signing-table one.rows --rejects one.key --overwrite -o no.mbox one.eml
cp "$keys/zone" one.zone
says "keys that verify" 64 "'one.zone' is the file of --keys" "$mailmill" verify --keys one.zone --rejects one.zone --overwrite one.eml
cp one.zone one.ndjson
says "and rows over them" 64 "is the file of --keys" "$mailmill" verify --keys one.ndjson -o one.ndjson --overwrite one.eml
is "keys and tables are whole" "$(cmp one.key one.kept && cmp "$keys/zone" one.zone && cmp one.zone one.ndjson && wc -l <one.table)" 1
says "a list on standard output" 64 "--rejects wants a file" $sign -o no --rejects - in
says "an output that is the source" 64 "the output ./in/1.eml is the source in/1.eml itself" $sign --overwrite -o ./in/1.eml in/1.eml
says "a folder that is" 64 "the output in/. is the source in itself" $sign --overwrite -o in/. in
is "no message was touched" "$(for i in 1 2 3; do message example.com $i | cmp - in/$i.eml && echo same; done | uniq -c | tr -s ' ')" " 3 same"

# ---- 74: someone must look after it ----

for command in "$sign -o - one.eml" "$sign -o - bad.eml one.eml" "$sign --dry-run one.eml" "$verify one.eml" "$mailmill version"; do
    says "74: ${command#"$mailmill "}, into a full device" 74 "No space left on device" sh -c "$command >/dev/full"
    says "74: the same into a stdout that is closed" 74 "Bad file descriptor" sh -c "$command >&-"
done
mkdir large
{ cat one.eml; head -c 300000 /dev/zero | tr '\0' x; } >large/large.eml
(ulimit -f 100 && says "a file that may not grow" 74 "cannot write large.mbox.part: File too large" $sign -o large.mbox large
    says "one of a folder" 74 "large.eml: File too large" $sign -o large.out large
    says "one in place" 74 "large.eml: File too large" $sign --in-place large
    exit $tap_failed)
tap_failed=$((tap_failed + $?))
tap_count=$((tap_count + 3))
is "nothing has its name, and no temporary name stays" "$(ls -A large.mbox 2>/dev/null; find large large.out -name '*.eml' -newer one.eml ! -path 'large/large.eml' -o -name '*.tmp')" ""
is "the message in place is as it was" "$(head -n 1 large/large.eml | tr -d '\r')" "From: Author <author@example.com>"

# ---- 77 and 78: keys ----

for mode in 600 400 640 604 644 666; do
    cp "$keys/mail.pem" "key $mode"
    chmod $mode "key $mode"
    set -- "$mailmill" sign --domain example.com --selector m1 --key "key $mode" --now $now -o "with$mode.eml" one.eml
    case $mode in
    *00) says "a key file of mode $mode" 0 "mailmill sign: 1 input: 1 signed" "$@" ;;
    *40) says "a key file of mode $mode is warned of" 0 "warning: key 640: its group can read this private key; type: chmod 600 'key 640'" "$@" ;;
    *)
        says "a key file of mode $mode is refused" 77 \
            "key $mode: everyone can read this private key (mode 0$mode); type: chmod 600 'key $mode'" "$@"
        is "before work" "$(ls -d "with$mode.eml"* 2>/dev/null)" ""
        check "unless it is allowed" "$@" --allow-insecure-key
        ;;
    esac
done
"$mailmill" sign --domain example.com --selector m1 --key "key 640" --now $now --quiet -o quiet640.eml one.eml 2>err
is "--quiet has no warnings" "$(cat err)" ""

mkdir k
pem=$keys/mail.pem
openssl rsa -in "$pem" -traditional -out k/pkcs1.pem 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in "$pem" -out k/pkcs8.pem
openssl rsa -in "$pem" -traditional -outform DER -out k/pkcs1.der 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in "$pem" -outform DER -out k/pkcs8.der
sed 's/$/\r/' "$pem" >k/crlf.pem
{ echo 'Bag Attributes'; cat "$pem"; } >k/with-words.pem
openssl pkey -in "$keys/ed25519.pem" -outform DER -out k/ed25519.der
tail -c 32 k/ed25519.der | base64 >k/ed25519.seed
chmod 600 k/*
sign_with() { "$mailmill" sign --domain example.com --selector x --key "$1" --now $now --quiet --allow-ed25519-only -o "$2" one.eml; }
sign_with "$pem" by-rsa.eml
sign_with "$keys/ed25519.pem" by-ed25519.eml
for key in k/*; do
    case $key in k/ed*) same=by-ed25519.eml ;; *) same=by-rsa.eml ;; esac
    sign_with $key "${key#k/}.eml"
    check "a key as ${key#k/}" cmp $same "${key#k/}.eml"
done

mkdir f
openssl pkey -in "$pem" -aes256 -passout pass:x -out f/encrypted-pkcs8.pem
openssl rsa -in "$pem" -aes128 -traditional -passout pass:x -out f/encrypted-pkcs1.pem 2>/dev/null
openssl pkcs8 -topk8 -in "$pem" -passout pass:x -outform DER -out f/encrypted.der
openssl pkey -in "$pem" -pubout -out f/public.pem
openssl ecparam -name prime256v1 -genkey -noout -out f/ec.pem
openssl genrsa -out f/short.pem 512 2>/dev/null
head -n 5 "$pem" >f/cut.pem
sed 5d "$pem" >f/damaged.pem
: >f/empty.pem
mkfifo f/fifo.pem
mkdir f/folder.pem
chmod 600 f/*.*
while read -r file words; do
    says "a key that cannot sign: $file" 78 "mailmill sign: f/$file$words" \
        "$mailmill" sign --domain example.com --selector x --key "f/$file" -o no one.eml
done <<'END'
encrypted-pkcs8.pem : the private key is encrypted; decrypt it with: openssl pkey -in FILE -out NEW-FILE
encrypted-pkcs1.pem : the private key is encrypted; decrypt it with: openssl pkey
encrypted.der : the private key is encrypted; decrypt it with: openssl pkey
public.pem : is a public key, not a private key for RSA or Ed25519
ec.pem : is an EC key, not a private key for RSA or Ed25519
short.pem : an RSA key of 512 bits must not sign: 1024 is the least, 2048 the advice (RFC 8301 section 3.2)
cut.pem : a PEM block has no end
damaged.pem :
empty.pem : is empty
fifo.pem : a key is read from a regular file only
folder.pem : a key is read from a regular file only
missing.pem : No such file or directory
END
says "public keys that cannot be read" 78 "missing.zone: No such file or directory" "$mailmill" verify --keys missing.zone one.eml
is "none of them began to work" "$(ls -d no no.* 2>/dev/null)" ""

# ---- rights; everything may be read by root ----

chmod 755 "$tap_dir"
mkdir -p rights/in/closed rights/closed
cp one.eml rights/in/
cp one.eml rights/in/closed/
cp one.eml rights/in/unreadable.eml
cp "$pem" rights/key.pem
chmod 0 rights/in/closed rights/in/unreadable.eml rights/closed
as=
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 rights
    as="setpriv --reuid 65534 --regid 65534 --clear-groups"
fi
rsign="$as $mailmill sign --domain example.com --selector m1 --key key.pem --now $now"
if cd rights && $as "$mailmill" version >/dev/null 2>&1; then
    says "what may not be read is rejected, and the run goes on" 1 "3 inputs: 1 signed, 2 rejected" $rsign -o out in
    is "by name" "$(sed 's/,"detail.*//' out/.mailmill/rejects.ndjson)" '{"message":"in/closed","rejected":"folder-denied"
{"message":"in/unreadable.eml","rejected":"permission-denied"'
    says "the same for verify" 1 "1 verified (none 1), 2 rejected" $as "$mailmill" verify --keys none in
    says "a source behind a closed folder" 77 "in/closed/one.eml: Permission denied" $as "$mailmill" verify --keys none in/closed/one.eml
    says "an output in a closed folder" 73 "cannot make closed/out: Permission denied" $rsign -o closed/out in/one.eml
    says "an mbox in a closed folder" 73 "cannot make closed/out.mbox.part: Permission denied" $rsign -o closed/out.mbox in/one.eml
    chmod 0 key.pem
    says "a key that may not be read" 77 "key.pem: Permission denied" $rsign -o no in/one.eml
    echo 'k example.com:m1:key.pem' >keys.table
    echo '* k' >rows.table
    chmod 644 keys.table rows.table
    says "one of a table" 77 "keys.table:1: ./key.pem: Permission denied" \
        $as "$mailmill" sign --key-table ./keys.table --signing-table rows.table -o no in/one.eml
    says "one whose record is asked for" 77 "key.pem: Permission denied" $as "$mailmill" keys record --key key.pem
    says "one that is to be checked" 77 "key.pem: Permission denied" \
        $as "$mailmill" keys check --domain example.com --selector m1 --key key.pem --keys rows.table
    echo in/one.eml >list
    $as "$mailmill" keys new --redact -o redact.key
    mkdir reports
    cp "$MAILMILL_SOURCE_DIR"/datasets/reports/tls/* reports/
    chmod 755 reports
    chmod 644 reports/*
    $as "$mailmill" reports --quiet --append -o set reports 2>/dev/null
    chmod 0 list redact.key
    says "a list of files" 77 "cannot open the list list: Permission denied" $as "$mailmill" verify --keys none --files-from list
    says "a key for redaction" 77 "redact.key: Permission denied" $as "$mailmill" reports --redact redact.key -o no in
    table=$(ls -d set/*/part-* | head -n 1)
    for at in set/_mailmill.json "$table" "${table%/*}" set; do
        before=$(stat -c %a "$at")
        chmod 0 "$at"
        says "a dataset without the right to $at" 77 "Permission denied" $as "$mailmill" summary set
        [ "$at" = "$table" ] || says "or to add to it" 77 "Permission denied" $as "$mailmill" reports --append -o set reports
        chmod "$before" "$at"
    done
else
    skip "rights" "the program is where another user cannot run it"
fi
cd "$tap_dir" || exit 1
chmod -R u+rwX rights

# ---- a file that is written to while it is read ----

for io in threads auto; do
    { cat one.eml; head -c 30000000 /dev/zero | tr '\0' x; } >growing
    (while :; do printf 'more and more\r\n'; done >>growing) &
    writer=$!
    for try in 1 2 3 4 5; do
        code=0
        "$mailmill" verify --keys none --io $io growing one.eml >rows 2>err || code=$?
        [ $code = 0 ] || break
    done
    kill $writer
    wait $writer 2>/dev/null
    is "a file that grows is rejected with --io $io" "$code $(sed -n '1s/,"detail.*//p' rows)" \
        '1 {"message":"growing","rejected":"changed-while-read"'
    is "and the run goes on" "$(grep -c '"message":"one.eml",.*"result":"none"' rows)" 1
    rm growing
done

# ---- which code counts where several apply ----

says "an I/O error outranks a reject" 74 "No space left" sh -c "$sign -o - bad.eml one.eml >/dev/full"
says "a slip outranks a key" 64 "--threads '0'" "$mailmill" sign --domain example.com --selector s --key missing --threads 0 -o no in
says "a key outranks a source" 78 "missing: No such file" "$mailmill" sign --domain example.com --selector s --key missing -o no nowhere
says "a source outranks an output" 66 "nowhere: No such file" $sign -o tree nowhere
plan
