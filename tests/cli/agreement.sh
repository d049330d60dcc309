# agreement.sh - why other verifiers are not of mailmill's opinion is known for each signature of the corpus.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
peers=$MAILMILL_SOURCE_DIR/tests/peers
cd "$tap_dir" || exit 1
export PYTHONDONTWRITEBYTECODE=1

# A reason names its peer, three patterns and the words.
is "every class of disagreements has five parts" \
    "$(grep -v '^#' "$peers/disagreements.tsv" | awk -F '\t' 'NF != 5 || $1 !~ /^(\*|dkimpy|maildkim|opendkim)$/ || $5 == ""')" ""
if [ -r "$MAILMILL_CORPUS/dkim/expected.tsv" ]; then
    agreement() { "$peers/agreement" "$MAILMILL_CORPUS" "$MAILMILL_BINARY_DIR" "$@"; }
    check "every disagreement on the corpus has a reason, and every reason a disagreement" agreement
    grep -A6 '^agreement on' .tap-output | tap_say
    { grep -v 'h= of 1,000 names' "$peers/disagreements.tsv"; printf 'dkimpy\tpass\tfail\tno-such-file\tnever\n'; } >planted.tsv
    agreement planted.tsv >said
    is "a disagreement without a reason is an error" $? 1
    is "it is named" "$(grep -c '^no reason for .*h-1000-names' said)" 1
    is "so is a reason that no row has" "$(grep -c '^a reason that no row has: .*never$' said)" 1
fi
plan
