# install.sh - what `cmake --install` leaves behind is enough to build and run a program with.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

prefix=$tap_dir/prefix
cc=${MAILMILL_CC:-cc}
sanitize=()
[ -z "$MAILMILL_SANITIZE" ] || sanitize=("-fsanitize=$MAILMILL_SANITIZE")
check "it installs" cmake --install "$MAILMILL_BINARY_DIR" --prefix "$prefix"
pc=$(find "$prefix" -name mailmill.pc)
lib=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=$lib

is "pkg-config knows the version" "$(pkg-config --modversion mailmill)" \
    "$("$prefix/bin/mailmill" version | awk '/^mailmill/ { print $2; exit }')"
for file in libmailmill.a libmailmill.so mailmill.pc; do
    is "$file is there" "$(find "$prefix" -name "$file" | wc -l)" 1
done
check "the manual page is there and mandoc finds no fault" mandoc -T lint -W error "$prefix/share/man/man1/mailmill.1"
check "bash finds the completion where it looks" bash --norc -c \
    '. "$0" && complete -p mailmill' "$prefix/share/bash-completion/completions/mailmill"
is "every public header is there" "$(cd "$prefix/include/mailmill" && ls)" "$(cd "$MAILMILL_SOURCE_DIR/include/mailmill" && ls)"

# A user's whole program: the keys, one message, its verdict. Both languages take it as it is.
cat >"$tap_dir/verify.c" <<'END'
#include <mailmill/mailmill.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    static char text[1 << 20];
    struct mm_key_source *keys = mm_key_source_new();
    struct mm_verify_options options = {MM_POLICY_STRICT, 1710000000, 0, MM_TIME_FROM_NOW};
    struct mm_verifier *verifier = NULL;
    struct mm_dkim_verdict verdict;
    struct mm_error err;
    struct mm_view message = {text, fread(text, 1, sizeof(text), stdin)};
    if (argc != 2 || mm_key_source_add(keys, argv[1], &err) != MM_OK ||
        mm_verifier_new(keys, &options, &verifier, &err) != MM_OK ||
        mm_verify(verifier, message, &verdict, &err) != MM_OK)
        return fprintf(stderr, "%s\n", err.text), 2;
    printf("%s %u\n", mm_dkim_result_word(verdict.result), (unsigned)verdict.count);
    mm_verifier_free(&verifier);
    mm_key_source_free(&keys);
    return 0;
}
END
cp "$tap_dir/verify.c" "$tap_dir/verify.cc"

install -d -m 700 "$tap_dir/keys"
install -m 600 "$MAILMILL_SOURCE_DIR"/datasets/keys/* "$tap_dir/keys"
message=$MAILMILL_SOURCE_DIR/datasets/mail/campaign/0001.eml
check "the installed program signs" "$prefix/bin/mailmill" sign --quiet --now 1710000000 \
    --domain news.example.com --selector c1 --key "$tap_dir/keys/campaign.pem" \
    --domain news.example.com --selector e1 --key "$tap_dir/keys/ed25519.pem" \
    -o "$tap_dir/signed.eml" "$message"
sed 's/^Subject: /&not /' "$tap_dir/signed.eml" >"$tap_dir/forged.eml"

# build NAME COMMAND...: compile and link $tap_dir/NAME.
build()
{
    local name=$1
    shift
    check "a program builds: $name" "$@" ${sanitize[@]+"${sanitize[@]}"} -o "$tap_dir/$name"
}
read -ra cflags < <(pkg-config --cflags mailmill)
read -ra libs < <(pkg-config --libs mailmill)
read -ra static_libs < <(pkg-config --static --libs mailmill | sed "s,-lmailmill,$lib/libmailmill.a,")
build c-shared "$cc" -std=c11 -Wall -Wextra -Werror "${cflags[@]}" "$tap_dir/verify.c" "${libs[@]}"
build c-static "$cc" -std=c11 -Wall -Wextra -Werror "${cflags[@]}" "$tap_dir/verify.c" "${static_libs[@]}"
cxx=g++
case $("$cc" --version) in *clang*) cxx=clang++ ;; esac
build cc-shared "$cxx" -std=c++11 -Wall -Wextra -Werror "${cflags[@]}" "$tap_dir/verify.cc" "${libs[@]}"

for name in c-shared c-static cc-shared; do
    is "$name says pass of a signed message" \
        "$("$tap_dir/$name" "$tap_dir/keys/zone" <"$tap_dir/signed.eml" 2>&1)" "pass 2"
    is "$name says fail of a forged one" \
        "$("$tap_dir/$name" "$tap_dir/keys/zone" <"$tap_dir/forged.eml" 2>&1)" "fail 2"
    is "$name says none of an unsigned one" \
        "$("$tap_dir/$name" "$tap_dir/keys/zone" <"$message" 2>&1)" "none 0"
done
is "the shared program uses the shared library" "$(ldd "$tap_dir/c-shared" | grep -c "libmailmill.so.*$lib")" 1
is "the static program does not" "$(ldd "$tap_dir/c-static" | grep -c libmailmill)" 0

# Folders that do not lie below the prefix.
check "it is configured for absolute folders" cmake -S "$MAILMILL_SOURCE_DIR" -B "$tap_dir/absolute" \
    -DCMAKE_INSTALL_LIBDIR=/opt/mill/lib -DCMAKE_INSTALL_INCLUDEDIR=/opt/mill/include
pc=$tap_dir/absolute/mailmill.pc
is "pkg-config tells them as they are" \
    "$(pkg-config --variable=libdir "$pc") $(pkg-config --variable=includedir "$pc")" "/opt/mill/lib /opt/mill/include"
plan
