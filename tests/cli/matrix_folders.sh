#!/usr/bin/env bash
# matrix_folders.sh - folders of messages, signed into every output: whole, and passing.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/matrix.sh" || exit 1
cd "$tap_dir" || exit 1
matrix_spool
matrix write tree spool in.tree
matrix write maildir spool in.maildir
matrix write mh spool in.mh
signs_into tree "$sinks in-place" in.tree
signs_into maildir "$sinks in-place" in.maildir
signs_into mh "$sinks in-place" in.mh
dkimpy_agrees
plan
