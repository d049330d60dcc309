#!/usr/bin/env python3
# messages.py - a share of a campaign's messages, and damage to some.
# SPDX-License-Identifier: Apache-2.0
"""Usage: messages.py pick LIST COUNT        lines of LIST, as many as a slow program can do
       messages.py damage FOLDER LIST EVERY  change a byte in the body of every so manyth message; print their names

What is picked has the mean size of the whole: of each COUNTth part by size, the message that is nearest to that part's mean.
"""
import re
import sys


def body_bytes(line):
    return int(line.split("\t")[3])


def pick(listed, count):
    with open(listed) as file:
        lines = file.readlines()
    parts = min(int(count), len(lines))
    by_size = sorted(lines, key=body_bytes)
    chosen = set()
    for i in range(parts):
        part = by_size[len(lines) * i // parts:len(lines) * (i + 1) // parts]
        mean = sum(map(body_bytes, part)) / len(part)
        chosen.add(min(part, key=lambda line: abs(body_bytes(line) - mean)))
    sys.stdout.writelines(line for line in lines if line in chosen)


def damage(folder, listed, every):
    with open(listed) as file:
        names = [line.split("\t")[0] for line in file]
    for name in names[::int(every)]:
        with open(f"{folder}/{name}", "r+b") as file:
            data = file.read()
            letter = re.compile(rb"[A-Za-z]").search(data, (data.index(b"\r\n\r\n") + len(data)) // 2)
            file.seek(letter.start())
            file.write(letter.group().swapcase())
        print(name)


modes = {"pick": (pick, 2), "damage": (damage, 3)}
if len(sys.argv) < 2 or sys.argv[1] not in modes or len(sys.argv) - 2 != modes[sys.argv[1]][1]:
    sys.exit(__doc__.partition("\n\n")[0])
modes[sys.argv[1]][0](*sys.argv[2:])
