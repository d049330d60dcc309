/*
 * test_dns_servers.c - servers as text, and whose word on DNSSEC counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/dns_servers.h"
#include "support/mm_test.h"

static const struct {
    const char *text, *want; /* NULL: refused */
    bool is_trusted;
} cases[] = {
    {"127.0.0.1", "DNS 127.0.0.1:53", true},
    {"127.9.9.9:5300", "DNS 127.9.9.9:5300", true},
    {"192.0.2.1:65535", "DNS 192.0.2.1:65535", false},
    {"::1", "DNS [::1]:53", true},
    {"[::1]", "DNS [::1]:53", true},
    {"[::1]:5353", "DNS [::1]:5353", true},
    {"2001:db8::53", "DNS [2001:db8::53]:53", false},
    {"", NULL, false},
    {":", NULL, false},
    {":53", NULL, false},
    {"localhost", NULL, false},
    {"192.0.2.1:", NULL, false},
    {"192.0.2.1:0", NULL, false},
    {"192.0.2.1:65536", NULL, false},
    {"192.0.2.1:-1", NULL, false},
    {"192.0.2.1 ", NULL, false},
    {"192.0.2.256", NULL, false},
    {"[192.0.2.1", NULL, false},
    {"[]", NULL, false},
    {"[::1]53", NULL, false},
    {"[::1]:", NULL, false},
    {"::1::", NULL, false},
    {"fe80::1%eth0", NULL, false},
    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd", NULL, false},
};

static void servers_are_read_from_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_dns_servers servers;
        struct mm_error err = {.text = ""};
        enum mm_status st = mm_dns_servers_read(cases[i].text, &servers, &err);
        MM_CHECK_INT(cases[i].text, st, cases[i].want ? MM_OK : MM_E_ARG);
        MM_CHECK_INT(cases[i].text, err.text[0] != '\0', !cases[i].want);
        if (st != MM_OK)
            continue;
        MM_CHECK_INT(cases[i].text, servers.count, 1);
        MM_CHECK_VIEW(cases[i].text, mm_view_of(servers.text), mm_view_of(cases[i].want));
        MM_CHECK_INT(cases[i].text, servers.is_trusted, cases[i].is_trusted);
    }
}

static const struct {
    const char *text;
    bool trusts;
} confs[] = {
    {"", false},
    {"nameserver 192.0.2.1\n", false},
    {"nameserver 192.0.2.1\noptions edns0 trust-ad\n", true},
    {"options trust-ad", true},
    {"options\ttimeout:1\ttrust-ad\r\nsearch x\n", true},
    {"#options trust-ad\n", false},
    {"; options trust-ad\n", false},
    {"search trust-ad\n", false},
    {"options no-trust-ad trust-add\n", false},
    {"optionsx trust-ad\n", false},
    {"options\ntrust-ad\n", false},
    {"\n\n  options   trust-ad  \n", true},
};

static void resolv_conf_says_whether_ad_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(confs); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(confs[i].text));
        MM_CHECK_INT(confs[i].text, mm_dns_trusts_ad(g.view), confs[i].trusts);
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(servers_are_read_from_text), MM_TEST(resolv_conf_says_whether_ad_counts))
