/*
 * test_report_row_value.c - lists that grow, addresses as reporters write them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>

#include "support/mm_test.h"

#include <arpa/inet.h>

#include "report/row_value.h"

/* `want` is the canonical IPv6 form; NULL where the text is no address. */
static const struct {
    const char *label, *text, *want;
} addresses[] = {
    {"IPv4", "192.0.2.1", "::ffff:192.0.2.1"},
    {"host in parentheses", "148.163.85.135 (mail.example.org)", "::ffff:148.163.85.135"},
    {"host right behind it", "148.163.85.135(mail.example.org)", "::ffff:148.163.85.135"},
    {"port", "192.0.2.1:25", "::ffff:192.0.2.1"},
    {"brackets and port", "[192.0.2.1]:25", "::ffff:192.0.2.1"},
    {"IPv6", "2001:DB8::1", "2001:db8::1"},
    {"tagged IPv6 in brackets", "[IPv6:2001:db8::1]", "2001:db8::1"},
    {"tag in small letters", "ipv6:2001:db8::1", "2001:db8::1"},
    {"mapped IPv4", "::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"blanks around", " \t192.0.2.1\r\n", "::ffff:192.0.2.1"},
    {"zone of a link", "fe80::1%eth0", "fe80::1"},
    {"redacted", "x.x.x.x", NULL},
    {"a letter inside", "108r.166.27.220", NULL},
    {"a letter behind", "192.0.2.1x", NULL},
    {"octet over 255", "192.0.2.256", NULL},
    {"three octets", "192.0.2", NULL},
    {"port that is none", "192.0.2.1:99999", NULL},
    {"name", "mail.example.org", NULL},
    {"nothing", "", NULL},
    {"bracket only", "[", NULL},
    {"tag only", "IPv6:", NULL},
    {"far too long", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee", NULL},
};

static void ip_parse_takes_an_address_out_of_what_reporters_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(addresses); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(addresses[i].text));
        struct mm_ip ip;
        uint8_t want[16] = {0};
        if (addresses[i].want)
            assert_int_equal(inet_pton(AF_INET6, addresses[i].want, want), 1);
        MM_CHECK_INT(addresses[i].label, mm_ip_parse(g.view, &ip), addresses[i].want != NULL);
        MM_CHECK_INT(addresses[i].label, ip.present, addresses[i].want != NULL);
        MM_CHECK_INT(addresses[i].label, memcmp(ip.bytes, want, 16), 0);
        mm_guard_free(&g);
    }
    struct mm_ip ip;
    MM_CHECK_TRUE("a NUL behind it", !mm_ip_parse(MM_VIEW("192.0.2.1\0x"), &ip) && !ip.present);
}

static void text_list_keeps_order_while_it_grows(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_text_list list = {0};
    static const char digits[] = "0123456789";
    mm_arena_init(&arena, 4096);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(mm_text_list_add(&list, (struct mm_view){digits + i, 1}, &arena), MM_OK);
    assert_int_equal(list.count, 10);
    for (size_t i = 0; i < 10; i++)
        MM_CHECK_VIEW("item", list.items[i], ((struct mm_view){digits + i, 1}));
    mm_arena_deinit(&arena);
}

static void text_list_says_when_memory_ends(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_text_list list = {0};
    enum mm_status st = MM_OK;
    mm_arena_init(&arena, 512);
    for (int i = 0; i < 100 && st == MM_OK; i++)
        st = mm_text_list_add(&list, MM_VIEW("x"), &arena);
    assert_int_equal(st, MM_E_NOMEM);
    assert_true(list.count > 0 && list.count < 100);
    mm_arena_deinit(&arena);
}

/* inet_ntop(3) writes the last 32 bits of ::a.b.c.d with dots, which RFC 5952 section 5 leaves to
 * prefixes that are known to hold such addresses. */
static bool is_compatible(const struct mm_ip *ip)
{
    static const uint8_t zeros[12];
    return memcmp(ip->bytes, zeros, sizeof zeros) == 0;
}

static void addresses_are_written_as_the_c_library_writes_them(void **state)
{
    (void)state;
    struct mm_arena arena;
    uint64_t seed = 5952;
    mm_arena_init(&arena, 1 << 20);
    for (size_t round = 0; round < 20000; round++) {
        struct mm_ip ip = {.present = true}, back;
        char want[INET6_ADDRSTRLEN];
        for (size_t i = 0; i < 16; i++)
            ip.bytes[i] = (uint8_t)(mm_random(&seed) % 3 ? 0 : mm_random(&seed));
        if (round % 3 == 0) {
            memset(ip.bytes, 0, 10);
            memset(ip.bytes + 10, 0xff, 2);
        }
        bool v4 = mm_ip_is_v4(&ip);
        if (!v4 && is_compatible(&ip))
            continue;
        inet_ntop(v4 ? AF_INET : AF_INET6, ip.bytes + (v4 ? 12 : 0), want, sizeof want);
        struct mm_view text = mm_ip_text(&ip, MM_VIEW(""), &arena);
        MM_CHECK_VIEW("text", text, mm_view_of(want));
        MM_CHECK_TRUE("and back", mm_ip_parse(text, &back) &&
                                      memcmp(ip.bytes, back.bytes, sizeof ip.bytes) == 0);
        MM_CHECK_TRUE("the same text is not copied",
                      mm_ip_text(&ip, text, &arena).data == text.data);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

static void quads_are_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    static const char *const parts[] = {"0",   "00",  "1",    "01", "9",  "10", "255",
                                        "256", "999", "1000", "",   "-1", "a"};
    uint64_t seed = 791;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t round = 0; round < 20000; round++) {
        char text[64] = "", shown[INET_ADDRSTRLEN];
        uint8_t want[4];
        struct mm_ip ip;
        size_t count = round % 9 ? 4 : 3 + mm_random(&seed) % 3;
        for (size_t i = 0; i < count; i++) {
            strcat(text, i ? "." : "");
            strcat(text, parts[mm_random(&seed) % (round % 2 ? 7 : MM_COUNT(parts))]);
        }
        char spaced[80];
        snprintf(spaced, sizeof spaced, "%s%s%s", round % 5 ? "" : " ", text,
                 round % 7 ? "" : "\n");
        struct mm_guard g = mm_guard_copy(mm_view_of(spaced));
        bool is_one = inet_pton(AF_INET, text, want) == 1;
        MM_CHECK_INT(text, mm_ip_parse(g.view, &ip), is_one);
        MM_CHECK_TRUE(text, !is_one || memcmp(want, ip.bytes + 12, 4) == 0);
        if (is_one)
            MM_CHECK_VIEW(text, mm_ip_text(&ip, g.view, &arena),
                          mm_view_of(inet_ntop(AF_INET, want, shown, sizeof shown)));
        mm_arena_reset(&arena);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(addresses_are_written_as_the_c_library_writes_them),
             MM_TEST(quads_are_read_as_the_c_library_reads_them),
             MM_TEST(ip_parse_takes_an_address_out_of_what_reporters_write),
             MM_TEST(text_list_keeps_order_while_it_grows),
             MM_TEST(text_list_says_when_memory_ends))
