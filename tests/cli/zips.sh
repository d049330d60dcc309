#!/usr/bin/env bash
# zips.sh - messages in zips by Info-ZIP, bsdtar and Python, and zips that lie.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/rows.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

long=$(printf 'n%.0s' $(seq 1 180))
mkdir -p plain/sub "plain/$long"
for n in 1 2 3 4 5 6; do message example.com $n >plain/$n.eml; done
message example.com 7 >plain/sub/7.eml
message example.com 8 >"plain/$long/$long.eml"
seq 1 60000 | sed 's/$/\r/' >>plain/3.eml
$sign -o signed plain
rm -rf signed/.mailmill
find signed -name '*.eml' | LC_ALL=C sort >names

# members ROWS: the names inside
members() { sed -n 's/^{"message":"[^!"]*!\([^"]*\)".*/\1/p' "$1"; }

# ---- other writers ----

zip -q -r deflated.zip signed
zip -q -0 -r stored.zip signed
zip -q -r - signed | cat >descriptors.zip # what cannot seek writes lengths behind the data
zip -q -r -fz zip64.zip signed
zip -q -r -fz - signed | cat >zip64-pipe.zip
zip -q -y -X names.zip -@ <names
if command -v bsdtar >/dev/null; then
    bsdtar --format zip -cf bsdtar.zip signed
    bsdtar --format zip --options zip:compression=store -cf bsdtar-stored.zip signed
fi
"$python" - <<'END'
import io, zipfile
class Pipe(io.RawIOBase):
    def __init__(self, path): self.file = open(path, "wb")
    def writable(self): return True
    def write(self, b): return self.file.write(b)
    def flush(self): self.file.closed or self.file.flush()
for path, stream, packing in (("python.zip", None, zipfile.ZIP_DEFLATED), ("python-pipe.zip", Pipe, zipfile.ZIP_DEFLATED),
                              ("python-stored.zip", Pipe, zipfile.ZIP_STORED)):
    with zipfile.ZipFile(stream(path) if stream else path, "w", packing) as z:
        for n in open("names").read().split("\n")[:-1]:
            with z.open(zipfile.ZipInfo.from_file(n, n), "w", force_zip64=n.endswith("2.eml")) as f:
                f.write(open(n, "rb").read())
END
for zip in *.zip; do
    verified "$zip" "0 8 pass" $zip
    is "$zip: every member under its name" "$(members rows.ndjson | LC_ALL=C sort)" "$(cat names)"
done
is "in the order of the zip" "$($verify names.zip | cut -d '"' -f 4)" "$(sed 's/^/names.zip!/' names)"
verified "told by content" "0 8 pass" - <deflated.zip
verified "through a pipe" "0 8 pass" - < <(cat zip64.zip)
cp deflated.zip data.eml
verified "whatever the name" "0 8 pass" data.eml
verified "--source-format zip" "0 8 pass" --source-format zip data.eml
verified "and nothing else" "1 1 truncated-archive" --source-format zip signed/1.eml
gzip -k deflated.zip && zstd -q deflated.zip
verified "packed once more" "0 16 pass" deflated.zip.gz deflated.zip.zst
mkdir -p spool/deep && cp deflated.zip spool/deep/x && cp stored.zip signed/1.eml spool
verified "in a folder" "0 17 pass" spool
verified "in a folder, by format" "1 16 pass 1 truncated-archive" --source-format zip spool
is "sign takes a file of a folder as one message" "$($sign --rejects r.ndjson -o asone spool 2>/dev/null; rows r.ndjson)" "1 already-signed 2 nul-in-header"

# ---- what else there is to do with one ----

$sign -o from-tree plain
(cd plain && zip -q -r ../plain.zip .)
check "a zip is signed" $sign -o from-zip plain.zip
is "as a tree is" "$(diff -r -x .mailmill from-tree from-zip 2>&1)" ""
check "two, into a mbox" $sign --signed-already sign -o two.mbox deflated.zip stored.zip
is "have all messages" "$(grep -c '^From ' two.mbox)" 16
refuse "a zip is not signed in place" 64 $sign --in-place plain.zip
check "one message comes out" $mailmill verify --quiet --extract 'deflated.zip!signed/sub/7.eml' -o seven.eml
check "as it went in" cmp seven.eml signed/sub/7.eml
says "and none that is not there" 66 "no member is named signed/77.eml" $mailmill verify --extract 'deflated.zip!signed/77.eml' -o -
says "of several, one has to be named" 64 "name one as names.zip!$(sed -n 1p names) or names.zip!$(sed -n 2p names), ..." \
    $mailmill verify --extract names.zip -o -
is "its verdict is explained" "$($mailmill verify --keys "$keys/zone" --now $now --quiet --explain 'stored.zip!signed/2.eml' --json | grep -c '"body_hash":"ok"')" 1
verified "members are listed one by one" "0 2 pass" --files-from - < <(printf 'deflated.zip!signed/2.eml\nstored.zip!signed/sub/7.eml\n')

many=1500
[ -z "$MAILMILL_SANITIZE" ] || many=700
make_spool many $many && (cd many && zip -q -r ../many.zip .)
for out in tree:$((many * 6 / 10)) some.mbox:$((5 + many / 500)) some.tar:$((5 + many / 500)); do
    at=${out#*:} out=${out%:*}
    rm -rf "$out"* whole
    $sign -o $out many.zip
    mv $out whole
    [ ! -d whole ] || rm -rf whole/.mailmill
    rm -rf "$out"*
    ($sign --threads 1 --fault write:KILL@$at -o $out many.zip >/dev/null 2>&1) 2>/dev/null
    is "$out: killed" "$?" 137
    $sign --stats --resume -o $out many.zip 2>said
    is "$out: gone on with, and not from the start" "$? $(($(stat_of said resumed) > 0))" "0 1"
    is "$out: to the same bytes" "$(diff -r -x .mailmill whole $out 2>&1)" ""
done

# ---- what leads elsewhere, and what is no message ----

mkdir odd
cp signed/1.eml odd/1.eml
ln -s 1.eml odd/soft.eml
mkdir odd/__MACOSX && cp signed/2.eml odd/._1.eml && cp signed/2.eml odd/__MACOSX/1.eml && echo x >odd/.DS_Store
(cd odd && zip -q -y -r ../odd.zip .)
verified "folders, and what macOS adds, are no inputs" "0 1 pass" odd.zip
is "links are counted" "$(stat_of said links_skipped)" 1
"$python" - <<'END'
import zipfile
with zipfile.ZipFile("evil.zip", "w") as z:
    for name in ("../../escaped.eml", "/tmp/../absolute.eml", "a/../../up.eml", "fine.eml", "x" * 5000):
        z.writestr(name, open("plain/1.eml", "rb").read())
END
mkdir deep
refuse "names that lead out of OUT are rejected" 1 $sign -o deep/out evil.zip
is "one by one" "$(find deep -name '*.eml' | sed 's,.*/,,') $(ls escaped.eml up.eml deep/*.eml 2>/dev/null)" "fine.eml "
verified "rows have them all, but no path that is too long" "1 4 none 1 path-too-long" evil.zip

# ---- damage, locks and lies ----

zip -q -P secret locked.zip signed/1.eml && zip -q locked.zip signed/2.eml
verified "a member that wants a password" "1 1 encrypted-member 1 pass" locked.zip
zip -q -Z bzip2 bzip2.zip signed/3.eml && zip -q -Z deflate bzip2.zip signed/1.eml
verified "a member that is packed otherwise" "1 1 pass 1 unknown-compression" bzip2.zip
"$python" - <<'END'
import zipfile
names = open("names").read().split("\n")[:-1]
data = bytearray(open("names.zip", "rb").read())
at = zipfile.ZipFile("names.zip").getinfo(names[1])
data[at.header_offset + 30 + len(names[1]) + 40] ^= 1
open("flipped.zip", "wb").write(data)
END
verified "a member with another byte" "1 1 damaged-member 7 pass" flipped.zip
is "is named" "$(grep damaged-member rows.ndjson | sed 's/^{"message":"\([^"]*\)".*/\1/')" "flipped.zip!$(sed -n 2p names)"
for cut in names.zip descriptors.zip; do
    head -c $(($(stat -c %s $cut) * 3 / 4)) $cut >cut.zip
    rm -f rows.ndjson
    $verify -o rows.ndjson cut.zip 2>/dev/null
    is "$cut cut short: what is whole, and one reject" "$? $(rows rows.ndjson | sed 's/^[1-7] pass/some pass/')" "1 some pass 1 truncated-archive"
    cp rows.ndjson once.ndjson
    cat cut.zip | $verify --overwrite -o rows.ndjson - 2>/dev/null
    is "$cut: the same through a pipe" "$(sed 's/cut.zip/-/g' once.ndjson)" "$(cat rows.ndjson)"
done
head -c 1000 deflated.zip.gz >cut.zip.gz
rm -f rows.ndjson
$verify -o rows.ndjson cut.zip.gz 2>/dev/null
is "packed once more and damaged" "$(rows rows.ndjson | sed 's/[0-9]* pass/some pass/')" "1 damaged-archive some pass"

# The bomb of many members that share one body, the one of a single long member, and one of 65,535 members.
"$python" - <<'END'
import io, struct, zipfile
def member(z, name, data, packing=zipfile.ZIP_DEFLATED):
    i = zipfile.ZipInfo(name)
    i.compress_type = packing
    z.writestr(i, data)
mail = open("signed/1.eml", "rb").read()
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as z:
    member(z, "one.eml", mail)
    member(z, "body.eml", mail + b"\0" * 1000000)
data = out.getvalue()
at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
record, end = data[at:data.index(b"PK\5\6")], data[data.index(b"PK\5\6"):]
directory = data[data.index(b"PK\1\2"):at] + record * 20000
count = struct.pack("<HH", 20001, 20001)
open("shared.zip", "wb").write(data[:data.index(b"PK\1\2")] + directory + end[:8] + count +
                               struct.pack("<I", len(directory)) + end[16:])
with zipfile.ZipFile("long.zip", "w") as z:
    member(z, "one.eml", mail)
    with z.open("long.eml", "w", force_zip64=True) as f:
        f.write(mail)
    i = zipfile.ZipInfo("zeros.eml")
    i.compress_type = zipfile.ZIP_DEFLATED
    with z.open(i, "w") as f:
        for _ in range(300):
            f.write(b"\0" * (1 << 20))
    member(z, "two.eml", mail)
with zipfile.ZipFile("many.zip", "w") as z:
    for k in range(65535):
        z.writestr("%05d.eml" % k, b"Subject: x\n\n")
END
verified "members that share their bytes are refused" "1 20000 overlapping-member 1 pass" shared.zip
verified "a member over the limit" "1 1 message-too-large 3 pass" --memory 64M long.zip
verified "65,535 members" "0 65535 none" --memory 16M many.zip
[ -n "$MAILMILL_SANITIZE" ] || ok "in bounded memory: $(stat_of said peak_bytes) bytes" $(($(stat_of said peak_bytes) > 64 * 1048576))
"$python" -c 'import zipfile; zipfile.ZipFile("empty.zip", "w").close()'
rm -f rows.ndjson
$verify --stats -o rows.ndjson empty.zip 2>said
is "a zip of nothing has no inputs" "$? $(stat_of said inputs) $(wc -l <rows.ndjson)" "0 0 0"

# What cannot go to a temporary file.
says "without a place for it, a pipe's zip is refused" 74 "cannot make a temporary file in /nowhere" \
    env TMPDIR=/nowhere sh -c "cat deflated.zip | $mailmill verify --keys $keys/zone -"
says "and where the place is too small" 74 "TMPDIR names another folder" \
    sh -c "ulimit -f 4; trap '' XFSZ; cat deflated.zip | $mailmill verify --keys $keys/zone -"
plan
