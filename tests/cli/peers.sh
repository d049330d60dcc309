# peers.sh - other people's verifiers accept what mailmill signs, message by message.
# SPDX-License-Identifier: Apache-2.0
#
# Every message of datasets/, and every unsigned one of the corpus where that is at hand, is signed
# with RSA-2048 and Ed25519 in all four canonicalization pairs. python3-dkim, Mail::DKIM and
# libopendkim must accept each signature of an algorithm they know, but for what
# tests/peers/known_limits.tsv lists. That has a judge too: tests/peers/verify_reference.py must
# accept everything.
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
peers=$MAILMILL_SOURCE_DIR/tests/peers
python=/usr/bin/python3
cd "$tap_dir" || exit 1
umask 077
export PYTHONDONTWRITEBYTECODE=1

mkdir mail
cp -R "$MAILMILL_SOURCE_DIR/datasets/mail" mail/datasets
if [ -r "$MAILMILL_CORPUS/dkim/bodyhash.tsv" ]; then
    check "the corpus holds what its table says" "$python" "$peers/lay_out_corpus.py" "$MAILMILL_CORPUS" mail
fi
# Copies, so that only their owner can read them, as sign wants it.
cat "$MAILMILL_SOURCE_DIR/datasets/keys/campaign.pem" >rsa.pem
cat "$MAILMILL_SOURCE_DIR/datasets/keys/ed25519.pem" >ed25519.pem
inputs=$(find mail -type f | wc -l)

# The peers' table of keys. An RSA record holds the SubjectPublicKeyInfo (RFC 6376 section 3.6.1), an
# Ed25519 one the 32 bytes of the key, which are the last of its DER (RFC 8463 section 4.2).
public_der()
{
    openssl pkey -in "$1" -pubout -outform DER
}
{
    printf 'rsa._domainkey.peers.example\tv=DKIM1; k=rsa; p=%s\n' "$(public_der rsa.pem | base64 -w 0)"
    printf 'ed._domainkey.peers.example\tv=DKIM1; k=ed25519; p=%s\n' \
        "$(public_der ed25519.pem | tail -c 32 | base64 -w 0)"
} >keys

# Files below a folder, mailmill's own ones left out.
files_in()
{
    (cd "$1" && find . -name .mailmill -prune -o -type f -print | sed 's,^\./,,' | LC_ALL=C sort)
}

# counter NAME: one number of the JSON line that --stats printed
counter()
{
    grep -o "\"$1\":[0-9]*" stats | tail -n 1 | cut -d : -f 2
}

# sign_all CANON: signs mail/ into signed/CANON/ and compares the counts with what is there
sign_all()
{
    local canon=$1 out=signed/$1 code=0 signed rejected
    mkdir -p "${out%/*}"
    "$MAILMILL_PROGRAM" sign --domain peers.example --selector rsa --key rsa.pem \
        --domain peers.example --selector ed --key ed25519.pem --canon "$canon" --now 1700000000 \
        --durability none --quiet --stats --rejects "rejects.${canon/\//.}" -o "$out/" mail 2>stats || code=$?
    touch "rejects.${canon/\//.}"
    signed=$(counter signed)
    rejected=$(counter rejected)
    is "$canon: the exit code tells whether something was rejected" "$code" "$((rejected > 0))"
    is "$canon: every input was signed or rejected" "$(counter inputs) $((signed + rejected))" "$inputs $inputs"
    is "$canon: there are as many files as signed" "$(files_in "$out" | wc -l)" "$signed"
    is "$canon: there are as many rows as rejected" "$(wc -l <"rejects.${canon/\//.}")" "$rejected"
    check "$canon: exactly the faulty messages are rejected, each for its fault" \
        "$python" "$peers/judge.py" rejects mail "rejects.${canon/\//.}"
}
for canon in simple/simple simple/relaxed relaxed/simple relaxed/relaxed; do
    sign_all "$canon"
done

# ask FOLDER LIST SUFFIX: what each peer says about the listed files goes to PEER.SUFFIX
ask_one()
{
    local folder=$1 list=$2 suffix=$3 peer=$4
    shift 4
    (cd "$folder" && exec "$@" ../keys) <"$list" >"$peer.$suffix" 2>"$peer.errors" ||
        echo "ended with $?" >>"$peer.errors"
}
ask()
{
    ask_one "$@" reference "$python" "$peers/verify_reference.py" &
    ask_one "$@" dkimpy "$python" "$peers/verify_dkimpy.py" &
    ask_one "$@" maildkim perl "$peers/verify_maildkim.pl" &
    ask_one "$@" opendkim "$MAILMILL_BINARY_DIR/tests/peer_opendkim" &
    wait
}

files_in signed >list
ask signed list verdicts
for peer in reference dkimpy maildkim opendkim; do
    is "$peer says nothing on stderr" "$(cat "$peer.errors")" ""
done
check "the reference accepts every signature" \
    "$python" "$peers/judge.py" verdicts reference signed list reference.verdicts
for peer in dkimpy maildkim opendkim; do
    check "$peer accepts every signature but for its known limits" \
        "$python" "$peers/judge.py" verdicts "$peer" signed list "$peer.verdicts" "$peers/known_limits.tsv"
done

# That they look: of one message with a word more in its body, and with another subject, none passes.
for canon in simple/simple relaxed/relaxed; do
    mkdir -p "forged/$canon"
    sed '$s/$/ more/' "signed/$canon/datasets/campaign/0001.eml" >"forged/$canon/body"
    sed '0,/^Subject: /s//Subject: Re: /' "signed/$canon/datasets/campaign/0001.eml" >"forged/$canon/subject"
done
files_in forged >forged.list
ask forged forged.list forged
for peer in reference dkimpy maildkim opendkim; do
    "$python" "$peers/judge.py" verdicts "$peer" forged forged.list "$peer.forged" >faults
    [ "$peer" = maildkim ] && want=4 || want=8 # four files; only RSA, or both signatures
    is "$peer refuses each forged signature" "$(wc -l <faults)" "$want"
done
plan
