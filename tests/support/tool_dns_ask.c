/*
 * tool_dns_ask.c - asks a source of keys for many names at once, as workers do.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   dns_ask [--dns SERVER] [--timeout MS] [--record FILE] [--keys FILE]... [--leave] < NAMES
 *
 * All look-ups begin before the first is waited for. Prints "NAME STATUS AD RECORD|RECORD…" a name,
 * in the order given, records sorted, and on stderr what it took: "ms=… questions=… …". --leave
 * ends while all is under way.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/key_source.h"
#include "dns/recorded_line.h"

enum { NAMES_MAX = 200000 };

static char *names[NAMES_MAX];
static struct mm_txt_lookup lookups[NAMES_MAX];

static int compare(const void *a, const void *b)
{
    return mm_view_cmp(*(const struct mm_view *)a, *(const struct mm_view *)b);
}

static void print(const char *name, const struct mm_txt_answer *a)
{
    const char *word = mm_txt_status_word(a->status);
    struct mm_view records[MM_TXT_RECORDS_MAX];
    for (size_t i = 0; i < a->record_count; i++)
        records[i] = a->records[i];
    qsort(records, a->record_count, sizeof records[0], compare);
    printf("%s %s %d ", name, word ? word : "NOT-RECORDED", a->ad);
    for (size_t i = 0; i < a->record_count; i++) {
        if (i)
            putchar('|');
        for (size_t j = 0; j < records[i].len; j++) {
            unsigned char c = (unsigned char)records[i].data[j];
            printf(c < 0x20 || c >= 0x7f ? "\\%03u" : "%c", c);
        }
    }
    putchar('\n');
}

static void print_counts(const struct mm_key_source *source, uint64_t start_ns)
{
    struct mm_dns_counts c;
    mm_key_source_dns_counts(source, &c);
    fprintf(stderr,
            "ms=%llu questions=%llu hits=%llu merged=%llu retries=%llu tcp=%llu evicted=%llu "
            "recorded=%llu\n",
            (unsigned long long)((mm_wall_ns() - start_ns) / 1000000),
            (unsigned long long)c.questions, (unsigned long long)c.hits,
            (unsigned long long)c.merged, (unsigned long long)c.retries,
            (unsigned long long)c.tcp_connections, (unsigned long long)c.evicted,
            (unsigned long long)c.recorded);
}

static size_t read_names(void)
{
    char line[1024];
    size_t count = 0;
    while (count < NAMES_MAX && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        names[count++] = strdup(line);
    }
    return count;
}

static int fail(const struct mm_error *err)
{
    fprintf(stderr, "dns_ask: %s\n", err->text);
    return err->status == MM_E_ARG ? 64 : err->status == MM_E_EXISTS ? 73 : 74;
}

static int ask_all(const struct mm_key_source *source, bool leaves)
{
    uint64_t start_ns = mm_wall_ns();
    size_t count = read_names();
    bool whole = true;
    for (size_t i = 0; i < count; i++)
        whole = mm_txt_lookup_begin(source, mm_view_of(names[i]), (int64_t)time(NULL),
                                    &lookups[i]) >= 0 &&
                whole;
    for (size_t i = 0; i < count && !leaves; i++)
        whole = mm_txt_lookup_wait(source, &lookups[i]) == MM_OK && whole;
    for (size_t i = 0; i < count; i++) {
        if (!leaves && lookups[i].answer)
            print(names[i], lookups[i].answer);
        mm_txt_lookup_end(&lookups[i]);
        free(names[i]);
    }
    print_counts(source, start_ns);
    return whole ? 0 : 70;
}

static int open_and_ask(struct mm_key_source *source, int argc, char **argv)
{
    struct mm_dns_options dns = {.timeout_ms = 0};
    struct mm_error err = {.text = ""};
    bool live = false, leaves = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--leave") == 0)
            leaves = true;
        else if (strcmp(argv[i], "--dns") == 0)
            dns.server = *value ? value : NULL, live = true, i++;
        else if (strcmp(argv[i], "--timeout") == 0)
            dns.timeout_ms = (uint32_t)atoi(value), i++;
        else if (strcmp(argv[i], "--record") == 0)
            dns.record_path = value, i++;
        else if (strcmp(argv[i], "--keys") == 0 && mm_key_source_add(source, value, &err) == MM_OK)
            i++;
        else
            return fail(&err);
    }
    if (live && mm_key_source_use_dns(source, &dns, &err) != MM_OK)
        return fail(&err);
    int code = ask_all(source, leaves);
    return mm_key_source_finish(source, &err) == MM_OK ? code : fail(&err);
}

int main(int argc, char **argv)
{
    struct mm_key_source *source = mm_key_source_new();
    int code = source ? open_and_ask(source, argc, argv) : 70;
    mm_key_source_free(&source);
    return code;
}
