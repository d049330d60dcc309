/*
 * test_corpus_notices.c - bounces, complaints and failure reports of the corpus say what was
 * agreed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts of the table must hold but for the deviations that are listed and argued here; one that no
 * longer deviates fails, so that the list stays true. Reasons and classes must be those of the
 * labels for 95 in 100 recipients, and none is hard where the label is not. The confusion matrix is
 * printed. Without the corpus the tests end at once.
 */
#include "mail/date.h"
#include "report/arf.h"
#include "report/bounce.h"
#include "support/mm_test.h"
#include "text/json_pull.h"

enum { ROWS_MAX = 4000, REASONS_MAX = 64, ARENA_BYTES = 256 * 1024 * 1024 };

/* Files whose facts are not met, and why that is right. */
static const struct {
    const char *file, *why;
} deviations[] = {
    {"dsn/crisp/empty.txt", "no byte: RFC 5322 section 3.6 asks for From and Date at least"},
    {"dsn/sisimai/mbox/size-2", "two digits: likewise"},
    {"dsn/sisimai/err/make-test-36.eml",
     "a person forwards a notice as quoted text: RFC 3464 section 2 makes a notice a report of a "
     "mail system"},
    {"dsn/sisimai/bsd/rhost-aol-03.eml",
     "two Final-Recipient fields without the empty line of RFC 3464 section 2.1 are two "
     "recipients, "
     "as the labels of the same row say; the count took them for one"},
};

struct row {
    const char *file, *kind, *verdict, *facts;
};

struct corpus {
    const char *folder;
    char *text;
    struct row rows[ROWS_MAX];
    size_t row_count;
    bool deviated[MM_COUNT(deviations)];
    unsigned differences; /* of files that are not listed */
    struct mm_bounce_rules *rules;
    struct mm_bounce_matcher *matcher;
    /* labels against answers */
    char reasons[REASONS_MAX][24];
    unsigned reason_count, matrix[REASONS_MAX][REASONS_MAX];
    unsigned labels, reasons_right, hard_right, hard_wrongly;
};

static struct corpus *corpus;

/* ---- the table ---- */

static int open_corpus(void **state)
{
    (void)state;
    const char *folder = mm_test_corpus();
    if (!folder)
        return 0;
    char path[1024];
    corpus = calloc(1, sizeof *corpus);
    corpus->folder = folder;
    snprintf(path, sizeof path, "%s/reports/expected.tsv", folder);
    FILE *there = fopen(path, "r");
    if (!there) {
        free(corpus);
        corpus = NULL;
        return 0;
    }
    fclose(there);
    struct mm_view table = mm_test_read_file(path);
    corpus->text = (char *)table.data;
    for (char *line = corpus->text, *next; line && *line; line = next) {
        char *fields[8] = {0};
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (mm_test_split_tabs(line, fields, MM_COUNT(fields)) < 6 ||
            strcmp(fields[0], "file") == 0)
            continue;
        assert_true(corpus->row_count < ROWS_MAX);
        corpus->rows[corpus->row_count++] =
            (struct row){fields[0], fields[3], fields[4], fields[5]};
    }
    return mm_bounce_rules_new(&corpus->rules, mm_bounce_rules_builtin(), NULL) != MM_OK ||
           mm_bounce_matcher_new(&corpus->matcher, corpus->rules) != MM_OK;
}

static int close_corpus(void **state)
{
    (void)state;
    if (corpus) {
        mm_bounce_matcher_free(&corpus->matcher);
        mm_bounce_rules_free(&corpus->rules);
        free(corpus->text);
        free(corpus);
    }
    return 0;
}

/* A file on the list of deviations may differ; any other is counted, and fails in the end. */
static void differs(const struct row *row, const char *fact, struct mm_view got,
                    struct mm_view want)
{
    for (size_t i = 0; i < MM_COUNT(deviations); i++) {
        if (strcmp(deviations[i].file, row->file) == 0) {
            corpus->deviated[i] = true;
            return;
        }
    }
    print_message("# %s: %s is '%.*s', the table says '%.*s'\n", row->file, fact, (int)got.len,
                  got.data ? got.data : "", (int)want.len, want.data ? want.data : "");
    corpus->differences++;
}

/* ---- facts: one JSON object ---- */

/* Text of a member of the object that begins at `json`; false where it has none. The text is
 * unescaped into `out`. */
static bool fact_of(struct mm_view json, const char *name, char *out, size_t cap)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    mm_json_pull_init(&p, json);
    if (mm_json_pull_next(&p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
        return false;
    while (mm_json_pull_next(&p, &token) == MM_OK && token.kind == MM_JSON_NAME) {
        bool wanted = mm_view_eq(token.text, mm_view_of(name));
        if (!wanted) {
            assert_int_equal(mm_json_pull_skip(&p), MM_OK);
            continue;
        }
        assert_int_equal(mm_json_pull_next(&p, &token), MM_OK);
        if (token.kind == MM_JSON_TRUE || token.kind == MM_JSON_FALSE) {
            snprintf(out, cap, "%s", token.kind == MM_JSON_TRUE ? "true" : "false");
            return true;
        }
        assert_true(token.text.len < cap);
        size_t len = token.kind == MM_JSON_STRING ? mm_json_unescape(token.text, false, out)
                                                  : token.text.len;
        if (token.kind != MM_JSON_STRING)
            memcpy(out, token.text.data, len);
        out[len] = '\0';
        return true;
    }
    return false;
}

/* The objects of the list that a member is, one after the other: NULL data at the end. */
static struct mm_view label_at(struct mm_view json, const char *name, uint32_t index)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    mm_json_pull_init(&p, json);
    if (mm_json_pull_next(&p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
        return (struct mm_view){NULL, 0};
    while (mm_json_pull_next(&p, &token) == MM_OK && token.kind == MM_JSON_NAME) {
        if (!mm_view_eq(token.text, mm_view_of(name))) {
            assert_int_equal(mm_json_pull_skip(&p), MM_OK);
            continue;
        }
        assert_int_equal(mm_json_pull_next(&p, &token), MM_OK);
        for (uint32_t i = 0;; i++) {
            struct mm_json_pull before = p;
            if (mm_json_pull_next(&p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
                return (struct mm_view){NULL, 0};
            size_t from = token.offset;
            p = before;
            assert_int_equal(mm_json_pull_skip(&p), MM_OK);
            if (i == index)
                return mm_view_sub(json, from, p.at - from);
        }
    }
    return (struct mm_view){NULL, 0};
}

static struct mm_view without_angles(struct mm_view text)
{
    if (text.len >= 2 && text.data[0] == '<' && text.data[text.len - 1] == '>')
        return mm_view_sub(text, 1, text.len - 2);
    return text;
}

/* The table has the field as it is written: with one bracket where the other is missing. */
static struct mm_view without_last_angle(struct mm_view text)
{
    if (text.len && text.data[text.len - 1] == '>' && !memchr(text.data, '<', text.len))
        text.len--;
    return text;
}

/* ---- one mail ---- */

struct mail {
    struct mm_view bytes;
    struct mm_arena arena;
    struct mm_mime mime;
};

static struct mail *open_mail(const struct row *row)
{
    struct mail *m = calloc(1, sizeof *m);
    char path[1024];
    snprintf(path, sizeof path, "%s/reports/%s", corpus->folder, row->file);
    m->bytes = mm_test_read_file(path);
    mm_arena_init(&m->arena, ARENA_BYTES);
    assert_int_equal(mm_mime_walk(&m->mime, m->bytes, &m->arena), MM_OK);
    return m;
}

static void close_mail(struct mail *m)
{
    mm_arena_deinit(&m->arena);
    free((char *)m->bytes.data);
    free(m);
}

/* ---- bounces ---- */

/* "rfc822; <a@b>" or "550 5.1.1 …": what the table has, without its type and its end, which it
 * cuts. */
static void check_field(const struct row *row, const char *name, struct mm_view got)
{
    char want[4096];
    struct mm_view facts = mm_view_of(row->facts), value, head;
    if (!fact_of(facts, name, want, sizeof want))
        return;
    value = mm_view_of(want);
    bool typed = strncmp(name, "status", 6) != 0 && strncmp(name, "action", 6) != 0;
    if (typed && mm_view_cut(value, ';', &head, &value) && memchr(head.data, ' ', head.len))
        value = mm_view_of(want); /* no type, but words */
    value = without_angles(mm_view_trim_fws(typed && !value.data ? mm_view_of(want) : value));
    if (strncmp(name, "final_recipient", 15) == 0)
        value = without_last_angle(value);
    bool same = strncmp(name, "diagnostic", 10) == 0 ? mm_view_starts(got, value) || got.len >= 2048
                                                     : mm_view_eq_nocase(got, value);
    if (!same)
        differs(row, name, got, value);
}

static void check_facts(const struct row *row, const struct mm_notice *notice)
{
    char text[4096];
    struct mm_view facts = mm_view_of(row->facts);
    if (fact_of(facts, "recipients", text, sizeof text)) {
        char count[16];
        snprintf(count, sizeof count, "%u", notice->row_count);
        if (strcmp(count, text) != 0)
            differs(row, "recipients", mm_view_of(count), mm_view_of(text));
    }
    for (uint32_t i = 0; i < notice->row_count && i < 4; i++) {
        const struct mm_bounce *b = &notice->rows[i];
        snprintf(text, sizeof text, "action.%u", i);
        check_field(row, text, b->action);
        snprintf(text, sizeof text, "status.%u", i);
        check_field(row, text, b->status);
        snprintf(text, sizeof text, "final_recipient.%u", i);
        check_field(row, text, b->final_recipient);
        snprintf(text, sizeof text, "original_recipient.%u", i);
        check_field(row, text, b->original_recipient);
        snprintf(text, sizeof text, "diagnostic.%u", i);
        check_field(row, text, b->diagnostic_code);
    }
}

static unsigned reason_index(struct mm_view reason)
{
    unsigned i = 0;
    while (i < corpus->reason_count && !mm_view_eq(mm_view_of(corpus->reasons[i]), reason))
        i++;
    if (i == corpus->reason_count) {
        assert_true(i < REASONS_MAX && reason.len < sizeof corpus->reasons[0]);
        memcpy(corpus->reasons[i], reason.data, reason.len);
        corpus->reason_count++;
    }
    return i;
}

static void count_label(const struct row *row, struct mm_view want, bool want_hard,
                        const struct mm_bounce *got)
{
    struct mm_view reason = got ? got->reason : MM_VIEW("no-row");
    bool hard = got && got->bounce_class == MM_BOUNCE_HARD;
    corpus->labels++;
    corpus->matrix[reason_index(want)][reason_index(reason)]++;
    corpus->reasons_right += mm_view_eq(want, reason);
    corpus->hard_right += hard == want_hard;
    if (hard && !want_hard) {
        corpus->hard_wrongly++;
        print_message("# hard, but not by its label: %s\n", row->file);
    }
    if (got && !got->rule_id.data && got->bounce_class == MM_BOUNCE_HARD)
        fail_msg("%s: hard without a rule", row->file);
}

static void check_labels(const struct row *row, const struct mm_notice *notice)
{
    char reason[64], hard[16];
    struct mm_view label;
    for (uint32_t i = 0; (label = label_at(mm_view_of(row->facts), "sisimai", i)).data; i++) {
        if (!fact_of(label, "reason", reason, sizeof reason) ||
            !fact_of(label, "hard", hard, sizeof hard))
            continue;
        count_label(row, mm_view_of(reason), strcmp(hard, "true") == 0,
                    i < notice->row_count ? &notice->rows[i] : NULL);
    }
}

/* Labels of the other peer: a word and whether it is for good. */
static void check_class(const struct row *row, const struct mm_notice *notice)
{
    char word[64], permanent[16], want[512];
    struct mm_view facts = mm_view_of(row->facts);
    if (!fact_of(facts, "permanent", permanent, sizeof permanent))
        return;
    const struct mm_bounce *b = &notice->rows[0];
    if (fact_of(facts, "recipient", want, sizeof want) &&
        !mm_view_eq_nocase(b->final_recipient, mm_view_of(want)))
        differs(row, "recipient", b->final_recipient, mm_view_of(want));
    if (!fact_of(facts, "class", word, sizeof word))
        return;
    bool may_be_hard = permanent[0] == 't' && (strcmp(word, "no_such_recipient") == 0 ||
                                               strncmp(word, "recipient_disabled", 18) == 0);
    if (b->bounce_class == MM_BOUNCE_HARD && !may_be_hard)
        differs(row, "class", MM_VIEW("hard"), mm_view_of(word));
}

static void check_notice(const struct row *row, const struct mm_notice *notice)
{
    bool is_report = strcmp(row->verdict, "not-report") != 0;
    const char *kind = mm_notice_kind_word(notice->kind);
    if (is_report != (notice->kind == MM_NOTICE_BOUNCE)) {
        differs(row, "kind", mm_view_of(kind), mm_view_of(row->verdict));
        return;
    }
    if (strcmp(row->kind, "auto-reply") == 0)
        MM_CHECK_INT(row->file, notice->kind, MM_NOTICE_AUTO_REPLY);
    if (!is_report)
        return;
    check_facts(row, notice);
    check_labels(row, notice);
    check_class(row, notice);
}

static bool is_notice(const struct row *row)
{
    char messages[16];
    static const char *const kinds[] = {"dsn", "bounce-text", "auto-reply", "other"};
    bool wanted = false;
    for (size_t i = 0; i < MM_COUNT(kinds); i++)
        wanted = wanted || strcmp(row->kind, kinds[i]) == 0;
    /* A container of messages is cut before it comes here; damaged ones have no facts. */
    return wanted && strcmp(row->verdict, "reject") != 0 &&
           !fact_of(mm_view_of(row->facts), "messages", messages, sizeof messages);
}

static void print_matrix(void)
{
    for (unsigned want = 0; want < corpus->reason_count; want++) {
        unsigned total = 0;
        for (unsigned got = 0; got < corpus->reason_count; got++)
            total += corpus->matrix[want][got];
        if (total)
            print_message("# %-16s %4u:", corpus->reasons[want], total);
        for (unsigned got = 0; got < corpus->reason_count; got++)
            if (corpus->matrix[want][got])
                print_message(" %s %u", got == want ? "right" : corpus->reasons[got],
                              corpus->matrix[want][got]);
        if (total)
            print_message("\n");
    }
    print_message("# %u labels: reason right %u, hard or not right %u, hard wrongly %u\n",
                  corpus->labels, corpus->reasons_right, corpus->hard_right, corpus->hard_wrongly);
}

static void bounces_say_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; corpus && i < corpus->row_count; i++) {
        const struct row *row = &corpus->rows[i];
        if (!is_notice(row))
            continue;
        struct mail *m = open_mail(row);
        struct mm_notice notice;
        MM_CHECK_INT(row->file, mm_bounce_read(corpus->matcher, &m->mime, &m->arena, &notice),
                     MM_OK);
        check_notice(row, &notice);
        close_mail(m);
    }
    assert_int_equal(corpus ? corpus->differences : 0, 0);
}

static void reasons_and_classes_are_those_of_the_labels(void **state)
{
    (void)state;
    if (!corpus)
        return;
    print_matrix();
    assert_true(corpus->labels > 400);
    assert_true(corpus->reasons_right * 100 >= corpus->labels * 95);
    assert_true(corpus->hard_right * 100 >= corpus->labels * 95);
    assert_int_equal(corpus->hard_wrongly, 0);
}

static void each_deviation_still_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; corpus && i < MM_COUNT(deviations); i++)
        MM_CHECK_TRUE(deviations[i].file, corpus->deviated[i]);
}

/* ---- feedback ---- */

static void check_text(const struct row *row, const char *name, struct mm_view got)
{
    char want[4096];
    if (!fact_of(mm_view_of(row->facts), name, want, sizeof want))
        return;
    if (!mm_view_eq_nocase(without_angles(got), without_angles(mm_view_of(want))))
        differs(row, name, got, mm_view_of(want));
}

/* "a | b" */
static void check_list(const struct row *row, const char *name, const struct mm_text_list *got)
{
    char want[4096];
    uint32_t at = 0;
    if (!fact_of(mm_view_of(row->facts), name, want, sizeof want))
        return;
    bool by_comma = strcmp(name, "identity-alignment") == 0 || strcmp(name, "auth-failure") == 0;
    for (struct mm_view rest = mm_view_of(want), item; rest.len; at++) {
        mm_view_cut(rest, by_comma ? ',' : '|', &item, &rest);
        item = without_angles(mm_view_trim_wsp(item));
        if (at >= got->count || !mm_view_eq_nocase(got->items[at], item))
            differs(row, name, at < got->count ? got->items[at] : MM_VIEW(""), item);
    }
    MM_CHECK_INT(row->file, got->count, at);
}

static void check_feedback(const struct row *row, const struct mm_arf_report *r)
{
    char text[4096], date[256];
    check_text(row, "feedback-type", r->feedback_type);
    check_text(row, "user-agent", r->user_agent);
    check_text(row, "version", r->version);
    check_text(row, "source-ip", r->source_ip_text);
    check_text(row, "original-mail-from", r->original_mail_from);
    check_text(row, "delivery-result", r->delivery_result);
    check_text(row, "dkim-domain", r->dkim_domain);
    check_text(row, "embedded_message_id", r->sample_message_id);
    check_list(row, "original-rcpt-to", &r->original_rcpt_to);
    check_list(row, "reported-domain", &r->reported_domain);
    check_list(row, "identity-alignment", &r->identity_alignment);
    check_list(row, "auth-failure", &r->auth_failure);
    if (fact_of(mm_view_of(row->facts), "arrival-date", date, sizeof date) ||
        fact_of(mm_view_of(row->facts), "received-date", date, sizeof date)) {
        int64_t seconds = 0;
        assert_int_equal(mm_date_parse(mm_view_of(date), &seconds), MM_OK);
        MM_CHECK_INT(row->file, r->arrival_date, seconds);
    }
    /* A part that is there and has no field in it, "REDACTED", is no sample. */
    bool none = r->sample_kind == MM_ARF_SAMPLE_NONE;
    if (fact_of(mm_view_of(row->facts), "embedded_message_id", text, sizeof text))
        MM_CHECK_TRUE(row->file, !none);
    if (!none && fact_of(mm_view_of(row->facts), "embedded", text, sizeof text))
        MM_CHECK_TRUE(row->file, strcmp(text, "message/rfc822") == 0 ||
                                     r->sample_kind == MM_ARF_SAMPLE_HEADERS);
    struct mm_view label = label_at(mm_view_of(row->facts), "sisimai", 0);
    if (label.data && fact_of(label, "feedback_type", text, sizeof text))
        MM_CHECK_INT(row->file, r->kind,
                     strcmp(text, "opt-out") == 0        ? MM_ARF_OPT_OUT
                     : strcmp(text, "auth-failure") == 0 ? MM_ARF_AUTH_FAILURE
                                                         : MM_ARF_COMPLAINT);
    MM_CHECK_INT(row->file, r->kind == MM_ARF_AUTH_FAILURE,
                 strcmp(row->kind, "dmarc-failure") == 0);
}

static void feedback_says_what_the_table_says(void **state)
{
    (void)state;
    uint32_t reports = 0;
    for (size_t i = 0; corpus && i < corpus->row_count; i++) {
        const struct row *row = &corpus->rows[i];
        bool feedback = strcmp(row->kind, "arf") == 0 || strcmp(row->kind, "dmarc-failure") == 0;
        if (!feedback && !is_notice(row))
            continue;
        struct mail *m = open_mail(row);
        struct mm_arf_report report;
        MM_CHECK_INT(row->file, mm_arf_read(&m->mime, &m->arena, &report),
                     feedback ? MM_OK : MM_END);
        if (feedback)
            check_feedback(row, &report);
        reports += feedback;
        close_mail(m);
    }
    assert_int_equal(corpus ? corpus->differences : 0, 0);
    assert_int_equal(reports, corpus ? 27 : 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(bounces_say_what_the_table_says),
        MM_TEST(reasons_and_classes_are_those_of_the_labels),
        MM_TEST(feedback_says_what_the_table_says),
        MM_TEST(each_deviation_still_is_one),
    };
    return cmocka_run_group_tests(tests, open_corpus, close_corpus);
}
