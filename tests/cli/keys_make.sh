# keys_make.sh - keys new and keys record: a key, its record, and what becomes of both.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
name="--domain a.example --selector s1"

# der FILE: p= of a private key, as openssl gives the public half
p_of()
{
    case $(openssl pkey -in "$1" -noout -text | head -n 1) in
    ED25519*) openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | base64 -w 0 ;;
    *) openssl pkey -in "$1" -pubout -outform DER | base64 -w 0 ;;
    esac
}

# ---- a key of each kind: made, published, signed with, verified ----

message a.example 1 >in.eml
for kind in "rsa 2048" "rsa 2056" "rsa 4096" "ed25519 256"; do
    set -- $kind
    type=$1 bits=$2 options="--type $1"
    [ $type = ed25519 ] || options="$options --bits $bits"
    umask 000
    [ $bits = 4096 ] && umask 777
    code=0
    "$mailmill" keys new $name $options -o $type$bits.pem >$type$bits.zone 2>err || code=$?
    umask 022
    chmod 644 $type$bits.zone
    is "$kind: the key is made quietly" "$code|$(cat err)" "0|"
    is "$kind: only its owner can read it, whatever the umask" "$(stat -c %a $type$bits.pem)" 600
    is "$kind: it is PKCS#8" "$(head -n 1 $type$bits.pem)" "-----BEGIN PRIVATE KEY-----"
    is "$kind: openssl reads the type and size" \
        "$(openssl pkey -in $type$bits.pem -noout -text | head -n 1 | tr -dc 'A-Z0-9')" \
        "$([ $type = rsa ] && echo "PK${bits}2" || echo ED25519PK)"
    is "$kind: the record has the public half that openssl gives" \
        "$(tr -d ' "\n' <$type$bits.zone)" "s1._domainkey.a.example.INTXT(v=DKIM1;k=$type;p=$(p_of $type$bits.pem))"
    is "$kind: no string of it is longer than 255" "$(grep -oE '"[^"]*"' $type$bits.zone | awk 'length($0) > 257')" ""
    check "$kind: signing" "$mailmill" sign $name --key $type$bits.pem --allow-ed25519-only -o $type$bits.eml in.eml
    check "$kind: verifying by the record" "$mailmill" verify --keys $type$bits.zone --require pass -o - $type$bits.eml
    "$mailmill" keys record --key $type$bits.pem $name --format json >$type$bits.ndjson
    check "$kind: and by the recorded answer" "$mailmill" verify --keys $type$bits.ndjson --require pass -o - $type$bits.eml
    is "$kind: keys record prints what keys new did" "$("$mailmill" keys record --key $type$bits.pem $name)" "$(cat $type$bits.zone)"
    is "$kind: without a name it is the record alone" "$("$mailmill" keys record --key $type$bits.pem)" \
        "v=DKIM1; k=$type; p=$(p_of $type$bits.pem)"
    openssl pkey -in $type$bits.pem -pubout -out public.pem
    openssl pkey -in $type$bits.pem -pubout -outform DER -out public.der
    chmod 644 public.pem public.der
    for form in pem der; do
        is "$kind: the public key as $form gives the same" "$("$mailmill" keys record --key public.$form)" \
            "$("$mailmill" keys record --key $type$bits.pem)"
    done
done
# One key is not the other.
check "a record refuses what another key signed" sh -c '"$1" verify --keys rsa2048.zone --quiet -o - rsa4096.eml | grep -q "\"result\":\"fail\""' \
    sh "$mailmill"
is "each run makes a key of its own" "$("$mailmill" keys new $name --overwrite -o rsa2048.pem | grep -cFf rsa2048.zone)" 0

# ---- other people's programs ----

/usr/bin/python3 - rsa2048.pem ed25519256.pem in.eml >peer.eml <<'PY'
import sys, dkim
rsa, ed, mail = (open(p, 'rb').read() for p in sys.argv[1:])
sys.stdout.buffer.write(dkim.sign(mail, b's1', b'a.example', rsa) + mail)
PY
"$mailmill" keys record --key rsa2048.pem $name >rsa2048.zone
check "dkimpy signs with the key" "$mailmill" verify --keys rsa2048.zone --require pass -o - peer.eml
"$MAILMILL_BINARY_DIR/tests/peer_opendkim" sign a.example s1 rsa2048.pem in.eml >peer.eml
check "libopendkim signs with the key" "$mailmill" verify --keys rsa2048.zone --require pass -o - peer.eml
"$mailmill" sign $name --key rsa2048.pem --quiet -o ours.eml in.eml
printf 's1._domainkey.a.example\t%s\n' "$("$mailmill" keys record --key rsa2048.pem)" >peer.keys
for peer in "/usr/bin/python3 $MAILMILL_SOURCE_DIR/tests/peers/verify_dkimpy.py" "$MAILMILL_BINARY_DIR/tests/peer_opendkim" \
    "perl $MAILMILL_SOURCE_DIR/tests/peers/verify_maildkim.pl"; do
    is "${peer##*/} takes the record" "$(echo ours.eml | $peer peer.keys | grep -owE 'pass|fail|permerror|none')" pass
done
tags=$("$mailmill" keys record --key rsa2048.pem --testing --no-subdomains --email-only)
is "tags that were asked for" "${tags%%p=*}" "v=DKIM1; k=rsa; s=email; t=y:s; "
printf 's1._domainkey.a.example\t%s\n' "$tags" >peer.keys
is "libopendkim reads them" "$(echo ours.eml | "$MAILMILL_BINARY_DIR/tests/peer_opendkim" peer.keys | grep -owE 'pass|fail|permerror')" pass

# ---- nothing is replaced, nothing is left half done ----

sum=$(cksum <rsa2048.pem)
says "an existing key stays" 73 "rsa2048.pem exists; --overwrite replaces it" "$mailmill" keys new $name -o rsa2048.pem
is "as it is" "$(cksum <rsa2048.pem)" "$sum"
is "and no record is printed" "$(cat .says-out)" ""
ln -s nowhere link.pem
says "so does a link to nothing" 73 "link.pem exists" "$mailmill" keys new $name -o link.pem
check "--overwrite replaces the link itself" "$mailmill" keys new $name --overwrite --type ed25519 -o link.pem
is "where it stood" "$(stat -c %F link.pem; ls nowhere 2>&1 | grep -c 'No such')" "regular file
1"
says "a folder that is not there" 73 "cannot make no/s1.pem: No such file or directory" "$mailmill" keys new $name -o no/s1.pem
mkdir folder.pem
says "a folder in the way" 73 "folder.pem" "$mailmill" keys new $name --overwrite -o folder.pem
is "only whole keys are there" "$(ls -A | grep -E 'part|^s1' | tr '\n' ' ')" ""

is "where the disk is full there is no key and no record, and it is said" \
    "$( (ulimit -f 0; "$mailmill" keys new $name -o full.pem; echo "$?") 2>&1 | cat; ls full* 2>/dev/null)" \
    "mailmill keys new: cannot write full.pem: File too large
74"
says "a record that cannot be written" 74 "standard output: No space left on device" \
    sh -c "\"$mailmill\" keys new $name -o s1.pem >/dev/full"
is "does not cost the key" "$(openssl pkey -in s1.pem -noout -text | head -n 1 | cut -c 1-11)" "Private-Key"
{ "$mailmill" keys record --key s1.pem 2>err; echo $? >code; } | :
is "a reader that leaves is none of our business" "$(cat code)|$(cat err)" "0|"

# ---- what cannot be read ----

vectors=$MAILMILL_SOURCE_DIR/tests/vectors/keys
cp "$vectors"/* .
chmod 600 ./*.pem ./*.der ./*.b64
for form in rsa2048_pkcs1.pem rsa2048_pkcs1.der rsa2048_pkcs8.pem rsa2048_pkcs8.der rsa2048_public.der rsa2048_public.pem \
    rsa2048_public_pkcs1.der; do
    is "$form is the one key" "$("$mailmill" keys record --key $form)" "$("$mailmill" keys record --key rsa2048_pkcs1.pem)"
done
is "a seed of Ed25519" "$("$mailmill" keys record --key ed25519_seed.b64)" "$("$mailmill" keys record --key ed25519_pkcs8.pem)"
while read -r code file words; do
    says "$file is refused" "$code" "mailmill keys record: $file: $words" "$mailmill" keys record --key "$file"
done <<'END'
78 certificate.pem is a certificate, not a private key for RSA or Ed25519
78 ec_pkcs8.pem is an EC key, not a private key for RSA or Ed25519
78 rsa2048_encrypted_pkcs8.pem the private key is encrypted; decrypt it with: openssl pkey
78 gone.pem No such file or directory
END

# What others may read is told from a private key that they must not.
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxHCb8oNpuYVPaYaO0iO0t9YI1sNUJQnFMUnTqC0hqk me@host' >openssh.pub
echo 'root:x:0:0:root:/root:/bin/bash' >users
openssl x509 -in certificate.pem -outform DER -out certificate.der
openssl ec -in ec_pkcs8.pem -out ec_sec1.pem 2>/dev/null
head -n 5 rsa2048_pkcs8.pem >cut.pem
while read -r code file words; do
    chmod 644 $file
    says "$file that everyone can read" "$code" "mailmill keys record: $file: $words" "$mailmill" keys record --key "$file"
    [ "$code" = 77 ] && continue
    says "$file to sign with" "$code" "$file: $words" "$mailmill" sign $name --key "$file" -o no in.eml
    chmod 600 $file
    says "$file that its owner alone can read" "$code" "$file: $words" "$mailmill" keys record --key "$file"
done <<'END'
78 certificate.pem is a certificate, not a private key for RSA or Ed25519
78 certificate.der is a certificate or a request for one, not a private key
78 openssh.pub is a public key in OpenSSH's own form, not a private key
78 users no private key in PEM, DER or base64, or one cut short
77 rsa2048_encrypted_pkcs8.pem everyone can read this private key (mode 0644)
77 ec_sec1.pem everyone can read this private key
77 cut.pem everyone can read this private key
77 rsa2048_pkcs8.der everyone can read this private key
77 ed25519_seed.b64 everyone can read this private key
END
chmod 644 rsa2048_public.der
says "a public key to sign with" 78 "rsa2048_public.der: is a public key, not a private key" "$mailmill" sign $name --key rsa2048_public.der -o no in.eml
chmod 644 rsa2048_pkcs8.pem rsa2048_public.pem
says "a private key that others can read" 77 "everyone can read this private key (mode 0644); type: chmod 600 rsa2048_pkcs8.pem" \
    "$mailmill" keys record --key rsa2048_pkcs8.pem
check "unless it is allowed" "$mailmill" keys record --key rsa2048_pkcs8.pem --allow-insecure-key
check "a public one may be read by all" "$mailmill" keys record --key rsa2048_public.pem
cat rsa2048_public.pem rsa2048_pkcs8.pem >both.pem
chmod 644 both.pem
says "also behind a public one" 77 "everyone can read this private key" "$mailmill" keys record --key both.pem
plan
