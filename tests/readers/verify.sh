# verify.sh - four readers of Parquet, and the queries of docs/queries/verify, over datasets of verdicts.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/readers.sh" || exit 1

mailmill=$MAILMILL_PROGRAM
now=1700000000
if [ -d "${MAILMILL_CORPUS:-/nonexistent}/dkim" ]; then
    here=$MAILMILL_CORPUS/dkim
    zone=$MAILMILL_CORPUS/dkim/keys.zone
    whose="the corpus"
else
    cp -r "$MAILMILL_SOURCE_DIR/datasets/keys" "$tap_dir/keys"
    chmod 600 "$tap_dir"/keys/*.pem
    here=$tap_dir/signed
    zone=$tap_dir/keys/zone
    whose="our own mail"
    for expire in "" "--expire 1h"; do
        "$mailmill" sign --key-table "$tap_dir/keys/KeyTable" --signing-table "refile:$tap_dir/keys/SigningTable" --multiple $expire \
            --now $now --quiet -o "$here/${expire:+expired}" "$MAILMILL_SOURCE_DIR/datasets/mail" || ok "our own mail is signed" 1
    done
    find "$here" -name '*1.eml' -exec sed -i 's/^Subject:/Subject: [list]/' {} +
    find "$here" -name '*2.eml' -exec sh -c 'for f; do echo footer >>"$f"; done' sh {} +
    find "$here" -name '*3.eml' -exec sed -i '1s/; d=/; l=1; d=/' {} +
fi
verify="$mailmill verify --keys $zone --now $((now + 7200)) --policy legacy --quiet"
mkfifo "$tap_dir/fifo"
for out in parquet "ndjson --format ndjson" rows.ndjson; do
    $verify -o "$tap_dir"/$out "$here" "$tap_dir/fifo" 2>/dev/null
    [ $? -le 1 ] || ok "verdicts become $out" 1
done
run_with_readers verify.mjs "$tap_dir/parquet" "$tap_dir/ndjson" "$tap_dir/rows.ndjson" "$MAILMILL_SOURCE_DIR/docs/queries/verify" "$whose"
