/*
 * tool_summary_page.c - a page out of tables made up here: common, hostile, large.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   summary_page common|hostile|large|empty FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "summary/page.h"
#include "summary/summary_table.h"

enum { DAYS = 60, DOMAINS = 4 };
static const int64_t first_day = 20697; /* 2026-09-01 */

/* The same numbers on every run. */
static uint64_t next_random(void)
{
    static uint64_t state = 7;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static int64_t below(int64_t limit)
{
    return (int64_t)(next_random() % (uint64_t)limit);
}

static bool hostile;

/* A name, or something that wants to be more than one. */
static struct mm_view name(const char *fmt, int number)
{
    static char kept[600000][48];
    static char long_name[10240];
    static size_t used;
    static const struct mm_view tricks[] = {
        {"<script>document.title='owned'</script>", 39},
        {"</script><img src=x onerror=alert(1)>", 37},
        {"\x1b[31mred\x1b[0m\a", 13},
        {"\xe2\x80\xaemoc.elpmaxe\xe2\x80\xac", 17},
        {"a\0b", 3},
        {"\xff\xfe bytes", 8},
        {"=HYPERLINK(\"http://x.example\")", 30},
        {"' \" & <b>", 9},
        {"<!--", 4},
        {"", 0},
        {long_name, sizeof long_name},
    };
    if (hostile) {
        memset(long_name, 'w', sizeof long_name);
        return tricks[next_random() % MM_COUNT(tricks)];
    }
    snprintf(kept[used], sizeof kept[used], fmt, number);
    return mm_view_of(kept[used++]);
}

static struct mm_summary_table tables[16];
static size_t table_count;
static struct mm_arena arena;

static void end(struct mm_summary_maker *m, uint64_t more)
{
    if (!mm_summary_maker_end(m, m->table.row_count + more, &tables[table_count++]))
        exit(1);
}

static const struct mm_summary_column day_columns[] = {
    {"policy_domain", "domain", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
    {"day", "day", MM_SUMMARY_DAY, MM_SUMMARY_KEY},
    {"messages", "messages", MM_SUMMARY_COUNT, 0},
    {"pass_percent", "passed", MM_SUMMARY_SHARE, MM_SUMMARY_BAR},
    {"failing_messages", "failed", MM_SUMMARY_COUNT, MM_SUMMARY_TROUBLE},
};
static const struct mm_summary_about day_about = {"pass-rate", "Pass rate",
                                                  "How much of the mail passes DMARC?"};

static void fill_day(struct mm_summary_cell *row, int day, int64_t count, int64_t pass)
{
    row[0] = mm_summary_number(first_day + day);
    row[1] = mm_summary_number(count);
    row[2] = mm_summary_share(pass, count);
    row[3] = mm_summary_number(count - pass);
}

/* Days of all domains, then days of each. Some have none. */
static void make_days(int domains)
{
    struct mm_summary_maker all, each;
    mm_summary_maker_init(&all, &arena, &day_about, day_columns + 1, MM_COUNT(day_columns) - 1,
                          DAYS);
    mm_summary_maker_init(&each, &arena, &day_about, day_columns, MM_COUNT(day_columns),
                          (size_t)domains * DAYS);
    for (int day = 0; day < DAYS; day++) {
        int64_t sum = 0, passed = 0;
        for (int i = 0; i < domains && day % 17 != 5; i++) {
            int64_t count = 500 + below(4000), pass = count - below(count / 30);
            struct mm_summary_cell *row = mm_summary_maker_row(&each);
            row[0] = mm_summary_text(name("domain%d.example", i));
            fill_day(row + 1, day, count, pass);
            sum += count;
            passed += pass;
        }
        if (sum > 0)
            fill_day(mm_summary_maker_row(&all), day, sum, passed);
    }
    mm_summary_maker_note(&all, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "A message passes where DKIM or SPF is aligned, as the reporter says.");
    mm_summary_maker_note(
        &all, MM_SUMMARY_ADVICE, 0,
        "p=reject would have hit 1,204 messages from 31 sources, 3 of them yours.");
    end(&all, 0);
    end(&each, 0);
}

static void make_sources(int count)
{
    static const struct mm_summary_column columns[] = {
        {"policy_domain", "domain", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"source_ip_text", "address", MM_SUMMARY_ADDRESS, MM_SUMMARY_KEY},
        {"header_from", "from", MM_SUMMARY_TEXT, MM_SUMMARY_DETAIL},
        {"messages", "failing messages", MM_SUMMARY_COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE},
        {"first_day", "first", MM_SUMMARY_DAY, 0},
        {"last_day", "last", MM_SUMMARY_DAY, 0},
        {"ours", "yours", MM_SUMMARY_FLAG, 0},
    };
    static const struct mm_summary_about about = {"sources", "Top failing sources",
                                                  "Which servers send mail that fails?"};
    struct mm_summary_maker m;
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), (size_t)count);
    for (int i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(name("domain%d.example", i % DOMAINS));
        row[1] = mm_summary_text(name("192.0.2.%d", i));
        if (i % 3)
            row[2] = mm_summary_text(name("mail%d.example.net", i));
        row[3] = mm_summary_number(5000 / (i + 1) + below(50));
        row[4] = mm_summary_number(first_day + below(20));
        row[5] = mm_summary_number(hostile && i == 9 ? 2500000 : first_day + 30 + below(30));
        row[6] = mm_summary_number(i % 5 == 0);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_WARNING, MM_SUMMARY_NO_ROW,
                          "The dataset has no table of sources: names are missing.");
    end(&m, hostile ? 1000000 : 0);
}

static void make_alignment(int domains)
{
    static const struct mm_summary_column columns[] = {
        {"policy_domain", "domain", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"dkim_aligned", "DKIM aligned", MM_SUMMARY_FLAG, MM_SUMMARY_KEY},
        {"spf_aligned", "SPF aligned", MM_SUMMARY_FLAG, MM_SUMMARY_KEY},
        {"messages", "messages", MM_SUMMARY_COUNT, MM_SUMMARY_BAR},
    };
    static const struct mm_summary_about about = {"alignment", "Alignment",
                                                  "What carries the pass: DKIM, SPF, both?"};
    struct mm_summary_maker m;
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), 4 * (size_t)domains);
    for (int i = 0; i < 4 * domains; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(name("domain%d.example", i / 4));
        row[1] = mm_summary_number(i >> 1 & 1);
        row[2] = mm_summary_number(i & 1);
        row[3] = mm_summary_number(i % 4 == 3 ? 91234 + below(9000) : 1000 + below(4000));
    }
    end(&m, 0);
}

static void make_overview(void)
{
    static const struct mm_summary_column columns[] = {
        {"name", "name", MM_SUMMARY_TEXT, MM_SUMMARY_KEY | MM_SUMMARY_DETAIL},
        {"what", "what", MM_SUMMARY_TEXT, 0},
        {"count", "count", MM_SUMMARY_COUNT, 0},
        {"share_percent", "share", MM_SUMMARY_SHARE, MM_SUMMARY_BAR},
    };
    static const struct mm_summary_about about = {"overview", "Overview", "How much is well?"};
    static const struct {
        const char *name, *what;
        int64_t count, whole;
    } rows[] = {
        {"dmarc_reports", "DMARC reports", 790, 0},
        {"messages", "messages in them", 420507, 0},
        {"passed", "passed DMARC", 407592, 420507},
        {"dkim_aligned", "  DKIM aligned", 396459, 420507},
        {"spf_aligned", "  SPF aligned", 397131, 420507},
        {"failed", "failed DMARC", 12915, 420507},
        {"tls_failed", "TLS sessions that failed", 31, 91204},
        {"bounces", "bounced recipients", 6120, 0},
        {"bounces_hard", "  hard", 3237, 6120},
        {"complaints", "complaints", 0, 0},
    };
    struct mm_summary_maker m;
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), MM_COUNT(rows));
    for (size_t i = 0; i < MM_COUNT(rows); i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(mm_view_of(rows[i].name));
        row[1] = mm_summary_text(mm_view_of(rows[i].what));
        row[2] = mm_summary_number(rows[i].count);
        row[3] = mm_summary_share(rows[i].count, rows[i].whole);
    }
    end(&m, 0);
}

static void make_bounces(int count)
{
    static const struct mm_summary_column columns[] = {
        {"provider", "provider", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"hard", "hard", MM_SUMMARY_COUNT, MM_SUMMARY_TROUBLE},
        {"soft", "soft", MM_SUMMARY_COUNT, 0},
        {"policy", "policy", MM_SUMMARY_COUNT, 0},
        {"delayed", "delayed", MM_SUMMARY_COUNT, MM_SUMMARY_DETAIL},
        {"unknown", "unknown", MM_SUMMARY_COUNT, 0},
    };
    static const struct mm_summary_about about = {"bounces", "Bounces",
                                                  "Who returns mail, and why?"};
    struct mm_summary_maker m;
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), (size_t)count);
    for (int i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(name("Provider %d", i));
        row[1] = mm_summary_number(900 / (i + 1));
        row[2] = mm_summary_number(1700 / (i + 2));
        row[3] = mm_summary_number(below(120));
        row[4] = mm_summary_number(below(20));
        row[5] = mm_summary_number(below(60));
    }
    end(&m, 0);
}

static void make_selectors(int count)
{
    static const struct mm_summary_column columns[] = {
        {"policy_domain", "domain", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"signer", "signed by", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"selector", "selector", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
        {"messages", "messages", MM_SUMMARY_COUNT, 0},
        {"pass_percent", "passed", MM_SUMMARY_SHARE, MM_SUMMARY_BAR},
        {"first_day", "first", MM_SUMMARY_DAY, 0},
        {"last_day", "last", MM_SUMMARY_DAY, 0},
    };
    static const struct mm_summary_about about = {"selectors", "Selectors",
                                                  "Which keys are in use, and since when?"};
    struct mm_summary_maker m;
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), (size_t)count);
    for (int i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(name("domain%d.example", i % DOMAINS));
        row[1] = mm_summary_text(name("domain%d.example", i % 3));
        row[2] = mm_summary_text(name("s%d", i));
        row[3] = mm_summary_number(90000 / (i + 1) + 1);
        row[4] = mm_summary_share(80000 / (i + 1), 90000 / (i + 1) + 1);
        row[5] = mm_summary_number(first_day + below(30));
        row[6] = mm_summary_number(first_day + 30 + below(30));
    }
    end(&m, 0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    hostile = strcmp(argv[1], "hostile") == 0;
    bool large = strcmp(argv[1], "large") == 0;
    mm_arena_init(&arena, SIZE_MAX);
    if (strcmp(argv[1], "empty") != 0) {
        make_overview();
        make_days(large ? 1000 : DOMAINS);
        make_sources(large ? 100000 : 300);
        make_alignment(large ? 3000 : DOMAINS);
        make_selectors(large ? 50000 : 8);
        make_bounces(large ? 50000 : 20);
    }
    struct mm_summary_dataset dataset = {.path = MM_VIEW("reports/2026-09"),
                                         .verb = "reports",
                                         .mailmill = "0.1.0",
                                         .schema_version = 1,
                                         .inputs = 812,
                                         .rejected = 3,
                                         .duplicates = 12};
    struct mm_summary summary = {.head = {.mailmill = mm_version(),
                                          .datasets = &dataset,
                                          .dataset_count = 1,
                                          .inputs = 812,
                                          .rejected = 3,
                                          .duplicates = 12,
                                          .has_window = true,
                                          .first_day = first_day,
                                          .last_day = first_day + DAYS - 1},
                                 .tables = tables,
                                 .table_count = table_count};
    struct mm_buf out;
    struct mm_error err = {0};
    mm_buf_init(&out, MM_PAGE_BYTES_MAX);
    if (mm_page_make(&out, &summary, &err) != MM_OK) {
        fprintf(stderr, "summary_page: %s\n", err.text);
        return 1;
    }
    FILE *file = fopen(argv[2], "w");
    bool fine = file && fwrite(out.data, 1, out.len, file) == out.len && fclose(file) == 0;
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
    return fine ? 0 : 1;
}
