# io_order.py - judges the log of a run's operations on files: is everything on disk before something else says so?
# SPDX-License-Identifier: Apache-2.0
#
# io_order.py LOG [--in-place] [--each]: a line for each offence, and at last what was seen. The log is
# that of --fault log:FILE: thread, operation, path, target; a line is written before its operation.
#
# The rules, for what a power cut may do between any two operations:
#   a file is renamed only when its data is synced;
#   a record of the journal is written only when the names that it tells of are synced, with the folders
#   made for them, and what an ordered output and its list of rejects hold so far;
#   --in-place: a file is replaced only when a record that tells so is on disk;
#   a record of rows comes when the thread's file of them is synced, and a dataset gets its name when all in it is;
#   --each: the next message is begun only when the one before is in the journal;
#   in the end no name is left unsynced.
# One sync of a whole file system vouches only for what the thread that called it had done: what others
# are doing meanwhile may come behind it.
import os
import sys

args = [a for a in sys.argv[1:] if not a.startswith("--")]
in_place, each = "--in-place" in sys.argv, "--each" in sys.argv

data = {}       # file -> thread that wrote to it last, not synced since
written = {}    # file -> line of its last write
names = {}      # new name -> thread that gave it, not synced since
folders = set() # made, their names not synced since
begun = {}      # thread -> message that it writes, or has written and no record tells of yet
open_name = {}  # thread -> name that no record tells of yet
noted = {}      # thread -> line of its last record in the journal that was synced, or None
seen = {"renames": 0, "syncs": 0, "records": 0}
trouble = []

with open(args[0], encoding="latin-1") as log:
    lines = [line.rstrip("\n").split("\t") for line in log]


def is_journal(path):
    return path.endswith("/journal") and "mailmill" in os.path.dirname(path)


def is_temporary(path):
    return path.endswith(".tmp") and not path.endswith("/journal.tmp")


records = [at for at, (_, op, path, to) in enumerate(lines) if op == "write" and is_journal(path) and to != "cut"]
# The first is the head; the last says that all inputs are done, and vouches for no data.
head, all_done = (records[0], records[-1]) if records else (None, None)


def offend(at, words):
    trouble.append("line %d: %s" % (at + 1, words))


def write(at, thread, path):
    if each and is_temporary(path):
        if thread in open_name or begun.setdefault(thread, path) != path:
            offend(at, "%s is begun before the journal tells of %s" % (path, begun[thread]))
        begun[thread] = path
    if is_journal(path) or path.endswith("/journal.tmp"):
        record(at, thread, path)
    data[path] = thread
    written[path] = at


def record(at, thread, path):
    seen["records"] += 1
    for name, by in names.items():
        if by == thread:
            offend(at, "a record before the name %s is synced" % name)
    for folder in folders:
        if any(n.startswith(folder + "/") for n in told.get(thread, ())):
            offend(at, "a record before the folder %s is synced" % folder)
    told.pop(thread, None)
    if open_name.pop(thread, None):
        begun.pop(thread, None)
    noted[thread] = None
    if path.endswith(".tmp") or at == head or (at == all_done and not dataset):
        return
    for file, by in data.items():
        if "/rows-" in file and by == thread:
            offend(at, "a record before %s is synced" % file)
        if file.endswith(".part") or (file.endswith("/rejects.ndjson") and ordered):
            offend(at, "a record before %s is synced" % file)


def sync(at, thread, path, to):
    seen["syncs"] += 1
    if to == "*":
        for table in (data, names):
            for key in [k for k, by in table.items() if by == thread]:
                del table[key]
        folders.clear()
        return
    data.pop(path, None)
    for key in [k for k in names if os.path.dirname(k) == path]:
        del names[key]
    folders.difference_update([f for f in folders if os.path.dirname(f) == path])
    if is_journal(path):
        noted[thread] = at


def rename(at, thread, path, to):
    seen["renames"] += 1
    if path in data:
        offend(at, "%s gets its name %s before its data is synced" % (path, to))
    for file in data: # of a folder; what was saved goes before it gets its name
        if file.startswith(path + "/") and "/rows-" not in file and not is_journal(file):
            offend(at, "%s gets its name %s before %s is synced" % (path, to, file))
    if in_place and is_temporary(path) and not (noted.get(thread) or -1) > written.get(path, 0):
        offend(at, "%s is replaced before a record on disk tells so" % to)
    data.pop(path, None)
    names[to] = thread
    told.setdefault(thread, set()).add(to)
    if is_temporary(path):
        open_name[thread] = to


told = {}
dataset = any("/rows-" in path for _, _, path, _ in lines)
ordered = not dataset and any(op == "rename" and path.endswith(".part") for _, op, path, _ in lines)
made = {path for _, op, path, _ in lines if op == "create"}
parents = {os.path.dirname(to or path) for _, op, path, to in lines if op == "rename"}
for at, (thread, op, path, to) in enumerate(lines):
    path, to = os.path.abspath(path) if path else "", os.path.abspath(to) if op == "rename" else to
    if op == "create" and path in {os.path.abspath(p) for p in parents}:
        folders.add(path)
    elif op == "write" and to != "cut":
        write(at, thread, path)
    elif op == "sync":
        sync(at, thread, path, to)
    elif op == "rename":
        rename(at, thread, path, to)
for name in names:
    trouble.append("at the end: the name %s is not synced" % name)
for line in trouble[:20]:
    print(line)
print("%d offences" % len(trouble) if trouble else "in order", *("%s %d" % item for item in seen.items()))
sys.exit(1 if trouble else 0)
