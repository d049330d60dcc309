/*
 * test_dkim_key_check.c - all that is wrong with a published key, each with its place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_check.h"
#include "dkim/key_record.h"
#include "support/mm_test.h"

/* Public halves of tests/vectors/keys: 1024 bits, 512 bits, Ed25519. */
#define RSA                                                                                        \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCtbQtJNt+roPxq2kTM+sJidAGn+kQX9jvxU4rSW7zf+EcpwhmWI+"   \
    "zNLM7fCni0eGvjm194JuwLSyj4zIfBNHNRnEN6MVxQ9dOjh4gm+v82pRcg1tqVmB5QRu2GgXttGWdT349EtIX+"       \
    "XTa5zekZDqRXKqEPr9TUZgmxISCeHNcI8QIDAQAB"
#define RSA_512                                                                                    \
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK59xeH+qqeN1jxrPTUdyfRRi6BOGEFQidyHHTMZ+"                    \
    "PRzcg3wSLHu8fYGQqTsofBF7R4U0RzOKpyBH+atCtT6Sv8CAwEAAQ=="
#define ED25519 "v+mt+G0+x6ArgqSvRNeyQ15wZ0XjzqYaEmjn+wrCSxE="

static const struct {
    const char *label, *text, *findings; /* slug@offset, a blank between */
} one[] = {
    {"sound", "v=DKIM1; k=rsa; p=" RSA, ""},
    {"sound, all there is", "v=DKIM1; k=rsa; h=sha256; s=email; t=s; n=a b=c; p=" RSA, ""},
    {"testing", "v=DKIM1; t=s:y; p=" RSA, "key-testing@11"},
    {"other service and testing", "s=x; t=y; p=" RSA, "key-not-for-email@2 key-testing@7"},
    {"sha1 only", "v=DKIM1; h=sha1; p=" RSA, "key-hash-not-allowed@11"},
    {"revoked, and for another service", "s=x; p=", "key-revoked@5 key-not-for-email@2"},
    {"another key", "v=DKIM1; p=" RSA_512, "key-mismatch@11 key-too-short@11"},
    {"another type", "v=DKIM1; k=ed25519; p=" ED25519, "key-type-mismatch@11"},
    {"a type without its key", "v=DKIM1; k=ed25519; p=" RSA, "key-type-mismatch@11"},
    {"an unknown type", "v=DKIM1; k=dsa; p=" RSA, "key-type-mismatch@11"},
    {"a type left out", "v=DKIM1; p=" ED25519, "key-bad-data@11"},
    {"quotes", "\"v=DKIM1; p=" RSA "\"", "key-bad-tag-list@0"},
    {"backslash", "v=DKIM1\\; p=" RSA, "key-bad-version@2"},
    {"empty", "", "key-empty-record@0"},
    {"no ';' before p=", "v=DKIM1; k=rsa p=" RSA, "missing-semicolon@15 key-without-p@0"},
    {"no ';' before k=", "v=DKIM1 k=rsa; p=" RSA, "missing-semicolon@8 key-bad-version@2"},
    {"nor a blank", "v=DKIM1k=rsa; p=" RSA, "missing-semicolon@7 key-bad-version@2"},
    {"folded", "v=DKIM1; t=s\r\n\tp = " RSA, "missing-semicolon@15 key-without-p@0"},
    {"lost without harm", "t=s s=email; p=" RSA, "missing-semicolon@4"},
    {"behind p=", "p=" RSA " t=y", "missing-semicolon@219 key-bad-base64@220"},
    {"behind the '=' of p=", "k=ed25519; p=" ED25519 "t=y",
     "missing-semicolon@57 key-bad-base64@57"},
    {"before a fault of the list", "t=s s=email; p", "missing-semicolon@4 key-bad-tag-list@12"},
    {"'=' at the start of a value", "k==rsa; p=" RSA, "missing-semicolon@2 key-type-mismatch@2"},
};

static void text_of(const struct mm_key_findings *f, char *out, size_t cap)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < f->count; i++)
        len += (size_t)snprintf(out + len, cap - len, "%s%s@%lld", i ? " " : "", f->list[i].slug,
                                (long long)f->list[i].offset);
}

static struct mm_public_key *own_key(void)
{
    struct mm_key_record r;
    MM_CHECK_INT("own", mm_key_record_parse(MM_VIEW("p=" RSA), &r), MM_OK);
    return r.key;
}

static void key_check_finds_all_that_is_wrong_with_a_record(void **state)
{
    static struct mm_key_findings found;
    struct mm_public_key *own = own_key();
    char text[512];
    (void)state;
    for (size_t i = 0; i < MM_COUNT(one); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(one[i].text));
        const struct mm_txt_answer answer = {
            .status = MM_TXT_NOERROR, .records = &g.view, .record_count = 1};
        found.count = found.fault_count = 0;
        MM_CHECK_INT(one[i].label, mm_key_check_answer(&answer, own, &found), MM_OK);
        text_of(&found, text, sizeof text);
        MM_CHECK_VIEW(one[i].label, mm_view_of(text), mm_view_of(one[i].findings));
        mm_guard_free(&g);
    }
    mm_public_key_free(&own);
}

/* The most that an answer can have: every record with all that a record can have. */
static void key_check_has_room_for_the_worst_answer(void **state)
{
    static struct mm_key_findings found;
    struct mm_public_key *own = own_key();
    struct mm_view records[MM_TXT_RECORDS_MAX];
    (void)state;
    for (size_t i = 0; i < MM_COUNT(records); i++)
        records[i] = MM_VIEW("h=x s=; s=x; t=y; p=" RSA_512);
    const struct mm_txt_answer answer = {
        .status = MM_TXT_NOERROR, .records = records, .record_count = MM_COUNT(records)};
    mm_key_finding_add(&found, (struct mm_key_finding){.slug = "key-unusable", .text = ""});
    MM_CHECK_INT("check", mm_key_check_answer(&answer, own, &found), MM_OK);
    MM_CHECK_INT("findings", found.count, 2 + 6 * MM_TXT_RECORDS_MAX);
    MM_CHECK_INT("faults", found.fault_count, 2 + 5 * MM_TXT_RECORDS_MAX);
    MM_CHECK_TRUE("room", found.count <= MM_COUNT(found.list));
    mm_public_key_free(&own);
}

static void key_check_says_why_there_is_no_record(void **state)
{
    static const char *const slugs[] = {[MM_TXT_NXDOMAIN] = "no-key",
                                        [MM_TXT_NODATA] = "no-key",
                                        [MM_TXT_SERVFAIL] = "dns-servfail",
                                        [MM_TXT_TIMEOUT] = "dns-timeout",
                                        [MM_TXT_NOT_RECORDED] = "key-not-recorded"};
    static struct mm_key_findings found;
    (void)state;
    for (int status = MM_TXT_NXDOMAIN; status <= MM_TXT_NOT_RECORDED; status++) {
        const struct mm_txt_answer answer = {.status = (enum mm_txt_status)status};
        found.count = found.fault_count = 0;
        MM_CHECK_INT(slugs[status], mm_key_check_answer(&answer, NULL, &found), MM_OK);
        MM_CHECK_INT(slugs[status], found.count, 1);
        MM_CHECK_INT(slugs[status], found.fault_count, 1);
        MM_CHECK_VIEW("slug", mm_view_of(found.list[0].slug), mm_view_of(slugs[status]));
    }
}

MM_TEST_MAIN(MM_TEST(key_check_finds_all_that_is_wrong_with_a_record),
             MM_TEST(key_check_has_room_for_the_worst_answer),
             MM_TEST(key_check_says_why_there_is_no_record))
