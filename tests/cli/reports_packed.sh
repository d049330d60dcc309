# reports_packed.sh - packed files of a folder: one report each, or a container with many.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
python3 - want <<'PY' || exit 1
import gzip, io, os, random, sys, tarfile

chance, want, made = random.Random(7), [], 0
os.makedirs("in/deep")


def report(padding=0):
    global made
    made += 1
    noise = "".join(chance.choice("0123456789abcdef") for _ in range(padding))
    return ("""<?xml version="1.0"?><!--%s--><feedback><report_metadata><org_name>o.example</org_name>
<email>a@o.example</email><report_id>r%d</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range>
</report_metadata><policy_published><domain>d.example</domain><p>none</p></policy_published><record><row>
<source_ip>192.0.2.1</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>pass</spf></policy_evaluated></row><identifiers><header_from>d.example</header_from></identifiers></record>
</feedback>""" % (noise, made, made)).encode()


def tar(documents):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as box:
        for i, document in enumerate(documents):
            entry = tarfile.TarInfo("m%d.xml" % i)
            entry.size = len(document)
            box.addfile(entry, io.BytesIO(document))
    return out.getvalue()


def put(name, packed, members=None):
    open("in/" + name, "wb").write(packed)
    want.extend("in/%s %s" % (name, member) for member in (members if members is not None else ["-"]))


def mail(document):
    return b"From a@o.example Tue Nov 14 22:13:20 2023\nSubject: r\nContent-Type: text/xml\n\n" + document + b"\n\n"


pack = lambda data: gzip.compress(data, mtime=0)
in_members = lambda data, step: b"".join(pack(data[i:i + step]) for i in range(0, len(data), step))
put("00.tar.gz", pack(tar([report(), report()])), ["m0.xml", "m1.xml"])
put("01.xml.gz", pack(report()))
put("02.xml.gz", pack(report()))
box = [mail(report()), mail(report())]
put("03.gz", pack(b"".join(box)), ["0", str(len(box[0]))])
put("04.gz", pack(b""), [])
put("05-large.tar.gz", pack(tar([report(200000), report()])), ["m0.xml", "m1.xml"])
put("06-cut.tar.gz", pack(tar([report(), report(), report(60000)]))[:-20000], ["m0.xml", "m1.xml"])
put("07-members.tar.gz", in_members(tar([report()]), 100), ["m0.xml"])
put("08-members.xml.gz", in_members(report(), 1))
put("09-behind.gz", pack(b"\n" + tar([report()])), [])
put("10-sum.xml.gz", pack(report())[:-8] + bytes(8))
for i in range(300):
    put("deep/%03d.gz" % i, pack(tar([report()]) if i % 7 == 3 else report()), ["m0.xml"] if i % 7 == 3 else None)
open(sys.argv[1], "w").write("".join(line + "\n" for line in sorted(want)))
PY

# places DATASET: where each aggregate report was read
places()
{
    python3 - "$1" <<'PY'
import json, sys
for line in sorted("%(source_path)s %(member)s" % {k: "-" if v is None else v for k, v in json.loads(line).items()}
                   for line in open(sys.argv[1] + "/dmarc_reports.ndjson", encoding="utf-8")):
    print(line)
PY
}
reports() { "$mailmill" reports --stats "$@"; }

reports --threads 1 --format ndjson -o out in 2>err
is "what cannot be read ends it with 1" $? 1
is "each report is told with its place, and a member's with its own" "$(places out | diff want - | head)" ""
is "each message of a container is an input" "$(stat_of err inputs) $(stat_of err extracted) $(stat_of err rejected)" \
    "$(($(wc -l <want) + 3)) $(wc -l <want) 3"
is "what cannot be read is told in the order of the files" \
    "$(sed -E 's/.*"message":"([^"!]*)(![0-9]*)?".*"rejected":"([^"]*)".*/\1\2 \3/; s/![0-9]+/!N/' out/.mailmill/rejects.ndjson)" \
    "in/04.gz empty-document
in/06-cut.tar.gz!N damaged-archive
in/09-behind.gz unknown-kind"
reports --threads 2 --format ndjson -o two in 2>/dev/null
is "two workers say the same" "$(diff -r -x journal out two | head)" ""
find in -type f | LC_ALL=C sort >list
reports --threads 1 --format ndjson -o listed --files-from list 2>/dev/null
is "and so do names that are listed" "$(diff -r -x journal out listed | head)" ""
reports --threads 1 --format ndjson -o single $(cat list) 2>/dev/null
is "and operands" "$(places single | diff want - | head)" ""

reports --append -o kept in 2>/dev/null
reports --append -o kept in 2>err
is "all of it but the damage is known when it comes again" "$(stat_of err duplicates) $(stat_of err rejected)" "$(($(wc -l <want) + 2)) 1"
reports --append -o known --source-format message in/00.tar.gz 2>/dev/null
reports --append -o known in 2>err
is "a container stays one where all of it is known as one input" "$(stat_of err inputs) $(stat_of err duplicates)" "$(($(wc -l <want) + 3)) 2"
for name in 00.tar.gz 03.gz 07-members.tar.gz; do
    reports -o "as-one.$name" --source-format message "in/$name" 2>err
    is "and $name is one input for who says so" "$(stat_of err inputs) $(stat_of err extracted)" "1 1"
done

# ---- a large report: as it is, and however it is packed ----

mkdir large
python3 - <<'PY'
import base64, gzip, os, zipfile
line = "%08d" + os.urandom(100).hex() + "\n"
report = """<feedback><!--%s--><report_metadata><org_name>o.example</org_name><email>a@o.example</email><report_id>large</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published>
<domain>d.example</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count>
<policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers>
<header_from>d.example</header_from></identifiers></record></feedback>""" % "".join(line % i for i in range(400000))
open("large/1.xml", "w").write(report)
open("large/2.gz", "wb").write(gzip.compress(report.encode(), 1))
with zipfile.ZipFile("large/3.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.xml", report)
open("large/4.eml", "w").write("From: a@o.example\nSubject: r\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n" +
                               base64.encodebytes(open("large/3.zip", "rb").read()).decode())
open("large/5.gz", "wb").write(gzip.compress(report.encode() * 4, 1))
PY
zstd -q -o large/6.zst large/1.xml
reports --format ndjson -o large-out large 2>err
is "80 MiB are one report, over 256 MiB none" "$? $(stat_of err inputs) $(stat_of err rejected)" "1 6 1"
is "each of the others was read" "$(cat large-out/dmarc_reports.ndjson large-out/duplicates.ndjson | grep -o '"source_path":"[^"]*"' | sort | xargs)" \
    "$(for name in 1.xml 2.gz 3.zip 4.eml 6.zst; do echo "source_path:large/$name"; done | xargs)"
is "the limit is named" "$(grep -c 'large/5.gz.*more than 256 MiB would come out of it' large-out/rejects.ndjson)" 1
rm -r large large-out

# ---- a stream, or a zip, that gives no message ----

# refused DATASET: who was rejected, and where
refused() { sed -E 's/.*"source_path":("[^"]*"),"member":([^,]*),.*"reason":"([^"]*)".*/\1 \2 \3/' "$1/rejects.ndjson"; }
{ printf 'Subject: x\n\n' && head -c 40000000 /dev/zero | tr '\0' x; } >long.eml
reports --memory 32M --threads 1 --format ndjson -o too-long - <long.eml 2>err
is "one message that is too large for the run is one reject" "$? $(stat_of err inputs) $(refused too-long)" '1 1 "-" null message-too-large'
reports --memory 32M --threads 1 --format ndjson -o too-long-file long.eml 2>err
is "as the file is" "$? $(stat_of err inputs) $(refused too-long-file)" '1 1 "long.eml" null message-too-large'
mkdir empty
python3 -c 'import sys, zipfile
zipfile.ZipFile("empty/nothing.zip", "w").close()
with zipfile.ZipFile("empty/folder.zip", "w") as z: z.writestr("in/", "")'
reports --threads 1 --format ndjson -o no-file in/01.xml.gz empty/nothing.zip empty/folder.zip 2>err
is "a zip without a file is a reject" "$? $(stat_of err inputs) $(stat_of err extracted) $(stat_of err rejected)" "1 3 1 2"
is "under its own name" "$(refused no-file | sort | xargs)" "empty/folder.zip null empty-archive empty/nothing.zip null empty-archive"
cat empty/nothing.zip | reports --format ndjson -o no-file-piped - 2>/dev/null
is "also on standard input" "$? $(refused no-file-piped)" '1 "-" null empty-archive'
reports --format ndjson -o no-file-found empty 2>err
is "also in a folder" "$? $(stat_of err inputs) $(refused no-file-found | sort | xargs)" \
    "1 2 empty/folder.zip null empty-archive empty/nothing.zip null empty-archive"
mkdir tars tars/in
ln -s in tars/link
tar -cf tars/folder.tar -C tars in link
tar -cf tars/written.tar in/01.xml.gz
reports --threads 1 --format ndjson -o no-file-tar tars/folder.tar tars/written.tar 2>err
is "nor has a tar one" "$? $(stat_of err inputs) $(stat_of err links_skipped) $(refused no-file-tar)" '1 2 1 "tars/folder.tar" null empty-archive'
gzip tars/folder.tar
reports --format ndjson -o no-file-tars tars 2>err
is "also in a folder, packed" "$? $(stat_of err inputs) $(refused no-file-tars)" '1 2 "tars/folder.tar.gz" null empty-archive'
gunzip tars/folder.tar.gz
reports --format ndjson -o no-file-tars-open tars 2>err
is "or not" "$? $(stat_of err inputs) $(refused no-file-tars-open)" '1 2 "tars/folder.tar" null empty-archive'
gzip -k empty/nothing.zip
reports --format ndjson -o no-file-packed empty/nothing.zip.gz 2>/dev/null
is "also packed once more" "$? $(refused no-file-packed)" '1 "empty/nothing.zip.gz" null empty-archive'

# ---- a zip that is cut in its second member ----

mkdir cut
python3 - <<'PY'
import base64, io, zipfile
report = """<feedback><report_metadata><org_name>o.example</org_name><email>a@o.example</email><report_id>%s</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published>
<domain>d.example</domain><p>none</p></policy_published>%s</feedback>"""
record = """<record><row><source_ip>192.0.2.%d</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>d.example</header_from></identifiers>
</record>"""
for name, packing in (("deflated", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)):
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", packing) as z:
        z.writestr("whole.xml", report % ("whole." + name, record % 1))
        begin = box.tell()
        z.writestr("cut.xml", report % ("cut." + name, "".join(record % (i % 256) for i in range(500))))
        end = box.tell()
    cut = box.getvalue()[:(begin + end) // 2]
    open("cut/%s.zip" % name, "wb").write(cut)
    open("cut/%s.eml" % name, "w").write("From: a@o.example\nSubject: r\nContent-Type: application/zip\n"
                                         "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(cut).decode())
open("cut.header.zip", "wb").write(cut[:begin + 37])
PY
# salvaged DATASET: place of each report, whether it was salvaged, and whether it has a good part of its records
salvaged()
{
    python3 - "$1" <<'PY'
import json, sys
read = lambda table: [json.loads(line) for line in open("%s/%s.ndjson" % (sys.argv[1], table), encoding="utf-8")]
records = [row["report_key"] for row in read("dmarc_records")]
for row in sorted(read("dmarc_reports"), key=lambda row: row["report_id"]):
    print(row["source_path"], row["member"], "salvaged" in row["flags"], 100 < records.count(row["report_key"]) < 500)
PY
}
for packing in deflated stored; do
    reports --format ndjson -o $packing.zip cut/$packing.zip 2>err
    is "$packing: what is cut does not end well" "$? $(stat_of err inputs) $(stat_of err extracted)" "1 3 2"
    is "$packing: both members of the zip are there" "$(salvaged $packing.zip)" "cut/$packing.zip cut.xml True True
cut/$packing.zip whole.xml False False"
    is "$packing: its last record, and that others may be missing, is told" "$(grep -o '"reason":"[a-z-]*"' $packing.zip/rejects.ndjson)" '"reason":"record-not-whole"
"reason":"truncated-archive"'
    cat cut/$packing.zip | reports --format ndjson -o $packing.pipe - 2>/dev/null
    is "$packing: the same through a pipe" "$(salvaged $packing.pipe)" "$(salvaged $packing.zip | sed 's,^[^ ]*,-,')"
    reports --format ndjson -o $packing.mail cut/$packing.eml 2>err
    is "$packing: nor does it by mail" "$? $(stat_of err inputs) $(stat_of err extracted)" "1 1 1"
    is "$packing: where the same comes out" "$(salvaged $packing.mail)" "cut/$packing.eml cut.xml True True
cut/$packing.eml whole.xml False False"
    is "$packing: and the same is told" "$(grep -o '"reason":"[a-z-]*"' $packing.mail/rejects.ndjson)" '"reason":"record-not-whole"
"reason":"zip-cut-short"'
done
reports --format ndjson -o folder cut 2>/dev/null
is "a folder gives them all, once" "$(grep -c . folder/dmarc_reports.ndjson) $(grep -c . folder/duplicates.ndjson)" "4 4"
printf 'cut/deflated.zip!cut.xml\n' | reports --format ndjson -o by-name --files-from - 2>/dev/null
is "the member is read by its name" "$? $(salvaged by-name)" "0 cut/deflated.zip cut.xml True True"
reports --format ndjson -o nothing cut.header.zip 2>/dev/null
is "one of which there is nothing is named" "$(grep -o '"member":"[a-z.]*"' nothing/rejects.ndjson)" '"member":"cut.xml"'

# ---- what is no report beside reports ----

mkdir beside beside/folder
python3 - <<'PY'
import base64, io, os, tarfile, zipfile
report = """<feedback><report_metadata><org_name>o.example</org_name><email>a@o.example</email><report_id>%s</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published>
<domain>d.example</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row>
<identifiers><header_from>d.example</header_from></identifiers></record></feedback>"""
double = "\0\5\x16\7\0\2\0\0Mac OS X        "
reports = [("a.xml", report % "a"), ("in/b.xml", report % "b")]
litter = [("._a.xml", double), ("in/._b.xml", double), ("__MACOSX/in/x", double), ("in/.DS_Store", "\0\0\0\1Bud1")]
others = [("README.txt", "Reports of November.\n"), ("logo.png", "\x89PNG\r\n\x1a\n\0\0\0"), ("in/table.csv", "ip,count\n192.0.2.1,1\n")]
def zipped(members):
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as out:
        for name, text in members:
            out.writestr(name, text.encode("latin-1"))
    return box.getvalue()
def tarred(members):
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w") as out:
        for name, text in members:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            out.addfile(info, io.BytesIO(text.encode("latin-1")))
    return box.getvalue()
for form, pack in ("zip", zipped), ("tar", tarred):
    for what, members in ("mac", reports + litter), ("all", reports + litter + others), ("litter", litter):
        archive = pack(members)
        open("beside/%s.%s" % (what, form), "wb").write(archive)
        open("beside/%s.%s.eml" % (what, form), "w").write(
            "From: a@o.example\nSubject: r\nContent-Type: application/%s\nContent-Transfer-Encoding: base64\n\n" % form
            + base64.encodebytes(archive).decode())
for name, text in reports + others:
    os.makedirs(os.path.dirname("beside/folder/" + name), exist_ok=True)
    open("beside/folder/" + name, "wb").write(text.encode("latin-1"))
PY
# beside SOURCE: exit code, inputs, extracted, rejected, and what is refused
beside()
{
    rm -rf beside.out
    reports --format ndjson -o beside.out "$1" 2>err
    echo $? "$(stat_of err inputs) $(stat_of err extracted) $(stat_of err rejected)" \
        $(python3 -c 'import json, sys
for line in sorted("%s:%s" % (row["member"] or row["source_path"].replace("beside/folder/", ""), row["reason"]) for row in map(json.loads, sys.stdin)):
    print(line)' <beside.out/rejects.ndjson)
}
told="README.txt:unknown-kind in/table.csv:unknown-kind logo.png:unknown-kind"
for form in zip tar; do
    is "$form: what macOS adds is no input" "$(beside beside/mac.$form)" "0 2 2 0"
    is "$form: alone it is nothing" "$(beside beside/litter.$form)" "1 1 0 1 beside/litter.$form:empty-archive"
    is "$form: nor is it anything by mail" "$(beside beside/mac.$form.eml)" "0 1 1 0"
    is "$form: other files are inputs, and told" "$(beside beside/all.$form)" "1 5 2 3 $told"
    is "$form: by mail the mail is the input" "$(beside beside/all.$form.eml)" "0 1 1 0"
done
is "as they are in a folder" "$(beside beside/folder)" "1 5 2 3 $told"
is "who looks for no reports reads all of a tar" "$("$mailmill" verify --keys none beside/mac.tar 2>/dev/null | wc -l)" 6
plan
