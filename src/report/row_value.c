/*
 * row_value.c - values of report rows that plain C has no word for: absent ones, lists, addresses.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>

#include "report/row_value.h"

enum { FIRST_CAP = 4 };

enum mm_status mm_text_list_add(struct mm_text_list *list, struct mm_view text,
                                struct mm_arena *arena)
{
    if (list->count == list->cap) {
        uint32_t cap = list->cap ? list->cap * 2 : FIRST_CAP;
        struct mm_view *items = MM_ARENA_ARRAY(arena, struct mm_view, cap);
        if (!items)
            return MM_E_NOMEM;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = text;
    return MM_OK;
}

static bool is_address_byte(char c)
{
    return mm_is_one_of(c, "0123456789abcdefABCDEF:.");
}

/* What may stand behind an address: nothing, or something that is set apart from it. */
static bool may_follow(struct mm_view rest)
{
    return rest.len == 0 || mm_is_fws((unsigned char)rest.data[0]) ||
           mm_is_one_of(rest.data[0], "](,;%/");
}

/* IPv4 with or without ":port" behind it. */
static bool parse_v4(struct mm_view text, struct mm_ip *ip)
{
    struct mm_view host, port;
    uint64_t number;
    char words[INET_ADDRSTRLEN];
    if (mm_view_cut(text, ':', &host, &port) && !(mm_view_to_u64(port, &number) && number < 65536))
        return false;
    if (host.len >= sizeof(words))
        return false;
    memcpy(words, host.data, host.len);
    words[host.len] = '\0';
    memset(ip->bytes, 0, 10);
    memset(ip->bytes + 10, 0xff, 2);
    return inet_pton(AF_INET, words, ip->bytes + 12) == 1;
}

static bool parse_v6(struct mm_view text, struct mm_ip *ip)
{
    char words[INET6_ADDRSTRLEN];
    if (text.len >= sizeof(words))
        return false;
    memcpy(words, text.data, text.len);
    words[text.len] = '\0';
    return inet_pton(AF_INET6, words, ip->bytes) == 1;
}

/* Four numbers of 0 to 255 without leading zeros, and nothing else: most of all addresses. */
static bool parse_quad(struct mm_view text, struct mm_ip *ip)
{
    size_t at = 0;
    for (unsigned place = 12; place < 16; place++) {
        unsigned number = 0;
        size_t start = at;
        while (at < text.len && at - start < 3 && (unsigned char)(text.data[at] - '0') < 10)
            number = number * 10 + (unsigned)(text.data[at++] - '0');
        if (at == start || number > 255 || (text.data[start] == '0' && at - start > 1))
            return false;
        if (place < 15 && (at == text.len || text.data[at++] != '.'))
            return false;
        ip->bytes[place] = (uint8_t)number;
    }
    memset(ip->bytes, 0, 10);
    memset(ip->bytes + 10, 0xff, 2);
    ip->present = at == text.len;
    return ip->present;
}

bool mm_ip_parse(struct mm_view text, struct mm_ip *ip)
{
    static const struct mm_view tag = {"IPv6:", 5};
    size_t len = 0;
    struct mm_view written = text;
    text = mm_view_trim_fws(text);
    if (parse_quad(text, ip)) {
        ip->plain = text.len == written.len;
        return true;
    }
    *ip = (struct mm_ip){.present = false};
    if (text.len == 0)
        return false;
    if (text.data[0] == '[')
        text = mm_view_sub(text, 1, text.len - 1);
    if (mm_view_starts_nocase(text, tag))
        text = mm_view_sub(text, tag.len, text.len - tag.len);
    while (len < text.len && is_address_byte(text.data[len]))
        len++;
    struct mm_view address = mm_view_sub(text, 0, len);
    if (len == 0 || !may_follow(mm_view_sub(text, len, text.len - len)))
        return false;
    struct mm_ip got = {.present = true};
    if (!parse_v4(address, &got) && !parse_v6(address, &got))
        return false;
    *ip = got;
    return true;
}

bool mm_ip_is_v4(const struct mm_ip *ip)
{
    static const uint8_t head[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip->bytes, head, sizeof head) == 0;
}

static char *put_decimal(char *out, unsigned byte)
{
    if (byte >= 100)
        *out++ = (char)('0' + byte / 100);
    if (byte >= 10)
        *out++ = (char)('0' + byte / 10 % 10);
    *out++ = (char)('0' + byte % 10);
    return out;
}

static size_t v4_text(const uint8_t bytes[4], char *out)
{
    char *at = out;
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            *at++ = '.';
        at = put_decimal(at, bytes[i]);
    }
    return (size_t)(at - out);
}

static char *put_group(char *out, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 12;
    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *out++ = digits[group >> shift & 15];
    return out;
}

/* The first of the longest runs of two and more zero groups (RFC 5952 section 4.2). */
static int longest_run(const unsigned groups[8], int *length)
{
    int best = -1, run = 0;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            best = i - run + 1;
        }
    }
    return best;
}

static size_t v6_text(const uint8_t bytes[16], char *out)
{
    unsigned groups[8];
    int length;
    char *at = out;
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    int run = longest_run(groups, &length);
    for (int i = 0; i < 8; i++) {
        if (i == run) {
            *at++ = ':';
            *at++ = ':';
            i += length - 1;
            continue;
        }
        if (i > 0 && at[-1] != ':')
            *at++ = ':';
        at = put_group(at, groups[i]);
    }
    return (size_t)(at - out);
}

struct mm_view mm_ip_text(const struct mm_ip *ip, struct mm_view written, struct mm_arena *arena)
{
    char words[INET6_ADDRSTRLEN];
    if (ip->plain)
        return written;
    size_t len = mm_ip_is_v4(ip) ? v4_text(ip->bytes + 12, words) : v6_text(ip->bytes, words);
    struct mm_view text = {words, len};
    return mm_view_eq(text, written) ? written : mm_arena_copy(arena, text);
}
