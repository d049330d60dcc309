# layers.sh - includes point left: base, text, io, mail, crypto, dns, dkim, … pipeline, cli.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

order="base text io mail crypto dns dkim auth report columnar dataset summary pipeline bench cli"

# "FILE: what is wrong" for each #include of src/ and include/ that must not be.
layers()
{
    grep -rnE '^[[:space:]]*#[[:space:]]*include' src include --include='*.[ch]' --include='*.def' |
        awk -v order="$order" '
            BEGIN {
                count = split(order, names, " ")
                for (i = 1; i <= count; i++)
                    rank[names[i]] = i
            }
            {
                match($0, /:[0-9]+:/)
                file = substr($0, 1, RSTART - 1)
                target = substr($0, RSTART + RLENGTH)
                system_header = target ~ /</
                gsub(/^[^<"]*[<"]|[>"].*/, "", target)
                split(file, at, "/")
                split(target, to, "/")
                here = at[1] == "include" ? "mailmill" : at[2]
            }
            system_header { if (to[1] in rank) print file ": <" target "> is ours, wants quotes"; next }
            here != "mailmill" && !(here in rank) { print file ": folder " here " is no layer"; next }
            here == "mailmill" && to[1] != "mailmill" { print file ": public header includes " target }
            here == "cli" && target ~ /\// && to[1] != "mailmill" && to[1] != "cli" {
                print file ": the program includes " target
            }
            here == "mailmill" || here == "cli" || to[1] == "mailmill" { next }
            !(to[1] in rank) { print file ": " target " is in no layer"; next }
            rank[to[1]] > rank[here] { print file ": " here " includes " target " to its right" }
        '
}

holds "includes point left, and the program uses the public headers only" layers

fresh_tree
echo '#include "dkim/reason.h"' >>"$tree/src/base/arena.c"
catches "an include to the right" layers "src/base/arena.c: base includes dkim/reason.h"

fresh_tree
echo '#include "auth/authres_field.h"' >>"$tree/src/dkim/reason.c"
catches "a verdict that includes what is said of it" layers "src/dkim/reason.c: dkim includes auth/authres_field.h"

fresh_tree
mkdir -p "$tree/src/cli"
printf '#include "mailmill/run.h"\n#include "options.h"\n#  include "base/view.h"\n' >"$tree/src/cli/planted.c"
catches "a program that reaches past the public headers" layers "src/cli/planted.c: the program includes base/view.h"

fresh_tree
echo '#include "base/view.h"' >>"$tree/include/mailmill/keys.h"
catches "a public header that includes a private one" layers "include/mailmill/keys.h: public header includes"

fresh_tree
mkdir "$tree/src/util"
echo '#include "base/view.h"' >"$tree/src/util/planted.c"
catches "a folder that is no layer" layers "src/util/planted.c: folder util is no layer"

fresh_tree
echo '#include "strings.h"' >>"$tree/src/base/arena.c"
catches "a quoted include of no layer" layers "src/base/arena.c: strings.h is in no layer"
plan
