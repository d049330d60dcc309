# tree.sh - rules about the source tree, each shown to catch a defect planted in a copy.
# SPDX-License-Identifier: Apache-2.0
#
# A rule is a function that prints one line for each offence in the tree it stands in.
#
#   holds "includes point left" layers         the rule finds nothing in the source tree
#   fresh_tree                                 $tree is a new copy of it, to plant a defect in
#   catches "an include to the right" layers src/base/x.h
#                                              the rule prints a line with that text in $tree

. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
tree=$tap_dir/tree

# holds NAME RULE
holds()
{
    is "$1" "$(cd "$MAILMILL_SOURCE_DIR" && "$2" 2>&1)" ""
}

fresh_tree()
{
    rm -rf "$tree"
    mkdir "$tree"
    (cd "$MAILMILL_SOURCE_DIR" && tar -cf - --exclude=./build --exclude=./.git --exclude=./datasets .) |
        tar -xf - -C "$tree"
}

# catches DEFECT RULE TEXT
catches()
{
    local said
    said=$(cd "$tree" && "$2" 2>&1)
    case $said in
    *"$3"*) ok "$1 is caught" 0 ;;
    *)
        ok "$1 is caught" 1
        printf 'the rule %s said nothing of %s in:\n%s\n' "$2" "$3" "$said" | tap_say
        ;;
    esac
}

# Our own text files of the tree that hold code or words about it: no build output, no messages.
text_files()
{
    find . \( -name build -o -name .git -o -name seeds -o -name vectors -o -path ./datasets/mail \
        -o -path ./datasets/keys -o -path ./docs/pictures \) -prune -o -type f -print | sed 's,^\./,,' | LC_ALL=C sort
}
