/*
 * answers_overview.c - one look at everything: how much there is, and how much of it is well.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/verify_tables.h"
#include "summary/pivot_words.h"
#include "summary/questions.h"

/* clang-format off */

/* ---- sums over whole tables ---- */

enum { RUN_DAILY, RUN_DMARC, RUN_TLS_REPORTS, RUN_TLS, RUN_BOUNCES, RUN_ARF };
enum { HELD, BROKEN, SESSION_SUMS }; /* of TLS sessions, as they are shown */
enum { IS_DKIM = 1, IS_SPF = 2, IS_NONE = 4, IS_QUARANTINE = 8, IS_REJECT = 16 };
enum { MESSAGES, PASSED, DKIM_ALIGNED, SPF_ALIGNED, FAILED, LET_IN, QUARANTINED, REJECTED };

static const struct mm_query daily_total = {
    .schema = MM_REPORT_TABLE(DAILY),
    .tests = {{MM_TEST_TRUE, "dkim_aligned", NULL, NULL, 0}, {MM_TEST_TRUE, "spf_aligned", NULL, NULL, 0},
              {MM_TEST_IS, "disposition", "none", NULL, 0}, {MM_TEST_IS, "disposition", "quarantine", NULL, 0},
              {MM_TEST_IS, "disposition", "reject", NULL, 0}},
    .test_count = 5,
    .sums = {[MESSAGES] = {.column = "message_count"},
             [PASSED] = {.column = "message_count", .when = {.any = IS_DKIM | IS_SPF}},
             [DKIM_ALIGNED] = {.column = "message_count", .when = {.all = IS_DKIM}},
             [SPF_ALIGNED] = {.column = "message_count", .when = {.all = IS_SPF}},
             [FAILED] = {.column = "message_count", .when = {.none = IS_DKIM | IS_SPF}},
             [LET_IN] = {.column = "message_count", .when = {.all = IS_NONE, .none = IS_DKIM | IS_SPF}},
             [QUARANTINED] = {.column = "message_count", .when = {.all = IS_QUARANTINE, .none = IS_DKIM | IS_SPF}},
             [REJECTED] = {.column = "message_count", .when = {.all = IS_REJECT, .none = IS_DKIM | IS_SPF}}},
    .sum_count = 8,
    .domain = "policy_domain", .day = {MM_KEY_DAY, "date", NULL},
};
static const struct mm_query dmarc_total = {
    .schema = MM_REPORT_TABLE(DMARC_REPORTS), .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1,
    .domain = "policy_domain", .day = {MM_KEY_DAY, "begin_time", NULL},
};
static const struct mm_query tls_report_total = {
    .schema = MM_REPORT_TABLE(TLS_REPORTS), .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1,
    .domain = "policy_domain", .day = {MM_KEY_DAY, "start_datetime", NULL},
};
/* By report and domain. The key of a report is folded to 32 bits, so the reporter is there as well:
 * what could fall together is of one reporter and domain. */
enum { IS_STS = 1, IS_TLSA = 2 };
enum { STS_HELD, STS_FAILED, TLSA_HELD, TLSA_FAILED, OTHER_HELD, OTHER_FAILED, TLS_SUMS };
static const struct mm_query tls_total = {
    .schema = MM_REPORT_TABLE(TLS_POLICIES),
    .keys = {{MM_KEY_ID, "report_key", NULL}, {MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_TEXT, "organization_name", NULL}},
    .key_count = 3,
    .tests = {{MM_TEST_IS, "policy_type", "sts", NULL, 0}, {MM_TEST_IS, "policy_type", "tlsa", NULL, 0}},
    .test_count = 2,
    .sums = {[STS_HELD] = {.column = "total_successful_session_count", .when = {.all = IS_STS}},
             [STS_FAILED] = {.column = "total_failure_session_count", .when = {.all = IS_STS}},
             [TLSA_HELD] = {.column = "total_successful_session_count", .when = {.all = IS_TLSA}},
             [TLSA_FAILED] = {.column = "total_failure_session_count", .when = {.all = IS_TLSA}},
             [OTHER_HELD] = {.column = "total_successful_session_count", .when = {.none = IS_STS | IS_TLSA}},
             [OTHER_FAILED] = {.column = "total_failure_session_count", .when = {.none = IS_STS | IS_TLSA}}},
    .sum_count = TLS_SUMS,
    .domain = "policy_domain", .day = {MM_KEY_DAY, "date", NULL},
};
static const struct mm_query bounce_total = {
    .schema = MM_REPORT_TABLE(BOUNCES),
    .tests = {{MM_TEST_IS, "class", "hard", NULL, 0}, {MM_TEST_IS, "class", "soft", NULL, 0},
              {MM_TEST_IS, "class", "policy", NULL, 0}, {MM_TEST_IS, "class", "receipt", NULL, 0}},
    .test_count = 4,
    .sums = {{.when = {.none = 8}}, {.when = {.all = 1}}, {.when = {.all = 2}}, {.when = {.all = 4}}},
    .sum_count = 4,
    .domain = "recipient_domain", .day = {MM_KEY_DAY, "arrival_date", "received_at"},
};
static const struct mm_query arf_total = {
    .schema = MM_REPORT_TABLE(ARF),
    .tests = {{MM_TEST_IS, "kind", "complaint", NULL, 0}, {MM_TEST_IS, "kind", "auth_failure", NULL, 0}},
    .test_count = 2,
    .sums = {{.column = "incidents", .when = {.all = 1}}, {.column = "incidents", .when = {.all = 2}}},
    .sum_count = 2,
    .domain = "sample_from_domain", .day = {MM_KEY_DAY, "arrival_date", "received_at"},
};

/* clang-format on */

/* A line: a sum, and of what sum it is a part (NO_SHARE: of none). */
enum { NO_SHARE = UINT8_MAX };
struct fact {
    const char *slug, *words;
    uint8_t run, sum, of;
};
static const struct fact facts[] = {
    {"dmarc_reports", "DMARC reports", RUN_DMARC, 0, NO_SHARE},
    {"messages", "messages in them", RUN_DAILY, MESSAGES, NO_SHARE},
    {"passed", "passed DMARC", RUN_DAILY, PASSED, MESSAGES},
    {"dkim_aligned", "  DKIM aligned", RUN_DAILY, DKIM_ALIGNED, MESSAGES},
    {"spf_aligned", "  SPF aligned", RUN_DAILY, SPF_ALIGNED, MESSAGES},
    {"failed", "failed DMARC", RUN_DAILY, FAILED, MESSAGES},
    {"let_in", "  let in", RUN_DAILY, LET_IN, FAILED},
    {"quarantined", "  quarantined", RUN_DAILY, QUARANTINED, FAILED},
    {"rejected", "  rejected", RUN_DAILY, REJECTED, FAILED},
    {"tls_reports", "TLS reports", RUN_TLS_REPORTS, 0, NO_SHARE},
    {"tls_successful", "TLS sessions that held", RUN_TLS, HELD, NO_SHARE},
    {"tls_failed", "TLS sessions that failed", RUN_TLS, BROKEN, NO_SHARE},
    {"bounces", "bounced recipients", RUN_BOUNCES, 0, NO_SHARE},
    {"bounces_hard", "  hard", RUN_BOUNCES, 1, 0},
    {"bounces_soft", "  soft", RUN_BOUNCES, 2, 0},
    {"bounces_policy", "  policy", RUN_BOUNCES, 3, 0},
    {"complaints", "complaints", RUN_ARF, 0, NO_SHARE},
    {"failure_reports", "failure reports", RUN_ARF, 1, NO_SHARE},
};

static const struct mm_summary_column columns[] = {
    MM_VALUE_COLUMN("name", "name", TEXT, MM_SUMMARY_KEY | MM_SUMMARY_SILENT),
    MM_VALUE_COLUMN("what", "what", TEXT, 0),
    MM_VALUE_COLUMN("count", "count", COUNT, 0),
    MM_VALUE_COLUMN("share_percent", "share", SHARE, MM_SUMMARY_BAR),
};

void mm_overview_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    static const struct mm_query *const totals[] = {
        [RUN_DAILY] = &daily_total,    [RUN_DMARC] = &dmarc_total,
        [RUN_TLS] = &tls_total,        [RUN_TLS_REPORTS] = &tls_report_total,
        [RUN_BOUNCES] = &bounce_total, [RUN_ARF] = &arf_total};
    for (size_t i = 0; i < MM_COUNT(totals); i++)
        mm_ask(inquiry, asked, totals[i], NULL, 0);
}

/* ---- sessions ---- */

/*
 * A session to a domain that has both an sts and a tlsa policy is counted under each of them. Of
 * the two, only the one with more sessions in a report is taken, so that none counts twice. Several
 * policies of one kind, as when one was changed during the day, count different sessions, and so
 * does no-policy-found.
 */
static void add_sessions(const int64_t *sums, int64_t totals[SESSION_SUMS])
{
    bool sts = mm_sum_of(sums[STS_HELD], sums[STS_FAILED]) >=
               mm_sum_of(sums[TLSA_HELD], sums[TLSA_FAILED]);
    int64_t held = mm_sum_of(sums[sts ? STS_HELD : TLSA_HELD], sums[OTHER_HELD]);
    int64_t broken = mm_sum_of(sums[sts ? STS_FAILED : TLSA_FAILED], sums[OTHER_FAILED]);
    totals[HELD] = mm_sum_of(totals[HELD], held);
    totals[BROKEN] = mm_sum_of(totals[BROKEN], broken);
}

static void sum_sessions(struct mm_group_table *groups, int64_t totals[SESSION_SUMS])
{
    for (size_t i = 0; i < groups->count; i++)
        add_sessions(mm_group_values(groups, i), totals);
    /* The table's warning comes of it. */
    if (totals[HELD] == INT64_MAX || totals[BROKEN] == INT64_MAX)
        groups->saturated = true;
}

bool mm_overview_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                      struct mm_summary_table *table)
{
    struct mm_summary_maker m;
    size_t count = 0;
    int64_t sessions[SESSION_SUMS] = {0};
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, columns, MM_COUNT(columns),
                          MM_COUNT(facts));
    sum_sessions(&asked->runs[RUN_TLS]->groups, sessions);
    for (size_t i = 0; i < MM_COUNT(facts); i++) {
        const struct mm_group_table *groups = mm_answer(asked, facts[i].run);
        const int64_t *sums = groups->count == 0        ? NULL
                              : facts[i].run == RUN_TLS ? sessions
                                                        : mm_group_values(groups, 0);
        if (!sums || count++ >= asked->row_max)
            continue;
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(mm_view_of(facts[i].slug));
        row[1] = mm_summary_text(mm_view_of(facts[i].words));
        row[2] = mm_summary_number(sums[facts[i].sum]);
        if (facts[i].of != NO_SHARE)
            row[3] = mm_summary_share(sums[facts[i].sum], sums[facts[i].of]);
    }
    if (mm_answer(asked, RUN_TLS)->count)
        mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                              "TLS sessions: where a report has an sts and a tlsa policy of one "
                              "domain, which may count the same sessions, the one with more is "
                              "taken");
    return mm_summary_maker_end(&m, count, table);
}

/* ---- what became of the inputs ---- */

/* clang-format off */

static const struct mm_query duplicate_query = {
    .schema = MM_REPORT_TABLE(DUPLICATES), .keys = {{MM_KEY_NUMBER, "same_content", NULL}}, .key_count = 1,
    .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1,
};
static const struct mm_query reject_query = {
    .schema = MM_REPORT_TABLE(REJECTS), .keys = {{MM_KEY_TEXT, "reason", NULL}}, .key_count = 1,
    .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1,
};
static const struct mm_query kept_dmarc_query = {
    .schema = MM_REPORT_TABLE(DMARC_REPORTS), .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1};
static const struct mm_query kept_tls_query = {
    .schema = MM_REPORT_TABLE(TLS_REPORTS), .sums = {{.op = MM_GROUP_SUM}}, .sum_count = 1};

/* clang-format on */

static const struct mm_summary_column health_columns[] = {
    MM_KEY_COLUMN("outcome", "outcome", TEXT),
    MM_KEY_COLUMN("reason", "what", TEXT),
    MM_VALUE_COLUMN("rows", "inputs", COUNT, MM_SUMMARY_BAR),
};

void mm_health_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &kept_dmarc_query, NULL, 0);
    mm_ask(inquiry, asked, &kept_tls_query, NULL, 0);
    mm_ask(inquiry, asked, &duplicate_query, NULL, 0);
    mm_ask(inquiry, asked, &reject_query, NULL, 0);
}

static void add_outcome(struct mm_summary_maker *m, const char *outcome, struct mm_view reason,
                        int64_t rows)
{
    struct mm_summary_cell *row = mm_summary_maker_row(m);
    row[0] = mm_summary_text(mm_view_of(outcome));
    row[1] = mm_summary_text(reason);
    row[2] = mm_summary_number(rows);
}

bool mm_health_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                    struct mm_summary_table *table)
{
    static const char *const kept[] = {"dmarc_reports", "tls_reports"};
    const struct mm_group_table *duplicates = mm_answer(asked, 2), *rejects = mm_answer(asked, 3);
    struct mm_summary_maker m;
    struct mm_asked every = {.row_max = SIZE_MAX};
    size_t count, total = MM_COUNT(kept) + duplicates->count + rejects->count;
    uint32_t *order = mm_rank_asked(inquiry, &every, rejects, reject_query.keys, 0, &count);
    if (!order)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, health_columns,
                          MM_COUNT(health_columns), total);
    for (size_t i = 0; i < MM_COUNT(kept); i++)
        add_outcome(&m, "kept", mm_view_of(kept[i]), mm_group_sum(mm_answer(asked, i), 0));
    for (uint32_t same = 0; same < 2; same++) {
        uint32_t group = mm_group_find(duplicates, &same);
        if (group != MM_GROUP_NONE)
            add_outcome(&m, "duplicate", same ? MM_VIEW("same content") : MM_VIEW("other content"),
                        mm_group_values(duplicates, group)[0]);
    }
    for (size_t i = 0; i < count; i++)
        add_outcome(&m, "rejected",
                    mm_word_text(inquiry->words, mm_group_key(rejects, order[i])[0]),
                    mm_group_values(rejects, order[i])[0]);
    if (inquiry->selection.domain || inquiry->selection.has_since || inquiry->selection.has_until)
        mm_summary_maker_note(&m, MM_SUMMARY_NOTE, MM_SUMMARY_NO_ROW,
                              "of all inputs: what was kept, told again or refused is not chosen "
                              "by domain or day");
    return mm_summary_maker_end(&m, m.table.row_count, table);
}
