#!/usr/bin/env python3
# matrix.py - messages in every form of a source, and whether an output has them: by none of our own code.
# SPDX-License-Identifier: Apache-2.0
"""Usage:
    matrix.py collect SPOOL SOURCE...             the messages of folders and mboxes, as SPOOL/NNNN.eml
    matrix.py write FORM SPOOL OUT                OUT: a source of that form
    matrix.py insert FORM SPOOL PLACES ROWS OUT   OUT: the messages with the fields that ROWS tells on top
    matrix.py compare FORM SINK SPOOL OUT ABSENT [SAMPLES]

compare reads OUT as SINK writes it and takes the topmost DKIM-Signature field off each message. What is left has to be the
messages of SPOOL, each once and ABSENT of them not at all, byte for byte but for the line ends of FORM and SINK: it prints
nothing then, else a line for each that is lost, changed or there twice. SAMPLES: a folder that gets a few of them, as
they are in OUT.
"""
import collections
import hashlib
import json
import mailbox
import os
import re
import subprocess
import sys
import tarfile

SAMPLE_EVERY = 160  # messages of a spool go to SAMPLES, the same from every output, whatever order it has
WRONG_MAX = 5  # are told of

# ---- line ends ----


def lf(text):
    return text.replace(b"\r\n", b"\n")


def crlf(text):
    return re.sub(rb"(?<!\r)\n", b"\r\n", text)


def lf_ended(text):
    text = lf(text)
    return text if text.endswith(b"\n") else text + b"\n"


def crlf_ended(text):
    text = crlf(text)
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def kept(text):
    return text


# What a message is once it is in a source of the form, or in a sink.
FORMS = {"tree": kept, "archive": kept, "maildir": kept, "mh": kept, "emlx": lf, "pickup": crlf, "postfix": lf_ended,
         "mbox": lf_ended, "mboxo": lf_ended, "mboxcl2": lf_ended, "bsmtp": crlf_ended}
SINKS = {"tree": kept, "tar": kept, "tar.zst": kept, "in-place": kept, "maildir": lf, "pickup": crlf, "mbox": lf_ended,
         "stdout": lf_ended, "bsmtp": crlf_ended}


def in_source(form, text):
    """A message as a source of the form has it."""
    text = FORMS[form](text)
    return with_length(text) if form == "mboxcl2" else text


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def files(folder):
    """Every file below, in the bytewise order of a walk; working folders apart."""
    names = sorted(os.listdir(folder), key=os.fsencode)
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            if name != ".mailmill":
                yield from files(path)
        elif name not in (".mh_sequences", "maildirfolder"):  # of MH and Maildir++, and no mail
            yield path


def messages(spool):
    return [(os.path.basename(path), read(path)) for path in files(spool)]


# ---- mbox ----


def mbox_messages(data):
    """mboxrd: a separator is a From line at the begin or behind an empty line; one '>' goes."""
    starts = [m.start(1) for m in re.finditer(rb"(?:\A|\n\r?\n)(From )", data)]
    for begin, end in zip(starts, starts[1:] + [len(data)]):
        text = data[begin:end].partition(b"\n")[2]
        text = re.sub(rb"(?:(?<=\n)|(?<=\A))\r?\n\Z", b"", text)
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", text)


def collect(spool, sources):
    count = 0
    for source in sources:
        for path in files(source) if os.path.isdir(source) else [source]:
            data = read(path)
            for text in mbox_messages(data) if data.startswith(b"From ") else [data]:
                write(f"{spool}/{count:04}.eml", text)
                count += 1


# ---- writing ----


def write_maildir(out, texts):
    box = mailbox.Maildir(out, create=True)
    other = box.add_folder("Other")
    for i, (name, text) in enumerate(texts):
        folder = other if i % 5 == 0 else box
        key = folder.add(text)
        yield os.path.relpath(os.path.join(folder._path, folder._lookup(key))), name


def write_mh(out, texts):
    box = mailbox.MH(out, create=True)
    for name, text in texts:
        yield os.path.join(out, str(box.add(text))), name
    box.set_sequences({"unseen": [1]})


def write_each(out, texts, suffix, wrap):
    for name, text in texts:
        path = f"{out}/{name[:-4]}{suffix}"
        write(path, wrap(text))
        yield path, name


def as_emlx(text):
    return b"%-11d\n" % len(lf(text)) + lf(text) + b'<?xml version="1.0"?>\n<plist version="1.0"><dict/></plist>\n'


def as_pickup(text):
    return b"X-Sender: bounce@example.com\r\nX-Receiver: a@example.org\r\n" + crlf(text)


def record(kind, data):
    length, n = b"", len(data)
    while n > 127:
        length, n = length + bytes([n & 127 | 128]), n >> 7
    return kind + length + bytes([n]) + data


def as_postfix(text):
    """The records of a maildrop file (Postfix 3.7, rec_type.h)."""
    out = [record(b"T", b"1795352588 644817"), record(b"F", b"root"), record(b"S", b"bounce@example.com"),
           record(b"R", b"a@example.org"), record(b"M", b"")]
    for line in lf_ended(text).split(b"\n")[:-1]:
        while len(line) > 2048:
            out.append(record(b"L", line[:2048]))
            line = line[2048:]
        out.append(record(b"N", line))
    return b"".join(out) + record(b"X", b"") + record(b"E", b"")


def write_mbox(out, texts):
    write(out, b"".join(b"From bounce@example.com Tue Nov 14 22:13:20 2023\n" +
                        re.sub(rb"(?m)^(>*From )", rb">\1", lf_ended(text)) + b"\n" for name, text in texts))


def write_mboxo(out, texts):
    box = mailbox.mbox(out)
    for name, text in texts:
        box.add(lf(text))
    box.close()


def with_length(text):
    """mboxcl2: a field tells the length of the body."""
    header, blank, body = text.partition(b"\n\n")
    header = re.sub(rb"(?im)^Content-Length:.*\n(?:[ \t].*\n)*", b"", header + b"\n")
    return b"Content-Length: %d\n" % len(body) + header + b"\n" + body


def write_mboxcl2(out, texts):
    write(out, b"".join(b"From bounce@example.com Tue Nov 14 22:13:20 2023\n" + in_source("mboxcl2", text) + b"\n"
                        for name, text in texts))


def write_bsmtp(out, texts):
    write(out, b"HELO client.example.org\r\n" + b"".join(
        b"MAIL FROM:<bounce@example.com>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n" +
        re.sub(rb"(?m)^\.", b"..", crlf_ended(text)) + b".\r\n" for name, text in texts) + b"QUIT\r\n")


WRITERS = {
    "maildir": write_maildir,
    "mh": write_mh,
    "emlx": lambda out, texts: write_each(out, texts, ".emlx", as_emlx),
    "pickup": lambda out, texts: write_each(out, texts, ".eml", as_pickup),
    "postfix": lambda out, texts: write_each(out, texts, "", as_postfix),
    "tree": lambda out, texts: write_each(out, texts, ".eml", kept),
    "mbox": write_mbox,
    "mboxo": write_mboxo,
    "mboxcl2": write_mboxcl2,
    "bsmtp": write_bsmtp,
}


def write_source(form, spool, out):
    places = WRITERS[form](out, messages(spool))
    if places:  # a folder: which file is which message
        with open(out + ".places", "w") as file:
            file.writelines(f"{path}\t{name}\n" for path, name in places)


# ---- reading what a sink wrote ----


def bsmtp_messages(data):
    """Sender, recipients and text of each. Exim's specification, "Batched SMTP", and RFC 5321: commands and lines end in
    CRLF, a dot that begins a line is doubled."""
    if re.search(rb"(?<!\r)\n", data):
        sys.exit("a bare LF in batch SMTP")
    lines = data.split(b"\r\n")
    if lines.pop() != b"":
        sys.exit("batch SMTP without an end of its last line")
    body, recipients, sender = None, [], None
    for line in lines:
        if body is not None:
            if line == b".":
                yield sender, recipients, b"".join(body)
                body, recipients, sender = None, [], None
            elif line.startswith(b".") and not line.startswith(b".."):
                sys.exit(f"a dot that is not doubled: {line[:60]!r}")
            else:
                body.append(line[line.startswith(b"."):] + b"\r\n")
        elif sender is None and re.fullmatch(rb"MAIL FROM:<[^<>]*>", line):
            sender = line[11:-1]
        elif sender is not None and re.fullmatch(rb"RCPT TO:<[^<>]+>", line):
            recipients.append(line[9:-1])
        elif line == b"DATA" and recipients:
            body = []
        else:
            sys.exit(f"no command of batch SMTP: {line[:60]!r}")
    if body is not None or sender is not None:
        sys.exit("batch SMTP ends in a message")


def tar_messages(file):
    with tarfile.open(fileobj=file, mode="r|") as tar:
        for member in tar:
            if not member.isfile():
                sys.exit(f"{member.name} is no file")
            yield tar.extractfile(member).read()


def sink_messages(sink, out):
    if sink in ("mbox", "stdout"):
        yield from mbox_messages(read(out))
    elif sink == "bsmtp":
        for sender, recipients, text in bsmtp_messages(read(out)):
            yield text
    elif sink == "tar":
        with open(out, "rb") as file:
            yield from tar_messages(file)
    elif sink == "tar.zst":
        with subprocess.Popen(["zstd", "-qdc", out], stdout=subprocess.PIPE) as zstd:
            yield from tar_messages(zstd.stdout)
    else:
        for path in files(out):
            yield read(path)


# ---- comparing ----


def unwrapped(form, text):
    """What a form's files have above the message, and keep."""
    if form == "pickup":
        text = re.sub(rb"\A(?:X-(?:Sender|Receiver):[^\n]*\n)+", b"", text)
    elif form.startswith("mbox"):
        text = re.sub(rb"\AFrom [^\n]*\n", b"", text)
    return text


def unsigned(text):
    """Without the field that was put on top."""
    field = re.match(rb"DKIM-Signature:[^\n]*\n(?:[ \t][^\n]*\n)*", text)
    if not field or b"s=m1" not in field.group():
        return None
    return text[field.end():]


def digest(text):
    return hashlib.sha256(text).digest()


def compare(form, sink, spool, out, absent, samples):
    wanted, sampled = collections.defaultdict(list), set()
    for i, (name, text) in enumerate(messages(spool)):
        wanted[digest(SINKS[sink](in_source(form, text)))].append(name)
        if i % SAMPLE_EVERY == 0:
            sampled.add(name)
    count = sum(len(names) for names in wanted.values())
    found, wrong = 0, 0
    for i, text in enumerate(sink_messages(sink, out)):
        message = unsigned(unwrapped(form, text))
        names = message is not None and wanted.get(digest(message))
        if names:
            name = names.pop()
            found += 1
            if samples and name in sampled:
                write(f"{samples}/{name}", text)
        elif (wrong := wrong + 1) < WRONG_MAX:
            what = "without our signature on top" if message is None else "changed, or there twice"
            print(f"message {i}: {what}: {text[-60:]!r}")
    if found != count - int(absent):
        lost = sorted(name for names in wanted.values() for name in names)
        print(f"{found} of {count} messages, {absent} may be absent; lost: {' '.join(lost[:WRONG_MAX])}")


def insert(form, spool, places, rows, out):
    """places: which file of the source is which message; "-": members have their names, or are in order."""
    texts = messages(spool)
    by_name, at = dict(texts), {}
    if places != "-":
        with open(places) as file:
            at = dict(line.rstrip("\n").split("\t") for line in file)
    with open(rows) as file:
        for i, line in enumerate(file):
            row = json.loads(line)
            member = os.path.basename(row["message"].rpartition("!")[2])
            name = at[row["message"]] if at else member if member in by_name else texts[i][0]
            text = by_name[name]
            write(f"{out}/{i:04}.eml", row["fields"].encode("latin-1") + in_source(form, text))


COMMANDS = {"collect": lambda spool, *sources: collect(spool, sources), "write": write_source, "insert": insert,
            "compare": lambda form, sink, spool, out, absent, samples=None:
                compare(form, sink, spool, out, absent, samples)}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
