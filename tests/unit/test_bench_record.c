/*
 * test_bench_record.c - records of benchmarks come back as they were; what is none is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "bench/record.h"
#include "support/mm_test.h"

static struct mm_bench_result some_result(const char *name, double ratio)
{
    struct mm_bench_result r = {.ratio = {ratio, ratio * 0.99, ratio * 1.01},
                                .rounds = 40,
                                .items = 256,
                                .items_per_s = 1234.5678,
                                .mb_per_s = 5.25,
                                .cpu_us = 97.125,
                                .peak_bytes = 26000000};
    snprintf(r.name, sizeof r.name, "%s", name);
    snprintf(r.unit, sizeof r.unit, "messages");
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        r.stages[i] = (double)i / 3;
    return r;
}

static void a_record_comes_back_as_it_was(void **state)
{
    struct mm_bench_result results[] = {some_result("sign-small", 9.7),
                                        some_result("kernel-xml", 0.125)};
    struct mm_bench_record record = {.results = results, .count = 2}, back;
    char path[] = "/tmp/test_bench_record.XXXXXX";
    struct mm_error err;
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    mm_bench_machine_of(&record.machine);
    snprintf(record.machine.cpu, sizeof record.machine.cpu, "a \"processor\"\\ \x01\xff");
    record.machine.cold = true;
    MM_CHECK_INT("written", mm_bench_record_write(&record, path, &err), MM_OK);
    MM_CHECK_INT("read", mm_bench_record_read(path, &back, &err), MM_OK);
    MM_CHECK_INT("as many", back.count, 2);
    MM_CHECK_VIEW("processor", mm_view_of(back.machine.cpu), mm_view_of(record.machine.cpu));
    MM_CHECK_VIEW("tier", mm_view_of(back.machine.tier), mm_view_of(record.machine.tier));
    MM_CHECK_TRUE("cold", back.machine.cold);
    MM_CHECK_INT("version", back.machine.workloads_version, MM_BENCH_WORKLOADS_VERSION);
    for (size_t i = 0; i < 2; i++) {
        const struct mm_bench_result *r = mm_bench_result_named(&back, results[i].name);
        assert_non_null(r);
        MM_CHECK_TRUE("ratio", r->ratio.value == results[i].ratio.value);
        MM_CHECK_INT("rounds", r->rounds, 40);
        MM_CHECK_TRUE("a stage", r->stages[3] == 1);
    }
    MM_CHECK_TRUE("no other", !mm_bench_result_named(&back, "sign"));
    mm_bench_record_free(&back);
    unlink(path);
}

/* ---- what is no record ---- */

#define MACHINE                                                                                    \
    "\"machine\":{\"tier\":\"t\",\"cpu\":\"c\",\"kernel\":\"k\",\"version\":\"v\","                \
    "\"libraries\":\"l\",\"compiler\":\"c\",\"flags\":\"f\"}"
#define HEAD                                                                                       \
    "{\"mailmill_bench\":1,\"workloads_version\":1,\"measure\":\"cpu\",\"cold\":false," MACHINE ","
#define STAGES                                                                                     \
    "\"stages\":{\"read\":0,\"parse\":0,\"canonicalize\":0,\"hash\":0,\"crypto\":0,"               \
    "\"encode\":0,\"write\":0,\"other\":1}"
#define NUMBERS                                                                                    \
    "\"rounds\":9,\"items\":1,\"items_per_s\":1,\"mb_per_s\":1,\"cpu_us\":1,\"peak_bytes\":1,"
#define RATIOS       "\"ratio\":2,\"ratio_low\":1,\"ratio_high\":3,"
#define RESULT(name) "{\"name\":\"" name "\",\"unit\":\"u\"," RATIOS NUMBERS STAGES "}"

static void what_is_no_record_is_refused(void **state)
{
    static const struct {
        const char *label, *text;
        enum mm_status status;
    } cases[] = {
        {"whole", HEAD "\"workloads\":[" RESULT("a-1") "]}", MM_OK},
        {"no results", HEAD "\"workloads\":[]}", MM_OK},
        {"unknown members", HEAD "\"more\":{\"x\":[1,{}]},\"workloads\":[]}", MM_OK},
        {"empty", "", MM_E_SYNTAX},
        {"another value", "[]", MM_E_SYNTAX},
        {"cut", HEAD "\"workloads\":[" RESULT("a"), MM_E_SYNTAX},
        {"something behind", HEAD "\"workloads\":[]} {}", MM_E_SYNTAX},
        {"a member missing", "{\"mailmill_bench\":1," MACHINE ",\"workloads\":[]}", MM_E_SYNTAX},
        {"a member twice", HEAD MACHINE ",\"workloads\":[]}", MM_E_SYNTAX},
        {"a workload twice", HEAD "\"workloads\":[" RESULT("a") "," RESULT("a") "]}", MM_E_SYNTAX},
        {"a name of others", HEAD "\"workloads\":[" RESULT("a b") "]}", MM_E_SYNTAX},
        {"no name", HEAD "\"workloads\":[" RESULT("") "]}", MM_E_SYNTAX},
        {"a name too long",
         HEAD "\"workloads\":[" RESULT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") "]}",
         MM_E_SYNTAX},
        {"a record of the future",
         "{\"mailmill_bench\":2,\"workloads_version\":1,\"measure\":\"cpu\",\"cold\":false," MACHINE
         ",\"workloads\":[]}",
         MM_E_SYNTAX},
        {"a text for a number",
         "{\"mailmill_bench\":\"1\",\"workloads_version\":1,\"measure\":\"cpu\",\"cold\":"
         "false," MACHINE ",\"workloads\":[]}",
         MM_E_SYNTAX},
        {"a part of a count",
         "{\"mailmill_bench\":1.5,\"workloads_version\":1,\"measure\":\"cpu\",\"cold\":"
         "false," MACHINE ",\"workloads\":[]}",
         MM_E_SYNTAX},
        {"a ratio of nothing",
         HEAD "\"workloads\":[{\"name\":\"a\",\"unit\":\"u\",\"ratio\":0,\"ratio_low\":0,"
              "\"ratio_high\":0," NUMBERS STAGES "}]}",
         MM_E_SYNTAX},
        {"an interval upside down",
         HEAD "\"workloads\":[{\"name\":\"a\",\"unit\":\"u\",\"ratio\":2,\"ratio_low\":3,"
              "\"ratio_high\":1," NUMBERS STAGES "}]}",
         MM_E_SYNTAX},
        {"a number beyond all",
         HEAD "\"workloads\":[{\"name\":\"a\",\"unit\":\"u\",\"ratio\":1e999,\"ratio_low\":1,"
              "\"ratio_high\":1e999," NUMBERS STAGES "}]}",
         MM_E_SYNTAX},
        {"a negative number",
         HEAD "\"workloads\":[{\"name\":\"a\",\"unit\":\"u\",\"ratio\":-2,\"ratio_low\":-3,"
              "\"ratio_high\":-1," NUMBERS STAGES "}]}",
         MM_E_SYNTAX},
        {"no stages",
         HEAD "\"workloads\":[{\"name\":\"a\",\"unit\":\"u\"," RATIOS NUMBERS "\"stages\":{}}]}",
         MM_E_SYNTAX},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_bench_record record;
        struct mm_error err;
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        MM_CHECK_INT(cases[i].label, mm_bench_record_parse(g.view, "it", &record, &err),
                     cases[i].status);
        MM_CHECK_TRUE(cases[i].label, cases[i].status == MM_OK || !record.results);
        mm_bench_record_free(&record);
        mm_guard_free(&g);
    }
}

static void more_results_than_there_can_be_are_refused(void **state)
{
    struct mm_bench_record record;
    struct mm_error err;
    struct mm_buf text;
    (void)state;
    mm_buf_init(&text, 1 << 20);
    mm_buf_append_str(&text, HEAD "\"workloads\":[");
    for (int i = 0; i <= MM_BENCH_RESULTS_MAX; i++)
        mm_buf_printf(&text, "%s{\"name\":\"a%d\",\"unit\":\"u\"," RATIOS NUMBERS STAGES "}",
                      i ? "," : "", i);
    mm_buf_append_str(&text, "]}");
    MM_CHECK_INT("one too many", mm_bench_record_parse(mm_buf_view(&text), "it", &record, &err),
                 MM_E_SYNTAX);
    mm_bench_record_free(&record);
    mm_buf_deinit(&text);
}

static void machines_that_differ_are_told_apart(void **state)
{
    struct mm_bench_machine a, b;
    (void)state;
    mm_bench_machine_of(&a);
    b = a;
    MM_CHECK_TRUE("the same", !mm_bench_machines_differ(&a, &b));
    snprintf(b.cpu, sizeof b.cpu, "another one of the same tier");
    MM_CHECK_TRUE("the model is not asked", !mm_bench_machines_differ(&a, &b));
    snprintf(b.tier, sizeof b.tier, "another");
    MM_CHECK_TRUE("tier", mm_bench_machines_differ(&a, &b) != NULL);
    b = a;
    b.workloads_version++;
    MM_CHECK_TRUE("version", mm_bench_machines_differ(&a, &b) != NULL);
    b = a;
    b.cold = !b.cold;
    MM_CHECK_TRUE("cold", mm_bench_machines_differ(&a, &b) != NULL);
    b = a;
    snprintf(b.measure, sizeof b.measure, "instructions");
    MM_CHECK_TRUE("measure", mm_bench_machines_differ(&a, &b) != NULL);
}

MM_TEST_MAIN(MM_TEST(a_record_comes_back_as_it_was), MM_TEST(what_is_no_record_is_refused),
             MM_TEST(more_results_than_there_can_be_are_refused),
             MM_TEST(machines_that_differ_are_told_apart))
