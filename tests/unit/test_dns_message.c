/*
 * test_dns_message.c - names, questions and replies on the wire; what is hostile is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/dns_message.h"
#include "support/dns_fixture.h"
#include "support/mm_test.h"

static char text[MM_DNS_REPLY_MAX_BYTES];
static struct mm_packet packet;
static struct mm_dns_reply reply;

static struct mm_dns_name name_of(const char *name)
{
    struct mm_dns_name out;
    assert_true(mm_dns_name_of(mm_view_of(name), &out));
    return out;
}

/* The packet flush against an unmapped page. */
static enum mm_status read_at_edge(const char *name, uint32_t aliases_left)
{
    struct mm_dns_name wire = name_of(name);
    struct mm_guard g = mm_guard_copy(mm_packet_view(&packet));
    enum mm_status st = mm_dns_reply_read(g.view, &wire, aliases_left, text, &reply);
    mm_guard_free(&g);
    return st;
}

static enum mm_status read_reply(void)
{
    return read_at_edge("a.b", MM_TXT_ALIASES_MAX);
}

static void begin(unsigned flags)
{
    mm_packet_begin(&packet, 7, flags, "a.b");
}

static void txt(const char *name, uint32_t ttl_s, const char *data)
{
    mm_packet_record(&packet, 1, name, MM_TEST_RR_TXT, ttl_s, data);
}

static void cname(const char *name, uint32_t ttl_s, const char *target)
{
    mm_packet_record(&packet, 1, name, MM_TEST_RR_CNAME, ttl_s, target);
}

static void soa(uint32_t ttl_s, const char *minimum)
{
    mm_packet_record(&packet, 2, "b", MM_TEST_RR_SOA, ttl_s, minimum);
}

/* ---- names and questions ---- */

static void names_are_checked_before_they_are_asked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      ".",   "a..b", ".a",    "a b", "a\\b",
                                      "a\x7f", "a\n", "\xc3", "a.b..", "..",  "a.b. "};
    struct mm_dns_name out;
    char longest[256];
    for (size_t i = 0; i < MM_COUNT(bad); i++)
        MM_CHECK_INT(bad[i], mm_dns_name_of(mm_view_of(bad[i]), &out), false);
    MM_CHECK_INT("NUL", mm_dns_name_of(MM_VIEW("a\0b"), &out), false);
    struct mm_dns_name lower = name_of("_x.y-1"), upper = name_of("_X.Y-1.");
    MM_CHECK_TRUE("case and final dot", mm_dns_name_eq(&lower, &upper));
    MM_CHECK_VIEW("wire", ((struct mm_view){(const char *)lower.wire, lower.len}),
                  MM_VIEW("\2_x\3y-1\0"));
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i % 2 ? '.' : 'x';
    MM_CHECK_INT("253", mm_dns_name_of((struct mm_view){longest, 253}, &out), true);
    MM_CHECK_INT("its octets", out.len, 255);
    MM_CHECK_INT("255", mm_dns_name_of((struct mm_view){longest, 255}, &out), false);
    memset(longest, 'x', 64);
    MM_CHECK_INT("63", mm_dns_name_of((struct mm_view){longest, 63}, &out), true);
    MM_CHECK_INT("64", mm_dns_name_of((struct mm_view){longest, 64}, &out), false);
}

static void questions_are_as_servers_want_them(void **state)
{
    (void)state;
    uint8_t out[MM_DNS_QUERY_MAX_BYTES];
    struct mm_dns_name name = name_of("a.b");
    size_t len = mm_dns_query_write(&name, 0x1234, false, out);
    MM_CHECK_VIEW("plain", ((struct mm_view){(const char *)out, len}),
                  MM_VIEW("\x12\x34\1\x20\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\1"));
    len = mm_dns_query_write(&name, 0x1234, true, out);
    MM_CHECK_VIEW("EDNS", ((struct mm_view){(const char *)out, len}),
                  MM_VIEW("\x12\x34\1\x20\0\1\0\0\0\0\0\1\1a\1b\0\0\x10\0\1"
                          "\0\0\x29\x04\xd0\0\0\0\0\0\0"));
}

/* ---- replies ---- */

static void records_of_the_name_are_taken(void **state)
{
    (void)state;
    begin(0x20);
    txt("@12", 300, "one");
    txt("x.y", 1, "of another name");
    txt("A.B", 200, "two");
    txt("@12", 400, "one");
    MM_CHECK_INT("read", read_reply(), MM_OK);
    MM_CHECK_INT("status", reply.status, MM_TXT_NOERROR);
    MM_CHECK_INT("equal ones count once", reply.record_count, 2);
    MM_CHECK_VIEW("first", reply.records[0], MM_VIEW("one"));
    MM_CHECK_VIEW("second", reply.records[1], MM_VIEW("two"));
    MM_CHECK_INT("least TTL", reply.ttl_s, 200);
    MM_CHECK_INT("AD", reply.ad, true);
    begin(0);
    txt("@12", 0x80000000u, "");
    MM_CHECK_INT("read", read_reply(), MM_OK);
    MM_CHECK_INT("an empty record", reply.record_count, 1);
    MM_CHECK_INT("TTL with its top bit", reply.ttl_s, 0);
    MM_CHECK_INT("no AD", reply.ad, false);
}

static void strings_are_joined_and_must_fill_the_record(void **state)
{
    (void)state;
    begin(0);
    txt("@12", 60, "abcdefgh");
    size_t string = packet.len - 9;
    packet.data[string] = 3; /* "abc" and "efgh" behind a length of 'd' */
    packet.data[string + 4] = 4;
    MM_CHECK_INT("two strings", read_reply(), MM_OK);
    MM_CHECK_VIEW("joined", reply.records[0], MM_VIEW("abcefgh"));
    packet.data[string + 4] = 5;
    MM_CHECK_INT("the last one is too long", read_reply(), MM_E_SYNTAX);
    packet.data[string + 4] = 3;
    MM_CHECK_INT("too short: its last byte is a length then", read_reply(), MM_E_SYNTAX);
}

static void chains_are_followed_in_any_order(void **state)
{
    (void)state;
    begin(0);
    txt("c.b", 300, "here");
    cname("x.b", 50, "c.b");
    cname("@12", 100, "X.b");
    MM_CHECK_INT("read", read_reply(), MM_OK);
    MM_CHECK_INT("records", reply.record_count, 1);
    MM_CHECK_INT("aliases", reply.aliases, 2);
    MM_CHECK_INT("least TTL of the chain", reply.ttl_s, 50);
    MM_CHECK_INT("as many as are left", read_at_edge("a.b", 2), MM_OK);
    MM_CHECK_INT("are followed", reply.status, MM_TXT_NOERROR);
    MM_CHECK_INT("one less", read_at_edge("a.b", 1), MM_OK);
    MM_CHECK_INT("are not", reply.status, MM_TXT_SERVFAIL);
    MM_CHECK_INT("and give nothing", reply.record_count, 0);

    begin(0);
    cname("@12", 100, "x.b");
    cname("x.b", 100, "a.b");
    MM_CHECK_INT("loop", read_reply(), MM_OK);
    MM_CHECK_INT("loop", reply.status, MM_TXT_SERVFAIL);

    begin(0);
    cname("@12", 100, "x.b");
    MM_CHECK_INT("leads out", read_reply(), MM_OK);
    MM_CHECK_TRUE("leads out", reply.goes_on);
    MM_CHECK_INT("TTL so far", reply.ttl_s, 100);
    struct mm_dns_name want = name_of("x.b");
    MM_CHECK_TRUE("to ask next", mm_dns_name_eq(&reply.target, &want));
    soa(900, "30");
    MM_CHECK_INT("leads to nothing", read_reply(), MM_OK);
    MM_CHECK_INT("leads to nothing", reply.goes_on, false);
    MM_CHECK_INT("leads to nothing", reply.status, MM_TXT_NODATA);
    MM_CHECK_INT("TTL", reply.ttl_s, 30);
}

static void absence_is_told_apart(void **state)
{
    (void)state;
    begin(3);
    soa(900, "300");
    MM_CHECK_INT("NXDOMAIN", read_reply(), MM_OK);
    MM_CHECK_INT("NXDOMAIN", reply.status, MM_TXT_NXDOMAIN);
    MM_CHECK_INT("the SOA's minimum", reply.ttl_s, 300);
    begin(0);
    soa(20, "300");
    MM_CHECK_INT("NODATA", read_reply(), MM_OK);
    MM_CHECK_INT("NODATA", reply.status, MM_TXT_NODATA);
    MM_CHECK_INT("the SOA's TTL", reply.ttl_s, 20);
    begin(0);
    MM_CHECK_INT("without SOA", read_reply(), MM_OK);
    MM_CHECK_INT("without SOA", reply.status, MM_TXT_NODATA);
    MM_CHECK_INT("no TTL", reply.ttl_s, 0);
    mm_packet_record(&packet, 2, "b", MM_TEST_RR_NS, 60, "ns");
    MM_CHECK_INT("referral", read_reply(), MM_OK);
    MM_CHECK_INT("referral", reply.status, MM_TXT_SERVFAIL);
}

static void failures_are_servfail(void **state)
{
    (void)state;
    for (unsigned rcode = 0; rcode < 16; rcode++) {
        begin(rcode);
        txt("@12", 60, "x");
        enum mm_txt_status want = rcode == 0   ? MM_TXT_NOERROR
                                  : rcode == 3 ? MM_TXT_NXDOMAIN
                                               : MM_TXT_SERVFAIL;
        MM_CHECK_INT("read", read_reply(), MM_OK);
        MM_CHECK_INT("status", reply.status, want);
        MM_CHECK_INT("records", reply.record_count, rcode == 0);
        MM_CHECK_INT("no EDNS there", reply.no_edns, rcode == 1);
    }
    begin(0x200);
    txt("@12", 60, "x");
    MM_CHECK_INT("truncated", read_reply(), MM_OK);
    MM_CHECK_INT("truncated", reply.status, MM_TXT_SERVFAIL);
}

static void answers_are_bounded(void **state)
{
    (void)state;
    char data[16];
    begin(0);
    for (int i = 0; i < MM_TXT_RECORDS_MAX; i++) {
        snprintf(data, sizeof data, "%d", i);
        txt("@12", 60, data);
    }
    MM_CHECK_INT("64", read_reply(), MM_OK);
    MM_CHECK_INT("64", reply.record_count, MM_TXT_RECORDS_MAX);
    txt("@12", 60, "one more");
    MM_CHECK_INT("65", read_reply(), MM_OK);
    MM_CHECK_INT("65", reply.status, MM_TXT_SERVFAIL);
    begin(0);
    for (int i = 0; i < MM_DNS_RECORDS_MAX; i++)
        txt("@12", 60, "x");
    MM_CHECK_INT("256 equal ones", read_reply(), MM_OK);
    MM_CHECK_INT("256 equal ones", reply.record_count, 1);
    txt("@12", 60, "x");
    MM_CHECK_INT("257", read_reply(), MM_OK);
    MM_CHECK_INT("257", reply.status, MM_TXT_SERVFAIL);
}

static void what_is_no_reply_to_this_question_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t at;
        uint8_t value;
    } cases[] = {
        {"a question", 2, 0x01},   {"another opcode", 2, 0x91}, {"no question", 5, 0},
        {"two questions", 5, 2},   {"another name", 13, 'x'},   {"another type", 18, 1},
        {"another class", 20, 3},  {"records missing", 7, 3},   {"SOA without numbers", 9, 1},
        {"a longer label", 12, 2}, {"a label of 64", 12, 64},   {"a kind of label", 12, 0x80},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        begin(0);
        txt("@12", 60, "x");
        MM_CHECK_INT("whole", read_reply(), MM_OK);
        packet.data[cases[i].at] = cases[i].value;
        MM_CHECK_INT(cases[i].label, read_reply(), MM_E_SYNTAX);
    }
    for (size_t len = 0; len < 21 + 14; len++) {
        begin(0);
        txt("@12", 60, "x");
        assert_int_equal(packet.len, 21 + 14);
        packet.len = len;
        MM_CHECK_INT("cut short", read_reply(), MM_E_SYNTAX);
    }
}

static void pointers_lead_back_only(void **state)
{
    (void)state;
    static const struct {
        const char *label, *name;
        enum mm_status status;
    } cases[] = {
        {"to the question", "@12", MM_OK},     {"into it", "a@14", MM_OK},
        {"to itself", "@21", MM_E_SYNTAX},     {"forward", "@25", MM_E_SYNTAX},
        {"past the end", "@999", MM_E_SYNTAX}, {"to its own label", "a@21", MM_E_SYNTAX},
        {"into the header", "@0", MM_OK},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        begin(0);
        txt(cases[i].name, 60, "x");
        packet.data[0] = packet.data[1] = 0;
        MM_CHECK_INT(cases[i].label, read_reply(), cases[i].status);
    }
    begin(0); /* each pointer leads to the one before it: 200 of them, then the question */
    txt("@12", 60, "x");
    size_t at = 21;
    for (int i = 0; i < 200; i++) {
        char name[16];
        size_t here = packet.len;
        snprintf(name, sizeof name, "@%zu", at);
        txt(name, 60, "x");
        at = here;
    }
    MM_CHECK_INT("a long way back", read_reply(), MM_OK);
    MM_CHECK_INT("all of one name", reply.record_count, 1);
    begin(0);
    cname("@12", 60, "@12");
    packet.len -= 1;
    packet.data[packet.len - 2]--; /* the data's length: half a pointer */
    MM_CHECK_INT("half a pointer", read_reply(), MM_E_SYNTAX);
}

/* Nothing that is done to a good reply makes us read past its end, or loop. */
static void damaged_replies_are_harmless(void **state)
{
    (void)state;
    uint64_t seed = 20;
    for (int round = 0; round < 3000; round++) {
        begin(0);
        cname("@12", 100, "x@14");
        txt("x.b", 60, "some text");
        soa(60, "30");
        for (uint64_t n = mm_random(&seed) % 4; n > 0; n--)
            packet.data[mm_random(&seed) % packet.len] = (uint8_t)mm_random(&seed);
        packet.len -= mm_random(&seed) % 4 == 0 ? mm_random(&seed) % packet.len : 0;
        if (read_reply() == MM_OK)
            MM_CHECK_TRUE("status",
                          reply.status <= MM_TXT_SERVFAIL &&
                              (reply.record_count == 0 || reply.status == MM_TXT_NOERROR));
    }
}

MM_TEST_MAIN(MM_TEST(names_are_checked_before_they_are_asked),
             MM_TEST(questions_are_as_servers_want_them), MM_TEST(records_of_the_name_are_taken),
             MM_TEST(strings_are_joined_and_must_fill_the_record),
             MM_TEST(chains_are_followed_in_any_order), MM_TEST(absence_is_told_apart),
             MM_TEST(failures_are_servfail), MM_TEST(answers_are_bounded),
             MM_TEST(what_is_no_reply_to_this_question_is_refused),
             MM_TEST(pointers_lead_back_only), MM_TEST(damaged_replies_are_harmless))
