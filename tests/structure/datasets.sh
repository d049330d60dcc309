# datasets.sh - datasets/ is what its maker writes, whole and unchanged.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

here=$MAILMILL_SOURCE_DIR/datasets
made=$tap_dir/made
check "the maker runs" "$here/make" "$made"
for part in mail mbox keys reports MANIFEST; do
    check "$part is as the maker writes it" diff -r "$here/$part" "$made/$part"
done
(cd "$here" && sha256sum -c --quiet MANIFEST) >"$tap_dir/sums" 2>&1
ok "every file has the hash of the MANIFEST" $?
is "the MANIFEST names every file" "$(sed -n 's/^[0-9a-f]\{64\}  //p' "$here/MANIFEST")" \
    "$(cd "$here" && find keys mail mbox reports -type f | LC_ALL=C sort)"
is "200 messages in files" "$(find "$here/mail" -name '*.eml' | wc -l)" 200
is "24 messages in the mbox" "$(grep -c '^From ' "$here/mbox/mill-talk.mbox")" 24
is "list mail has LF line ends" "$(grep -rlP '\r$' "$here/mail/list" "$here/mbox" | wc -l)" 0
is "other mail has CRLF line ends" "$(grep -rLP '\r$' "$here/mail/campaign" "$here/mail/transactional" | wc -l)" 0

echo changed >>"$made/mail/list/0001.eml"
refuse "a changed message is caught" 1 diff -r "$here/mail" "$made/mail"
is "a changed message fails its hash" "$(cd "$made" && sha256sum -c --quiet MANIFEST 2>/dev/null | cut -d : -f 1)" \
    mail/list/0001.eml
plan
