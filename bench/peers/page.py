#!/usr/bin/env python3
# page.py - docs/performance.md, of what scripts/compare-peers measured.
# SPDX-License-Identifier: Apache-2.0
"""Usage: page.py FOLDER > PAGE

FOLDER has tables without headlines, their columns apart by tabs: results (workload, verb, program, cores, round, messages, CPU
seconds, wall seconds, peak bytes), campaigns (workload, messages, bytes), agreement (program, what, how many), stages
(workload, verb, cores, JSON of --stats) and facts (a name and what it says).
"""
import collections
import json
import statistics
import sys

SIZES = {"small": "Small messages, 2 to 6 KB", "mixed": "Messages of log-normal sizes", "large": "Messages of 10 MB"}
KEYS = {"small": "20, all alike", "keys-100": "100, by Zipf's law", "keys-20000": "20,000, by Zipf's law"}
STAGES = ("scan", "read", "parse", "canonicalize", "hash", "crypto", "encode", "write")
LITTLE_GAIN = 1.5  # of a second core: less is said in words
YARDSTICKS = ("yardstick", "report_yardstick")

Run = collections.namedtuple("Run", "messages cpu wall peak")


def table(path):
    with open(path) as file:
        return [line.rstrip("\n").split("\t") for line in file]


def median(values):
    return statistics.median(values)


class Results:
    """Runs by workload, verb, program and cores, each by its round."""

    def __init__(self, folder):
        self.runs = collections.defaultdict(dict)
        for *key, number, messages, cpu, wall, peak in table(f"{folder}/results"):
            self.runs[*key][number] = Run(int(messages), float(cpu), float(wall), int(peak))

    def programs(self, workload, verb):
        found = dict.fromkeys(key[2] for key in self.runs if key[:2] == (workload, verb))
        cost = {name: self.cpu_us(workload, verb, name) for name in found}
        return sorted(found, key=lambda name: (name != "mailmill", name not in YARDSTICKS, cost[name]))

    def of(self, workload, verb, program, cores="1"):
        return self.runs.get((workload, verb, program, cores), {})

    def cpu_us(self, *key):
        return median(run.cpu / run.messages * 1e6 for run in self.of(*key).values())

    def rate(self, *key):
        return median(run.messages / run.wall for run in self.of(*key).values())

    def times_mailmill(self, workload, verb, program, cores, figure):
        """Median over the rounds of a program's figure a message beside mailmill's of the same round."""
        ours, theirs = (self.of(workload, verb, name, cores) for name in ("mailmill", program))
        return median(getattr(theirs[r], figure) / theirs[r].messages / (getattr(ours[r], figure) / ours[r].messages)
                      for r in theirs if r in ours)


def number(value):
    """Three digits or more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def megabytes(bytes_):
    return f"{bytes_ / 1e6:.0f}"


def print_table(head, rows, left=1):
    print("|" + "|".join(f" {cell} " for cell in head) + "|")
    print("|" + "|".join("---" if i < left else "---:" for i in range(len(head))) + "|")
    for row in rows:
        print("|" + "|".join(f" {cell} " for cell in row) + "|")
    print()


def summary_of(results, words, workload, verb):
    """What the table shows, in a sentence or two; also where mailmill takes longer."""
    times = {name: results.times_mailmill(workload, verb, name, "1", "cpu")
             for name in results.programs(workload, verb) if name != "mailmill"}
    yardstick = next((times.pop(name) for name in YARDSTICKS if name in times), None)
    said = []
    if times:
        least, most = min(times, key=times.get), max(times, key=times.get)
        said.append(f"On one core the others take {number(times[least])} ({words[least]}) to {number(times[most])} "
                    f"({words[most]}) times mailmill's CPU time." if least != most else
                    f"On one core {words[least]} takes {number(times[least])} times mailmill's CPU time.")
        slower = [words[name] for name in times if times[name] < 1]
        if slower:
            said.append(f"mailmill takes longer than {' and '.join(slower)}.")
    if yardstick:
        said.append(f"The C yardstick takes {number(yardstick)} times mailmill's"
                    + (f": mailmill takes {number(1 / yardstick)} times as long as it." if yardstick < 1 else "."))
    of_two = gain(results, workload, verb, "mailmill")
    if of_two and float(of_two) < LITTLE_GAIN:
        said.append(f"On two cores mailmill is {of_two} times as fast as on one.")
    return " ".join(said)


def gain(results, *key):
    """What the second core brings in wall time; nothing where it was not measured."""
    one, two = results.of(*key), results.of(*key, "2")
    return f"{median(one[r].wall / two[r].wall for r in two):.2f}" if two else ""


def programs_table(results, words, workload, verb):
    rows = []
    for name in results.programs(workload, verb):
        key = workload, verb, name
        one, two = results.of(*key), results.of(*key, "2")
        rows.append((words[name], f"{median(run.messages for run in one.values()):,.0f}", number(results.cpu_us(*key)),
                     number(results.times_mailmill(*key, "1", "cpu")), number(results.rate(*key)),
                     number(results.rate(*key, "2")) if two else "",
                     number(results.times_mailmill(*key, "2", "wall")) if two else "", gain(results, *key),
                     megabytes(max(run.peak for run in one.values()))))
    what = "reports" if workload == "reports" else "messages"
    print_table(("", what, f"CPU µs a {what[:-1]}", "times mailmill", f"{what}/s, one core", f"{what}/s, two cores",
                 "mailmill/s ÷ theirs", "two cores ÷ one", "peak MB"), rows)
    print(summary_of(results, words, workload, verb) + "\n")


def sizes(results, words, campaigns):
    for workload, title in SIZES.items():
        if workload not in campaigns:
            continue
        count, size = campaigns[workload]
        print(f"## {title}\n\n{count:,} messages, {size / count / 1000:,.1f} KB each on average.\n")
        for verb in ("sign", "verify"):
            print(f"**{verb.capitalize()}**\n")
            programs_table(results, words, workload, verb)


def keys(results, words):
    shown = [workload for workload in KEYS if results.of(workload, "verify", "mailmill")]
    if len(shown) < 2:
        return
    print("## Verify with more keys\n\nSmall messages, one core: CPU µs a message, and times mailmill's.\n")
    rows = []
    for name in results.programs("small", "verify"):
        row = [words[name]]
        for workload in shown:
            row += [number(results.cpu_us(workload, "verify", name)),
                    number(results.times_mailmill(workload, "verify", name, "1", "cpu"))]
        rows.append(row)
    print_table(["keys"] + [cell for workload in shown for cell in (KEYS[workload], "times")], rows)


def reports(results, words, campaigns):
    if "reports" not in campaigns:
        return
    count, size = campaigns["reports"]
    print(f"## Aggregate reports\n\n{count:,} DMARC aggregate reports of 1 to 50 records and some of 5,000, each an `.xml.gz`, "
          f"{size / 1e6:,.1f} MB. mailmill writes its Parquet dataset (sorted, without duplicates, read back); the others a row "
          "a record into one flat CSV. Mail::DMARC would put its objects into a database; here its parser's objects become CSV "
          "rows, because no other program fills a database.\n")
    programs_table(results, words, "reports", "reports")


def stages(folder, results):
    """Where the time of a message goes with one core and with two."""
    found = collections.defaultdict(list)
    for workload, verb, cores, stats in table(f"{folder}/stages"):
        if workload in ("small", "mixed") and verb in ("sign", "verify"):
            found[workload, verb, cores].append(json.loads(stats))
    if not any(cores == "2" for *_, cores in found):
        return
    print("## Two cores, stage by stage\n\nmailmill alone. Two cores would be twice one if no stage took longer beside itself, and "
          "no core ever waited. Busy is CPU time by wall time and cores: the rest is start-up, the end of the run, "
          "and waiting for output in order. Stages are shares of the time in all stages, as `--stats` counts them.\n")
    rows = []
    for (workload, verb, cores), runs in found.items():
        one = results.of(workload, verb, "mailmill", "1")
        these = results.of(workload, verb, "mailmill", cores)
        spent = {name: sum(run["stages"][name] for run in runs) for name in STAGES}
        busy = median(run.cpu / run.wall / int(cores) for run in these.values())
        rows.append((f"{verb}, {workload}", cores, f"{median(one[r].wall / these[r].wall for r in these):.2f}",
                     number(results.cpu_us(workload, verb, "mailmill", cores)), f"{busy:.0%}",
                     *(f"{spent[name] / sum(spent.values()):.1%}" for name in STAGES)))
    print_table(("", "cores", "times one core", "CPU µs a message", "busy", *STAGES), sorted(rows))
    gains = [(verb, workload, gain(results, workload, verb, "yardstick")) for workload in ("small", "mixed") for verb in ("sign", "verify")]
    if all(of_two for *_, of_two in gains):
        print("Two processes of the C yardstick, which share nothing, gain "
              + ", ".join(f"{of_two} ({verb}, {workload})" for verb, workload, of_two in gains) + ": what this machine has to give.\n")


def growth(results):
    counts = sorted(int(key[0].removeprefix("growth-")) for key in results.runs
                    if key[0].startswith("growth-") and key[1] == "sign")
    if not counts:
        return
    one = results.of("growth-1", "verify", "mailmill").values()
    print("## Growth\n\nSmall messages from one mbox into another, which saves a million files; one core. The third column leaves out "
          "what a run over one message takes; the fourth is the third beside that of the verb's first row. A run over one message "
          f"has a peak of {megabytes(max(run.peak for run in one))} MB: filling the rest for the first time is in the time of the "
          "others, and weighs most where messages are fewest.\n")
    rows = []
    for verb in ("sign", "verify"):
        start = median(run.cpu for run in results.of("growth-1", verb, "mailmill").values())
        by_count = {count: results.of(f"growth-{count}", verb, "mailmill") for count in counts[1:]}
        each = {count: median((run.cpu - start) / run.messages * 1e6 for run in runs.values()) for count, runs in by_count.items()}
        for count, runs in by_count.items():
            rows.append((f"{verb}, {count:,}", number(median(run.cpu / run.messages * 1e6 for run in runs.values())),
                         number(each[count]), f"{each[count] / each[counts[1]] - 1:+.1%}",
                         megabytes(max(run.peak for run in runs.values()))))
        rows.append((f"{verb}, start-up", "", f"{start * 1e3:.0f} ms", "", ""))
    print_table(("", "CPU µs a message", "without start-up", "change", "peak MB"), rows)


def agreement(folder):
    found = collections.defaultdict(collections.Counter)
    for program, what, count in table(f"{folder}/agreement"):
        found[program][what] += int(count)
    if not found:
        return
    print("## Agreement\n\nCompared one by one, and all agree: a single one that does not ends the script without a page. A damaged "
          "message has one letter of its body changed after it was signed; whoever verifies it must say fail.\n")
    for head, kinds in ((("", "signed by it, pass with mailmill", "same verdict from both", "of these damaged"),
                         ("signed", "verified", "damaged")),
                        (("", "same records of reports from both",), ("records",))):
        rows = [(program, *(f"{counts[kind]:,}" for kind in kinds)) for program, counts in sorted(found.items()) if counts[kinds[0]]]
        if rows:
            print_table(head, rows)


def machine(facts, versions, absent):
    print("## Machine and versions\n")
    rows = [("processor", facts["cpu"]), ("cores", facts["cores"]), ("memory", facts["memory"]), ("system", facts["system"]),
            ("files", facts["files"]), ("mailmill", f"{facts['mailmill']}; {facts['kernels']}"), ("OpenSSL", facts["openssl"])]
    print_table(("", ""), rows + [tuple(version) for version in versions], left=2)
    for program, why in absent:
        print(f"{program}: {why}.\n")


def main(folder):
    listed = collections.defaultdict(list)
    for name, *said in table(f"{folder}/facts"):
        listed[name].append(said)
    facts = {name: said[0][0] for name, said in listed.items() if len(said[0]) == 1}
    words = dict(listed["words"])
    campaigns = {name: (int(count), int(size)) for name, count, size in table(f"{folder}/campaigns")}
    results = Results(folder)
    print(f"""# mailmill beside other programs

`{facts["command"]}` measured and wrote this on {facts["date"]}: the same command does it again, on your machine. It installs what
is missing, and compares every verdict and signature. Quote these figures with the machine they come from.

All do the same work on the same files, in turns (rounds: {facts["rounds"]}): read each message from its file, sign it (RSA-2048,
relaxed/relaxed) into one mbox a worker, or verify it and write a row. Figures are medians of rounds, ratios medians of the ratios
within a round. Bodies are distinct, mailmill's cache of bodies is off, files are in the page cache, keys in memory; small
messages are of 20 domains. Each library is used as its manual allows at best (`bench/peers`): threads or processes for two cores,
keys read once where its interface takes a key that was read. mailmill is charged with its start-up, the others are not. The C
yardstick parses nothing: it reads, hashes with SHA-256, calls OpenSSL and writes ([bench/README.md](../bench/README.md));
on two cores it is two processes. Programs that take longer are given fewer messages, of the same mean size. Memory is that of
the largest process, on one core.
""")
    machine(facts, listed["version"], listed["absent"])
    sizes(results, words, campaigns)
    keys(results, words)
    reports(results, words, campaigns)
    stages(folder, results)
    growth(results)
    agreement(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: page.py FOLDER > PAGE")
    main(sys.argv[1])
