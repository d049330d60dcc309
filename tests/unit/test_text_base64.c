/*
 * test_text_base64.c - published vectors, faults and their offsets, and random text against
 * OpenSSL.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>

#include "base/cpu.h"
#include "support/mm_test.h"
#include "text/base64.h"

/* RFC 4648 section 10, and the two digits outside letters and numbers. */
static const struct {
    const char *plain, *encoded;
} pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
};

static void base64_encodes_and_decodes_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(pairs); i++) {
        struct mm_view plain = mm_view_of(pairs[i].plain), encoded = mm_view_of(pairs[i].encoded);
        char text[16];
        size_t n = mm_base64_encode(text, (const uint8_t *)plain.data, plain.len);
        MM_CHECK_VIEW(pairs[i].plain, ((struct mm_view){text, n}), encoded);
        MM_CHECK_INT(pairs[i].plain, n, MM_BASE64_ENCODED_BYTES(plain.len));
        uint8_t bytes[16];
        MM_CHECK_INT(pairs[i].encoded, mm_base64_decode(encoded, bytes, &n, NULL), MM_OK);
        MM_CHECK_VIEW(pairs[i].encoded, ((struct mm_view){(char *)bytes, n}), plain);
    }
}

static const struct {
    const char *label, *text, *plain; /* plain NULL: a fault */
    size_t at;
} texts[] = {
    {"folded anywhere", " Z\tm 9\r\n vY\r\n\tmF\ny ", "foobar", 0},
    {"only white space", " \t\r\n", "", 0},
    {"no padding, one octet left", "Zm9vYg", "foob", 0},
    {"no padding, two octets left", "Zm9vYmE", "fooba", 0},
    {"white space around padding", "Zm9vYg = \r\n = ", "foob", 0},
    {"spare bits set", "Zm9vYh==", "foob", 0},
    {"one digit over", "Zm9vY", NULL, 5},
    {"one digit alone", "Z", NULL, 1},
    {"half the padding", "Zm9vYg=", NULL, 7},
    {"padding without digits", "Zm9v=", NULL, 4},
    {"padding after one digit", "Z===", NULL, 1},
    {"too much padding", "Zm9vYmE==", NULL, 8},
    {"digit after padding", "Zg==Zg==", NULL, 4},
    {"digit inside padding", "Zg=Z", NULL, 3},
    {"padding alone", "==", NULL, 0},
    {"base64url", "-_-_", NULL, 0},
    {"semicolon", "Zm9v;", NULL, 4},
    {"vertical tab is no FWS", "Zm9v\vZg==", NULL, 4},
    {"byte of the upper half", "Zm9vZ\xc3\xa9", NULL, 5},
};

static void base64_decode_is_strict_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(texts[i].text));
        uint8_t out[64];
        size_t n = 0, at = SIZE_MAX;
        enum mm_status st = mm_base64_decode(g.view, out, &n, &at);
        MM_CHECK_INT(texts[i].label, st, texts[i].plain ? MM_OK : MM_E_SYNTAX);
        if (texts[i].plain)
            MM_CHECK_VIEW(texts[i].label, ((struct mm_view){(char *)out, n}),
                          mm_view_of(texts[i].plain));
        else
            MM_CHECK_INT(texts[i].label, at, texts[i].at);
        mm_guard_free(&g);
    }
    uint8_t out[4];
    size_t n;
    MM_CHECK_INT("NUL", mm_base64_decode(MM_VIEW("Zm\0v"), out, &n, NULL), MM_E_SYNTAX);
}

/* Text with blanks sown in; the decoder must see through them. */
static size_t sow_blanks(char *out, const char *text, size_t len, uint64_t *seed)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        while (mm_random(seed) >> 60 == 0)
            out[n++] = " \t\r\n"[mm_random(seed) >> 62];
        out[n++] = text[i];
    }
    return n;
}

static void base64_agrees_with_openssl_on_random_bytes_of_every_length(void **state)
{
    (void)state;
    uint64_t seed = 4648;
    for (size_t len = 0; len < 400; len++) {
        uint8_t bytes[400];
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)(mm_random(&seed) >> 56);
        struct mm_guard in = mm_guard_copy((struct mm_view){(char *)bytes, len});
        char theirs[544], ours[544], sown[4096];
        size_t n = (size_t)EVP_EncodeBlock((unsigned char *)theirs, bytes, (int)len);
        size_t m = mm_base64_encode(ours, (const uint8_t *)in.view.data, len);
        MM_CHECK_VIEW("encode", ((struct mm_view){ours, m}), ((struct mm_view){theirs, n}));
        struct mm_guard text =
            mm_guard_copy((struct mm_view){sown, sow_blanks(sown, ours, m, &seed)});
        uint8_t back[MM_BASE64_DECODED_MAX(4096)];
        MM_CHECK_INT("decode", mm_base64_decode(text.view, back, &n, NULL), MM_OK);
        MM_CHECK_VIEW("decode", ((struct mm_view){(char *)back, n}), in.view);
        mm_guard_free(&text);
        mm_guard_free(&in);
    }
}

static void base64_decode_writes_no_further_than_promised(void **state)
{
    (void)state;
    uint64_t seed = 10;
    for (size_t len = 0; len < 64; len++) {
        char text[64];
        for (size_t i = 0; i < len; i++)
            text[i] = "AZaz09+/ \n=*"[mm_random(&seed) % (i + 2 < len ? 10 : 12)];
        char room[MM_BASE64_DECODED_MAX(64)] = {0};
        struct mm_guard out = mm_guard_copy((struct mm_view){room, MM_BASE64_DECODED_MAX(len)});
        size_t n = 0;
        enum mm_status st =
            mm_base64_decode((struct mm_view){text, len}, (uint8_t *)out.view.data, &n, NULL);
        MM_CHECK_TRUE("length", st != MM_OK || n <= out.view.len);
        mm_guard_free(&out);
    }
}

/* Both forms on one text: the same answer, the same octets, the same offset. */
static void check_both(struct mm_view text)
{
    struct mm_guard g = mm_guard_copy(text),
                    room =
                        mm_guard_copy((struct mm_view){text.data, MM_BASE64_DECODED_MAX(text.len)});
    uint8_t want[MM_BASE64_DECODED_MAX(1400)];
    uint8_t *got = (uint8_t *)room.view.data;
    size_t want_len = 0, got_len = 0, want_at = 0, got_at = 0;
    enum mm_status st = mm_base64_decode_reference(text, want, &want_len, &want_at);
    MM_CHECK_INT("status", mm_base64_decode(g.view, got, &got_len, &got_at), st);
    if (st == MM_OK)
        MM_CHECK_VIEW("octets", ((struct mm_view){(char *)got, got_len}),
                      ((struct mm_view){(char *)want, want_len}));
    MM_CHECK_INT("offset", got_at, want_at);
    mm_guard_free(&room);
    mm_guard_free(&g);
}

static void base64_decode_is_the_reference_on_every_tier(void **state)
{
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[1404];
    uint64_t seed = 344;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (size_t round = 0; round < 4000; round++) {
            size_t len = round < 1400 ? round : 40 + round % 64;
            for (size_t i = 0; i < len; i++)
                text[i] =
                    i % 76 == 75 ? "\r\n\t "[mm_random(&seed) % 4] : digits[mm_random(&seed) % 64];
            if (len > 2 && mm_random(&seed) % 2)
                memset(text + len - 1 - mm_random(&seed) % 2, '=', 1 + mm_random(&seed) % 2);
            if (len > 0 && mm_random(&seed) % 2) /* any byte anywhere */
                text[mm_random(&seed) % len] = (char)(mm_random(&seed) >> 56);
            check_both((struct mm_view){text, len});
        }
        for (unsigned byte = 0; byte < 256; byte++) /* each byte at each place of a step */
            for (size_t at = 0; at < 32; at++) {
                memset(text, 'Q', 64);
                text[at] = (char)byte;
                check_both((struct mm_view){text, 64});
            }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

MM_TEST_MAIN(MM_TEST(base64_encodes_and_decodes_the_published_vectors),
             MM_TEST(base64_decode_is_strict_and_says_where),
             MM_TEST(base64_agrees_with_openssl_on_random_bytes_of_every_length),
             MM_TEST(base64_decode_writes_no_further_than_promised),
             MM_TEST(base64_decode_is_the_reference_on_every_tier))
