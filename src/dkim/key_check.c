/*
 * key_check.c - is a key published as it must be?
 * SPDX-License-Identifier: Apache-2.0
 *
 * A verifier stops at the first fault; who publishes a record wants to know them all. So each
 * record is judged whole, in the words that verify has for the same fault.
 */
#include "dkim/key_check.h"

#include <assert.h>

#include "dkim/key_choice.h"
#include "dkim/tag_list.h"

void mm_key_finding_add(struct mm_key_findings *findings, struct mm_key_finding finding)
{
    assert(findings->count < MM_COUNT(findings->list));
    findings->list[findings->count++] = finding;
    findings->fault_count += !finding.is_warning;
}

/* One record of the answer, and where its findings go. */
struct judged {
    struct mm_key_findings *findings;
    struct mm_view text;
    size_t index;
};

static void add(const struct judged *j, const char *slug, const char *text, size_t offset)
{
    mm_key_finding_add(j->findings, (struct mm_key_finding){.slug = slug,
                                                            .text = text,
                                                            .is_of_record = true,
                                                            .record = j->index,
                                                            .offset = offset});
}

static void add_reason(const struct judged *j, enum mm_reason reason, size_t offset)
{
    add(j, mm_reason_slug(reason), mm_reason_text(reason), offset);
}

/* Where the value of a tag stands; the tag is there. */
static size_t place_of(const struct judged *j, const char *name)
{
    struct mm_tag_list tags;
    const struct mm_tag *tag = NULL;
    if (mm_tag_list_parse(j->text, &tags) == MM_OK)
        tag = mm_tag_find(&tags, mm_view_of(name));
    return tag && tag->value.data ? (size_t)(tag->value.data - j->text.data) : 0;
}

static bool is_same_key(const struct mm_public_key *a, const struct mm_public_key *b)
{
    uint8_t x[32], y[32];
    mm_public_key_fingerprint(a, x);
    mm_public_key_fingerprint(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

/* What is wrong with the key that the record holds, if it holds one. */
static void judge_key(const struct judged *j, const struct mm_key_record *r,
                      const struct mm_public_key *key)
{
    bool other_type = r->type_known && key && mm_public_key_type(key) != r->type;
    if (other_type && (r->fault == MM_REASON_NONE || r->fault == MM_REASON_KEY_DATA))
        add_reason(j, MM_REASON_KEY_TYPE, place_of(j, "k"));
    else if (r->fault != MM_REASON_NONE)
        add_reason(j, r->fault, r->fault_offset);
    else if (key && !is_same_key(key, r->key))
        add(j, "key-mismatch", "p= is another key than the one that signs", place_of(j, "p"));
    if (r->key && mm_public_key_type(r->key) == MM_KEY_RSA &&
        mm_public_key_bits(r->key) < MM_RSA_STRICT_BITS)
        add_reason(j, MM_REASON_KEY_TOO_SHORT, place_of(j, "p"));
}

static void judge_limits(const struct judged *j, const struct mm_key_record *r)
{
    if (!r->allows_sha256)
        add_reason(j, MM_REASON_KEY_HASH, place_of(j, "h"));
    if (!r->allows_email)
        add_reason(j, MM_REASON_KEY_SERVICE, place_of(j, "s"));
    if (!r->testing)
        return;
    mm_key_finding_add(
        j->findings,
        (struct mm_key_finding){.slug = "key-testing",
                                .text = "t=y tells receivers to treat the mail as if it were not "
                                        "signed (RFC 6376 section 3.6.1)",
                                .is_warning = true,
                                .is_of_record = true,
                                .record = j->index,
                                .offset = place_of(j, "t")});
}

static enum mm_status judge_record(const struct judged *j, const struct mm_public_key *key)
{
    struct mm_key_record r;
    size_t at;
    MM_TRY(mm_key_record_parse(j->text, &r));
    if (mm_key_record_runs_on(j->text, &at))
        add(j, "missing-semicolon",
            "a tag begins inside the value of another: there is no ';' before it (RFC 6376 section "
            "3.2)",
            at);
    judge_key(j, &r, key);
    if (r.fault != MM_REASON_KEY_EMPTY_RECORD && r.fault != MM_REASON_KEY_SYNTAX)
        judge_limits(j, &r);
    mm_key_record_deinit(&r);
    return MM_OK;
}

enum mm_status mm_key_check_answer(const struct mm_txt_answer *answer,
                                   const struct mm_public_key *key,
                                   struct mm_key_findings *findings)
{
    enum mm_reason none = mm_key_answer_judge(answer);
    if (none != MM_REASON_NONE)
        mm_key_finding_add(findings, (struct mm_key_finding){.slug = mm_reason_slug(none),
                                                             .text = mm_reason_text(none),
                                                             .offset = UINT64_MAX});
    if (answer->record_count > 1)
        mm_key_finding_add(
            findings,
            (struct mm_key_finding){.slug = "several-records",
                                    .text = "the name has several records: which one a receiver "
                                            "takes is undefined (RFC 6376 section 3.6.2.2)",
                                    .offset = UINT64_MAX});
    if (answer->long_string)
        mm_key_finding_add(
            findings,
            (struct mm_key_finding){.slug = "string-too-long",
                                    .text = "a string of more than 255 bytes in the zone file: "
                                            "name servers refuse it (RFC 1035 section 3.3)",
                                    .is_warning = true,
                                    .offset = UINT64_MAX});
    for (size_t i = 0; none == MM_REASON_NONE && i < answer->record_count; i++) {
        const struct judged j = {.findings = findings, .text = answer->records[i], .index = i};
        MM_TRY(judge_record(&j, key));
    }
    return MM_OK;
}
