/*
 * dmarc_report.h - a DMARC aggregate report, from the bytes of its XML document to typed values.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One code path reads both shapes: RFC 7489 appendix C and RFC 9990. Elements are known by their
 * local name, whatever their namespace, prefix and order; what is not known is stepped over.
 *
 * A text that is absent is a view whose data is NULL; one that is empty has data and no length.
 * All texts are valid UTF-8 without control characters but tab and line end, trimmed of white space
 * around them, entities decoded once. They borrow the document or the arena, and so live as long as
 * both. Numbers never pass through floating point.
 */
#ifndef MM_REPORT_DMARC_REPORT_H
#define MM_REPORT_DMARC_REPORT_H

#include "report/report_fault.h"
#include "report/row_value.h"
#include "text/xml_shapes.h"

enum mm_dmarc_word {
    MM_DMARC_ABSENT, /* no element, or an empty one where that says nothing */
    MM_DMARC_OTHER,  /* a word that is not allowed there: see the text */
#define MM_DMARC_WORD(name, text) MM_DMARC_##name,
#include "report/dmarc_words.def"
#undef MM_DMARC_WORD
    MM_DMARC_WORD_COUNT
};
/* The word in small letters, "other" for MM_DMARC_OTHER; data NULL for MM_DMARC_ABSENT. */
struct mm_view mm_dmarc_word_text(enum mm_dmarc_word word);

/* A word out of a list, and what was written: "Pass" is MM_DMARC_PASS, "hardfail" MM_DMARC_FAIL. */
struct mm_dmarc_value {
    struct mm_view raw; /* data NULL where there is no element */
    enum mm_dmarc_word word;
};

enum mm_dmarc_flag {
#define MM_DMARC_FLAG(name, word, meaning) MM_DMARC_FLAG_##name,
#include "report/dmarc_flags.def"
#undef MM_DMARC_FLAG
    MM_DMARC_FLAG_COUNT
};
#define MM_DMARC_FLAG_BIT(flag) ((uint64_t)1 << (flag))
/* The word of the column `flags`. */
const char *mm_dmarc_flag_word(enum mm_dmarc_flag flag);

struct mm_dmarc_dkim {
    struct mm_view domain;   /* as in `header_from` below */
    struct mm_view selector; /* verbatim */
    struct mm_dmarc_value result;
    struct mm_view human_result;
};

struct mm_dmarc_spf {
    struct mm_view domain; /* absent or empty is kept: a HELO without a name has none */
    struct mm_dmarc_value scope, result;
    struct mm_view human_result;
};

struct mm_dmarc_reason {
    struct mm_dmarc_value type;
    struct mm_view comment;
};

struct mm_dmarc_record {
    struct mm_ip source_ip;
    struct mm_view source_ip_text; /* RFC 5952 form; as written where it is no address */
    struct mm_view source_ip_raw;  /* as written */
    int64_t count;                 /* messages: 0..MM_DMARC_COUNT_MAX */
    struct mm_dmarc_value disposition;
    struct mm_dmarc_value dkim, spf; /* of policy_evaluated: aligned or not, as reported */
    struct mm_dmarc_reason *reasons; /* [reason_count], in the report's order, as the next two */
    struct mm_dmarc_dkim *dkim_results;
    struct mm_dmarc_spf *spf_results;
    uint32_t reason_count, dkim_count, spf_count;
    uint32_t first_reason, first_dkim, first_spf; /* of all of the report's */
    /* The first record that is known to differ from this one in address, count, place and what
     * `flags` say of these alone: it has the same results and reasons. Mostly the record itself. */
    uint32_t like;
    /* Domains: in small letters, no dot at the end, U-labels as A-labels; of what has an '@' in it
     * only what stands behind the last one. An empty envelope_from is the null sender. */
    struct mm_view header_from, envelope_from, envelope_to;
    uint64_t flags;  /* MM_DMARC_FLAG_BIT() of those of a record */
    uint64_t offset; /* of its start tag, in the document as it was given */
};

static inline bool mm_dmarc_dkim_aligned(const struct mm_dmarc_record *record)
{
    return record->dkim.word == MM_DMARC_PASS;
}

static inline bool mm_dmarc_spf_aligned(const struct mm_dmarc_record *record)
{
    return record->spf.word == MM_DMARC_PASS;
}

/* RFC 9989 section 5.3.4: either of them is enough. */
static inline bool mm_dmarc_pass(const struct mm_dmarc_record *record)
{
    return mm_dmarc_dkim_aligned(record) || mm_dmarc_spf_aligned(record);
}

/* Why a record was left out. */
enum mm_dmarc_skip_reason {
#define MM_DMARC_SKIP(name, slug, words) MM_DMARC_SKIP_##name,
#include "report/dmarc_skips.def"
#undef MM_DMARC_SKIP
};
/* The slug of the column `reason`, and words for a person. */
const char *mm_dmarc_skip_slug(enum mm_dmarc_skip_reason reason);
const char *mm_dmarc_skip_words(enum mm_dmarc_skip_reason reason);

struct mm_dmarc_skip {
    enum mm_dmarc_skip_reason reason;
    uint64_t offset; /* of the record's start tag */
};

enum mm_dmarc_shape {
    MM_DMARC_RFC7489,
    MM_DMARC_RFC9990 /* its namespace, or any element that RFC 7489 does not have */
};

struct mm_dmarc_report {
    /* report_metadata */
    struct mm_view org_name; /* where empty: guessed (flag), or absent */
    struct mm_view org_email, extra_contact_info, generator;
    struct mm_view report_id;     /* without angle brackets around it; absent where empty */
    struct mm_view report_id_raw; /* as written */
    int64_t begin_time, end_time; /* seconds since 1970 UTC, 0..MM_DMARC_TIME_MAX, as reported */
    struct mm_text_list errors;

    /* policy_published: what is absent stays absent, no default is filled in. */
    struct mm_view policy_domain; /* as `header_from`; absent where empty */
    struct mm_dmarc_value p, sp, np, adkim, aspf, testing, discovery_method;
    struct mm_view fo;
    int32_t pct; /* 0..100, MM_NO_NUMBER where absent or no number */

    struct mm_view xml_namespace; /* URI of `feedback`, absent where it has none */
    struct mm_view xml_version;   /* element `version`, verbatim */
    enum mm_dmarc_shape shape;

    struct mm_dmarc_record *records; /* [record_count], in the report's order */
    uint32_t record_count;
    uint32_t skipped_count;      /* records left out */
    struct mm_dmarc_skip *skips; /* the first of them: up to MM_DMARC_SKIPS_MAX */
    /* Sums of `count` over the records. */
    int64_t message_count, dkim_aligned_count, spf_aligned_count, dmarc_pass_count;

    uint64_t flags;          /* MM_DMARC_FLAG_BIT() of those of the document and the report */
    uint64_t record_flags;   /* all flags of all its records */
    uint64_t replaced_count; /* characters U+FFFD that stand for bytes that were no text */
    uint64_t report_key;   /* XXH3-64 of org_name, report_id, policy_domain, begin, end: to find it
                              again, no matter of trust (the dataset's is another) */
    uint64_t content_hash; /* XXH3-64 of all values above and of the records in their order:
                              the same for the same report in another wrapping */
};

enum {
    /* Largest known reports have some 30,000 records (a provider's report of 900,000 lines). */
    MM_DMARC_RECORDS_MAX = 262144,
    /* RFC 9990 asks reporters for at most 100 DKIM results a row. */
    MM_DMARC_PARTS_MAX = 1000,
    MM_DMARC_SKIPS_MAX = 16 /* named; the others are counted */
};
/* The sum over the most records of the largest value fits 63 bits. */
#define MM_DMARC_COUNT_MAX (INT64_MAX / MM_DMARC_RECORDS_MAX)
/* 9999-12-31T23:59:59Z: the last moment that readers of dates agree on. */
#define MM_DMARC_TIME_MAX ((int64_t)253402300799)

/*
 * Read one document.
 *
 * document  the XML, inflated, in its own encoding; borrowed by the report.
 * hints     what is known of it besides; may be NULL. Only an empty org_name is taken from there.
 * shapes    of the records of reports before this one, which make this one's cheaper and its values
 *           no other; may be NULL.
 * arena     holds the records and what is not borrowed: at most some ten times the document.
 * report    [out] filled on MM_OK.
 * fault     [out] filled on MM_E_SYNTAX and MM_E_LIMIT.
 * Returns   MM_OK, also for a report without records and for one that was salvaged from a damaged
 *           document (flags say so); MM_E_SYNTAX where there is no report; MM_E_LIMIT where one of
 *           the limits above or of text/xml_pull.h is passed; MM_E_NOMEM.
 * Cost      linear in the document, which is read twice where it is not well-formed.
 * Source    RFC 7489 section 7.2 and appendix C; RFC 9990 section 3.
 */
enum mm_status mm_dmarc_parse(struct mm_view document, const struct mm_report_hints *hints,
                              struct mm_xml_shapes *shapes, struct mm_arena *arena,
                              struct mm_dmarc_report *report,
                              struct mm_report_fault *fault) MM_MUST_CHECK;

#endif /* MM_REPORT_DMARC_REPORT_H */
