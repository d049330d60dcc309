/*
 * run.h - whole piles of mail through one engine: sign a spool, verify an archive.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A run reads its sources, works on all cores, writes its output, and counts: every input ends as
 * exactly one outcome. The library prints nothing; what a person should see goes to the listener.
 */
#ifndef MAILMILL_RUN_H
#define MAILMILL_RUN_H

#include "mailmill/auth.h"
#include "mailmill/dkim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mm_io_choice { MM_IO_AUTO, MM_IO_URING, MM_IO_THREADS };
/* AUTO: content tells. MBOXCL2 and what quotes as mboxo cannot be told from mboxrd. */
enum mm_source_format {
    MM_SOURCE_AUTO,
    MM_SOURCE_MESSAGE,
    MM_SOURCE_MBOX,
    MM_SOURCE_TREE,
    MM_SOURCE_MBOXCL2,
    MM_SOURCE_TAR,
    MM_SOURCE_BSMTP,
    MM_SOURCE_MAILDIR,
    MM_SOURCE_EMLX,
    MM_SOURCE_PICKUP,
    MM_SOURCE_POSTFIX,
    MM_SOURCE_ZIP
};

/* How a run ends, as sysexits.h has it; see the manual's table of exit codes. */
enum mm_exit {
    MM_EXIT_DONE = 0,
    MM_EXIT_SOME_FAILED = 1,
    MM_EXIT_USAGE = 64,
    MM_EXIT_NO_INPUT = 66,
    MM_EXIT_BUG = 70,
    MM_EXIT_CANT_CREATE = 73,
    MM_EXIT_IO = 74,
    MM_EXIT_STOPPED = 75,
    MM_EXIT_PERMISSION = 77,
    MM_EXIT_CONFIG = 78
};

/* What a run over reports has found. */
struct mm_report_counts {
    uint64_t dmarc_reports, tls_reports; /* kept: none is counted twice */
    uint64_t feedback_reports;           /* failure reports and complaints */
    uint64_t bounces;                    /* recipients in notices of delivery */
    uint64_t duplicate_reports;          /* told by others that are kept */
    uint64_t not_reports;                /* inputs that are no reports, which is no failure */
    uint64_t damaged; /* inputs, and members of inputs, that should be reports and cannot be read */
    uint64_t records_skipped; /* of reports that are kept: without a usable count, or not whole */
    uint64_t spilled_runs;    /* of sorted rows that had no room in memory and waited on disk */
};

/* Counters of a run; they grow while it goes on. */
struct mm_run_stats {
    uint64_t inputs, signed_count, verified, extracted, rejected, duplicates;
    uint64_t results[MM_DKIM_PERMERROR + 1]; /* verify: messages by result */
    uint64_t bytes;                          /* of messages read */
    uint64_t links_skipped;                  /* links in a tree to files inside it */
    uint64_t resumed;          /* of the inputs: those that an earlier run had done already */
    uint64_t unmatched_copied; /* sign --unmatched copy: counted in duplicates too */
    bool read_reports;         /* reports: these are its counts, once the run has ended */
    struct mm_report_counts reports;
    uint64_t wall_ns, cpu_ns;
    uint64_t peak_bytes;  /* resident, of the process */
    uint64_t names_bytes; /* most memory held for names of files */
    unsigned threads;
    const char *threads_why; /* "affinity mask", "cgroup cpu.max", "--threads" */
    uint64_t memory_bytes;   /* the budget */
    const char *io;          /* "uring", "threads" */
    const char
        *io_why; /* empty, or why not the ring, e.g. "io_uring_setup: Operation not permitted" */
    double io_inflight_mean; /* reads under way, mean over the waits for them */
    uint64_t io_inflight_max;
    const char *synced_apart; /* file system on which a batch is synced file by file ("nfs"), since
                                 one sync of all is not enough there; empty: none */
    /* By stage, of all threads. encode: fields, rows and tables are put together. */
    uint64_t scan_ns, read_ns, parse_ns, canonicalize_ns, hash_ns, crypto_ns, encode_ns, write_ns;
    bool asked_dns; /* verify: there was live DNS, and these are its counts */
    struct mm_dns_counts dns;
    bool openssl_only;        /* hashes and public keys are OpenSSL's: --crypto openssl */
    uint64_t body_cache_hits; /* bodies that were not hashed, an equal one having been */
    uint64_t remade;          /* sign: signatures that did not hold and were made once more */
    uint64_t faults;          /* fault points that fired (test builds) */
    bool all_found;           /* in a tick: no input beyond total can come any more */
};

/* What a run tells while it goes on. Called from one thread at a time; each may be NULL. */
struct mm_run_listener {
    void *context;
    /* One input was rejected, or is damaged in part, though it gave reports. message is the name as
     * rows give it (raw bytes); detail one line; offset UINT64_MAX where none applies. */
    void (*reject)(void *context, struct mm_view message, const char *slug, const char *detail,
                   uint64_t offset);
    /* Worth a line; the run goes on. */
    void (*warn)(void *context, const char *text);
    /* About every 100 ms. total: found so far, more may come until so_far->all_found. */
    void (*tick)(void *context, const struct mm_run_stats *so_far, uint64_t total_inputs);
};

/* Options of every verb. Zeroed means default. Strings are borrowed for the run. */
struct mm_run_options {
    const char *const *sources; /* paths as typed; "-" is stdin */
    size_t source_count;
    const char *files_from; /* NULL: none; "-" is stdin */
    bool files_from_nul;    /* names end in NUL, not LF */
    enum mm_source_format source_format;
    bool follow;           /* follow links in trees */
    unsigned threads;      /* 0: CPUs in the affinity mask, capped by cgroup cpu.max */
    uint64_t memory_bytes; /* 0: 1 GiB, or half of the cgroup's memory.max where that is lower */
    enum mm_io_choice io;
    bool openssl_only;  /* --crypto openssl: none of our own public-key or hash kernels */
    const char *output; /* -o; "-" is stdout; NULL: none */
    bool overwrite;
    bool resume;    /* go on with a run that ended early; what it did is told by its journal */
    bool clock_now; /* the time of the options is the clock's: a resumed run takes that of the first
                     */
    const char *rejects_path; /* NULL: default beside the output */
    /* Test builds, others refuse any: OP:ACTION@N, where operations on files fail. */
    const char *const *faults;
    size_t fault_count;
    struct mm_run_listener listener;
};

/* What a finished run says. */
struct mm_run_end {
    int exit_code;        /* enum mm_exit */
    bool stopped;         /* SIGTERM or SIGINT: inputs so far = outcomes so far */
    bool finished_before; /* resume: an earlier run had done all; its counts */
    bool can_go_on;       /* a run that failed: with `resume` the next goes on where it ended */
    char rejects_at[512]; /* file that holds the rejects; empty where none was written */
    struct mm_run_stats stats;
    uint64_t estimate_ns; /* dry run: what signing for real would take here; 0: not known */
};

/* How messages lie in an output folder. TREE: the same relative paths. MAILDIR: a Maildir (LF line
 * ends); of several sources one for each, below the folder. PICKUP: NAME.eml (CRLF). DEFAULT: what
 * -o names. */
enum mm_message_sink {
    MM_SINK_DEFAULT,
    MM_SINK_TREE,
    MM_SINK_MAILDIR,
    MM_SINK_PICKUP,
    MM_SINK_SIGNATURES
};
/* When what is counted is on disk. BATCH: a batch of messages at a time. NONE: when the system
 * pleases. EACH: every message by itself, before the next is begun. */
enum mm_durability { MM_DURABLE_BATCH, MM_DURABLE_NONE, MM_DURABLE_EACH };
enum mm_unmatched { MM_UNMATCHED_REJECT, MM_UNMATCHED_COPY };
enum mm_signed_already { MM_SIGNED_ALREADY_REJECT, MM_SIGNED_ALREADY_SIGN, MM_SIGNED_ALREADY_SKIP };

struct mm_sign_run {
    struct mm_run_options run;
    const struct mm_sign_rules *rules;
    struct mm_sign_options sign;
    enum mm_signed_already signed_already;
    enum mm_unmatched unmatched;
    enum mm_durability durability;
    enum mm_message_sink sink;
    bool strict_eol;
    bool in_place;
    bool dry_run;
    const struct mm_key_source *check_keys; /* dry run: compare each key in use with its record */
    /* dry run, at the end: messages for each domain and selector. May be NULL. */
    void (*plan_row)(void *context, struct mm_view domain, struct mm_view selector,
                     uint64_t messages);
    void *plan_context;
};

/* TABLE: a heading and one line a message, for a person; COLOR: with ANSI colours. */
enum mm_row_format { MM_ROWS_NDJSON, MM_ROWS_TABLE, MM_ROWS_TABLE_COLOR };

/* How the tables of a dataset are written. */
enum mm_dataset_format { MM_DATASET_PARQUET, MM_DATASET_NDJSON, MM_DATASET_CSV };

struct mm_verify_run {
    /* output NULL or "-": rows on stdout; FILE.ndjson: rows; else a folder that is not there yet, a
     * dataset of them. */
    struct mm_run_options run;
    enum mm_dataset_format dataset_format;
    const struct mm_key_source *keys; /* NULL: --keys none */
    struct mm_verify_options verify;
    bool require_pass;
    enum mm_row_format format;
    const char *authserv_id; /* rows say the Authentication-Results field; NULL: they do not */
    /* TREE, MAILDIR: run.output is a folder that gets the messages, that field on top and those
     * that claim to be from authserv_id left out; rows go to stdout. */
    enum mm_message_sink sink;
};

struct mm_reports_run {
    struct mm_run_options run; /* output: the dataset, a folder that is not there yet */
    enum mm_dataset_format format;
    bool append;     /* to the dataset, where there is one: MM_DATASET_PARQUET */
    bool split_days; /* a record of several days becomes a row for each */
    bool subjects;   /* tell the subjects of mails that were complained about */
    const char
        *redact_key; /* file of a key: local parts of addresses are hashed; NULL: they stay */
    uint32_t row_group_rows; /* of Parquet; 0: 128 Ki, what readers like best */
    uint32_t page_bytes;     /* likewise, of values before compression; 0: 1 MiB or less */
};

/* The keys that a pile of mail needs, collected into a file. */
struct mm_zone_run {
    struct mm_run_options run;        /* output NULL or "-": stdout */
    const struct mm_key_source *keys; /* where the records come from */
    uint32_t max_signatures;          /* as verify looks at; 0: MM_MAX_SIGNATURES_DEFAULT */
    int64_t now;                      /* which of dated records; the time that lines tell */
    bool master_file;                 /* RFC 1035; else recorded answers, a line of JSON a name */
};

/* Names asked for, and what came: names is the sum of the others. */
struct mm_zone_counts {
    uint64_t names;
    uint64_t found;      /* with a record, or several */
    uint64_t none;       /* the answer is that there is none */
    uint64_t unanswered; /* SERVFAIL, or no answer in time */
    uint64_t unknown;    /* files do not hold the name: nothing is written of it */
};

/*
 * Run. What can be refused is refused before the first output byte: MM_E_ARG (usage), MM_E_EXISTS,
 * MM_E_PERM, MM_E_IO … with words in err, and end->exit_code is set to fit in any case.
 * Returns MM_OK when the run came to its end, whatever the verdicts; end->exit_code says how.
 */
MM_API enum mm_status mm_run_sign(const struct mm_sign_run *job, struct mm_run_end *end,
                                  struct mm_error *err) MM_MUST_CHECK;
MM_API enum mm_status mm_run_verify(const struct mm_verify_run *job, struct mm_run_end *end,
                                    struct mm_error *err) MM_MUST_CHECK;

/*
 * Read every report in the sources into a dataset: DMARC aggregate and failure reports, TLS
 * reports, complaints, bounces. Exit code 1 where one was damaged, or where there was none at all.
 */
MM_API enum mm_status mm_run_reports(const struct mm_reports_run *job, struct mm_run_end *end,
                                     struct mm_error *err) MM_MUST_CHECK;

/*
 * Explain the verdicts on one message, named as for mm_run_extract(): fields, keys, what is hashed,
 * each rule, and what may have changed on the way. MM_ROWS_NDJSON: one JSON object; the others:
 * text for a person. run->output is NULL or "-". The exit code is that of a run over this message.
 */
MM_API enum mm_status mm_run_explain(const struct mm_verify_run *job, struct mm_run_end *end,
                                     struct mm_error *err) MM_MUST_CHECK;

/*
 * Write the bytes of one message as verify reads it: cut out of its mbox, quoting undone. Its name
 * is run->sources[0]: PATH, PATH!OFFSET as rows have it, or "-". run->output is FILE.eml, NULL or
 * "-". MM_E_ARG also where no message begins at the offset: those near it are in err.
 */
MM_API enum mm_status mm_run_extract(const struct mm_run_options *run, struct mm_run_end *end,
                                     struct mm_error *err) MM_MUST_CHECK;

/* Every message read counts as extracted. Exit code 1 where a message was rejected, or a name got
 * no answer. */
MM_API enum mm_status mm_run_zone(const struct mm_zone_run *job, struct mm_zone_counts *counts,
                                  struct mm_run_end *end, struct mm_error *err) MM_MUST_CHECK;

/*
 * A file that is to be written beside the output: MM_E_ARG where it is the output, a source, or the
 * list of sources, or lies in a folder that is a source. A run asks so for its list of rejects.
 *
 * option   what names the file, for the text.
 */
MM_API enum mm_status mm_run_check_written(const struct mm_run_options *run, const char *option,
                                           const char *path, struct mm_error *err) MM_MUST_CHECK;

/* Ask the run of this process to finish its batches, commit and end (exit code 75). Safe to call
 * from a signal handler. */
MM_API void mm_run_stop(void);

/* One line for each of: library versions, CPU features, the backend of each kernel, io_uring here
 * or why not. `line` is called for "name", "value". */
MM_API void mm_describe(void (*line)(void *context, const char *name, const char *value),
                        void *context);

/* Escape for one line of a terminal: printable UTF-8 stays, all else becomes \xNN. Writes at most
 * cap - 1 bytes and a NUL; returns the length. */
MM_API size_t mm_escape_line(struct mm_view text, char *out, size_t cap);
/* One argument as a shell reads it back: bare, in single quotes, or as $'…' where bytes would not
 * survive a terminal. The same cap rule. */
MM_API size_t mm_escape_shell(struct mm_view text, char *out, size_t cap);
/* A JSON string with quotes, as rows have it; where it does not fit, nothing. */
MM_API size_t mm_escape_json(struct mm_view text, char *out, size_t cap);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_RUN_H */
