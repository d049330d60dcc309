# reports_hostile.sh - bombs, floods and nests among reports: each is named, none costs much, the others come out.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
mkdir in
python3 - "$MAILMILL_SOURCE_DIR" <<'PY'
import gzip, io, struct, sys, zipfile, zlib
sys.path.insert(0, sys.argv[1] + "/datasets")
sys.dont_write_bytecode = True
import make_reports
good = make_reports.aggregate("receiver.example", "news.example.com", 0, 3)

def write(name, data):
    with open("in/" + name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())

write("good.xml", good)
laughs = '<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY a "ha">' + "".join(
    '<!ENTITY %s "%s">' % (chr(98 + i), ("&%s;" % chr(97 + i)) * 10) for i in range(9)) + ']><feedback>&j;</feedback>'
write("laughs.xml", laughs)
write("external.xml", '<?xml version="1.0"?><!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feedback>&x;</feedback>')
# A member of 16 MiB of zeros, 640 times: 10 GiB.
member = gzip.compress(bytes(16 << 20), 9)
write("bomb.gz", member * 640)
write("dense.xml.gz", gzip.compress(good.encode() + b" " * (60 << 20), 9))
write("attribute.xml.gz", gzip.compress(b"<feedback a='" + b"x" * (1 << 30) + b"'/>", 1))
write("deep.xml", "<feedback>" + "<a>" * 10000 + "</a>" * 10000 + "</feedback>")
write("deep.json", '{"policies":' + "[" * 10000 + "]" * 10000 + "}")
nest = "".join('Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(10000))
write("nest.eml", "From: a@example.com\nSubject: nest\nMIME-Version: 1.0\n" + nest + "Content-Type: text/plain\n\nend\n")
packed = good.encode()
for i in range(12):
    packed = gzip.compress(packed)
write("onion.gz", packed)

members = io.BytesIO()
with zipfile.ZipFile(members, "w") as z:
    for i in range(65535):
        z.writestr("%d.txt" % i, "")
attached = "From: a@example.com\nSubject: many\nMIME-Version: 1.0\nContent-Type: application/zip\n" \
           "Content-Transfer-Encoding: base64\n\n"
import base64
write("many.eml", attached + base64.encodebytes(members.getvalue()).decode())
zip64 = io.BytesIO()
with zipfile.ZipFile(zip64, "w", allowZip64=True) as z:
    with z.open("a.xml", "w", force_zip64=True) as f:
        f.write(good.replace("receiver.example", "zip64.example").encode())
write("zip64.zip", zip64.getvalue())

# One record of 40 MB: 600 results that a person is told 64 KiB about.
words = "word " * 13000
result = "<dkim><domain>a.example</domain><result>pass</result><human_result>%s</human_result></dkim>" % words
write("row.xml", good.replace("receiver.example", "row.example").replace("<auth_results>", "<auth_results>" + result * 600, 1))

# Two entries of the directory lead to one member.
one = io.BytesIO()
with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.xml", good.replace("receiver.example", "overlap.example"))
data = one.getvalue()
end = data.rindex(b"PK\x05\x06")
at = struct.unpack("<I", data[end + 16:end + 20])[0]
entry = data[at:end]
tail = data[end:end + 8] + struct.pack("<HHII", 2, 2, 2 * len(entry), at) + b"\0\0"
write("overlap.zip", data[:at] + entry + entry + tail)
PY
is "the reports are there" "$(find in -type f | wc -l)" 14

start=$SECONDS
"$mailmill" reports --format ndjson --stats -o out in 2>err
is "the run ends with 1" $? 1
ok "in bounded time" $((SECONDS - start > 60))
peak=$(stat_of err peak_bytes)
# Sanitizers need memory of their own.
[ -n "${MAILMILL_SANITIZE-}" ] || ok "in bounded memory" $((peak > (1 << 30)))
is "inputs have as many outcomes" "$(stat_of err inputs)" "$(($(stat_of err extracted) + $(stat_of err rejected) + $(stat_of err duplicates)))"
reasons()
{
    python3 - "$1" <<'PY'
import json, sys
rows = [json.loads(line) for line in open("out/rejects.ndjson")]
print(" ".join(sorted({row["reason"] for row in rows if sys.argv[1] in row["source_path"]})))
PY
}
is "a billion laughs" "$(reasons laughs)" xml-doctype
is "an external entity" "$(reasons external)" xml-doctype
is "10 GiB in 10 MB" "$(reasons bomb)" too-dense
is "60 MB of blanks" "$(reasons dense)" too-dense
is "an attribute of 1 GiB" "$(reasons attribute)" too-large
is "10,000 elements deep" "$(reasons deep.xml)" xml-too-deep
is "10,000 arrays deep" "$(reasons deep.json)" json-too-deep
is "10,000 multiparts deep" "$(reasons nest)" mime-depth
is "packed twelve times" "$(reasons onion)" containers-too-deep
is "65,535 members" "$(reasons many)" too-many-members
is "a record of 40 MB" "$(reasons row.xml)" row-too-long
is "of which no row is left" "$(grep -c row.example out/dmarc_reports.ndjson out/dmarc_records.ndjson | cut -d : -f 2 | xargs)" "0 0"
is "members that share bytes" "$(reasons overlap)" overlapping-member
is "zip64 is read, and so is what is whole" \
    "$(grep -o '"org_name":"[a-z0-9.]*"' out/dmarc_reports.ndjson | sort -u | xargs)" "org_name:receiver.example org_name:zip64.example"
plan
