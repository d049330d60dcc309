/*
 * test_report_unwrap.c - archives and packings: the lines 1 to 5, 7 and 8 of the list of cases.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zlib.h>

#include "io/tar_write.h"
#include "support/mm_test.h"
#include "support/packing.h"
#include "support/unwrap_list.h"

#define XML  "<?xml version=\"1.0\"?>\n<feedback><report_metadata/></feedback>\n"
#define JSON "{\"organization-name\":\"x\",\"policies\":[]}"
#define MAIL "From: a@example.com\nSubject: s\n\nhello\n"
enum { BUF_MAX = 3 << 28 };

static struct mm_unwrapper *unwrapper;
static struct mm_unwrap_list list;

static int set_up(void **state)
{
    (void)state;
    unwrapper = mm_unwrapper_new();
    return unwrapper ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mm_unwrapper_free(&unwrapper);
    return 0;
}

static void sees(const char *label, struct mm_view bytes, const char *want)
{
    mm_unwrap_list(unwrapper, bytes, &list);
    MM_CHECK_VIEW(label, mm_view_of(list.text), mm_view_of(want));
}

static struct mm_buf fresh(void)
{
    struct mm_buf b;
    mm_buf_init(&b, BUF_MAX);
    return b;
}

/* `text` packed by `pack`, `times` over. */
static struct mm_buf packed(void (*pack)(struct mm_buf *, struct mm_view), struct mm_view text,
                            unsigned times)
{
    struct mm_buf now = fresh();
    mm_buf_append(&now, text);
    for (unsigned i = 0; i < times; i++) {
        struct mm_buf next = fresh();
        pack(&next, mm_buf_view(&now));
        mm_buf_deinit(&now);
        now = next;
    }
    return now;
}

static struct mm_buf spaces(size_t bytes, const char *end)
{
    struct mm_buf b = fresh();
    assert_true(mm_buf_reserve(&b, bytes + strlen(end)));
    memset(b.data, ' ', bytes);
    b.len = bytes;
    mm_buf_append_str(&b, end);
    return b;
}

/* ---- 1. what something is, its bytes say ---- */

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
static const struct {
    const char *label;
    struct mm_view bytes;
    const char *found;
} contents[] = {
    {"xml", TEXT(XML), "xml"},
    {"xml without a declaration", TEXT("<feedback/>"), "xml"},
    {"xml behind a mark", TEXT("\xef\xbb\xbf<feedback/>"), "xml"},
    {"xml behind white space", TEXT("\r\n  <feedback/>"), "xml"},
    {"utf-16, little-endian", TEXT("\xff\xfe<\0f\0"), "xml"},
    {"utf-16, big-endian", TEXT("\xfe\xff\0<\0f"), "xml"},
    {"utf-16 without a mark", TEXT("\0<\0f\0e"), "xml"},
    {"utf-16 without a mark, little-endian", TEXT("<\0f\0e\0"), "xml"},
    {"json", TEXT(JSON), "json"},
    {"json behind a mark", TEXT("\xef\xbb\xbf{}"), "json"},
    {"a json list", TEXT(" [1]"), "json"},
    {"a mail", TEXT(MAIL), "mail"},
    {"a mail behind empty lines", TEXT("\n\r\n" MAIL), "mail"},
    {"a mail with bare CR", TEXT("From: a@example.com\rSubject: s\r\rhello\r"), "mail"},
    {"a mail whose first field was lost", TEXT(" by host\nReceived: x\n\nhello"), "mail"},
    {"an mbox", TEXT("From a@b Mon Jan 1\n" MAIL), "mail@0"},
    {"a text", TEXT("Hi. This is the qmail-send program.\nSorry:\n"), "text"},
    {"a text that begins with an address", TEXT("<user@example.com>:\nunknown user\n"), "text"},
    {"a text that begins with a bracket", TEXT("[from here on, the message]\nx\n"), "text"},
    {"an element with a prefix", TEXT("<ns1:feedback xmlns:ns1=\"x\">"), "xml"},
    {"an element that is cut short", TEXT("<feedba"), "xml"},
    {"a comment first", TEXT("<!-- a --><feedback/>"), "xml"},
    {"an empty list", TEXT("[ ]"), "json"},
    {"a brace alone", TEXT("{"), "json"},
    {"a template", TEXT("{name} was here\n"), "text"},
    {"a text that looks like a field", TEXT("Reason: no such user\nmore\n"), "text"},
    {"a text with a field behind an empty line", TEXT("Note: x\n\nFrom: a@example.com\n"), "text"},
    {"nothing", TEXT(""), "empty-document"},
    {"white space", TEXT(" \r\n\t"), "empty-document"},
    {"anything", TEXT("\x89PNG\r\n\x1a\n\0\0\0"), "unknown-kind"},
};

static void case_01_content_is_told_by_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(contents); i++)
        sees(contents[i].label, contents[i].bytes, contents[i].found);
}

/* ---- 2 and 3. zip ---- */

static void case_02_each_member_of_a_zip_is_an_input(void **state)
{
    struct mm_zip_maker m;
    struct mm_buf gz = packed(mm_pack_gzip, MM_VIEW(XML), 1);
    (void)state;
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.xml", MM_VIEW(XML));
    mm_zip_make_add(&m, "folder/", MM_VIEW(""));
    mm_zip_make_add(&m, "__MACOSX/._a.xml", MM_VIEW("\0\5\x16\7"));
    mm_zip_make_add(&m, ".DS_Store", MM_VIEW("\0\0\0\1Bud1"));
    mm_zip_make_add(&m, "folder/b.json", MM_VIEW(JSON));
    mm_zip_make_add(&m, "c.eml", MM_VIEW(MAIL));
    mm_zip_make_add(&m, "d.xml.gz", mm_buf_view(&gz));
    mm_zip_make_add(&m, "table.png", MM_VIEW("\x89PNG\r\n\x1a\n\0\0"));
    list.wanted = MM_VIEW(XML);
    sees("zip", mm_zip_make_end(&m), "xml@a.xml json@folder/b.json mail@c.eml xml@d.xml.gz");
    MM_CHECK_INT("three of macOS and a folder, and a picture", list.counts.skipped, 4);
    MM_CHECK_VIEW("name without folders", mm_view_of(list.file_name), MM_VIEW("d.xml.gz"));
    list.wanted = MM_VIEW("");
    mm_zip_make_free(&m);
    mm_buf_deinit(&gz);
}

static void case_02_a_bad_member_is_named_and_the_good_ones_are_kept(void **state)
{
    struct mm_zip_maker m;
    (void)state;
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.xml", MM_VIEW(XML));
    mm_zip_make_add(&m, "b.xml", MM_VIEW(XML));
    mm_zip_make_add(&m, "c.xml", MM_VIEW(XML));
    struct mm_view zip = mm_zip_make_end(&m);
    size_t after = sizeof XML + 60; /* the member before */
    char *hit = memmem(zip.data + after, zip.len - after, "feedback", 8);
    *hit = 'F'; /* the CRC-32 of b.xml does not fit any more */
    sees("zip", zip, "xml@a.xml zip-damaged@b.xml xml@c.xml");
    mm_zip_make_free(&m);
}

static void case_03_zips_that_hold_no_report_say_why(void **state)
{
    struct mm_zip_maker m;
    (void)state;
    mm_zip_make_begin(&m);
    sees("no member", mm_zip_make_end(&m), "empty-archive");
    mm_zip_make_free(&m);
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "folder/", MM_VIEW(""));
    sees("a folder", mm_zip_make_end(&m), "empty-archive");
    mm_zip_make_free(&m);
    mm_zip_make_begin(&m);
    mm_zip_make_add_encrypted(&m, "a.xml");
    mm_zip_make_add(&m, "b.xml", MM_VIEW(XML));
    sees("encrypted", mm_zip_make_end(&m), "zip-encrypted@a.xml xml@b.xml");
    mm_zip_make_free(&m);
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.xml", MM_VIEW(""));
    sees("an empty member", mm_zip_make_end(&m), "empty-document@a.xml");
    mm_zip_make_free(&m);
    mm_zip_make_begin(&m);
    list.texts_are_none = true;
    mm_zip_make_add(&m, "a.txt", MM_VIEW("nothing\n"));
    mm_zip_make_add(&m, "b.txt", MM_VIEW("at all\n"));
    sees("texts alone", mm_zip_make_end(&m), "unknown-kind");
    mm_zip_make_free(&m);
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.csv", MM_VIEW("ip,count\n"));
    mm_zip_make_add(&m, "a.xml", MM_VIEW(XML));
    sees("a table beside the report", mm_zip_make_end(&m), "xml@a.xml");
    MM_CHECK_INT("it was skipped", list.counts.skipped, 1);
    list.texts_are_none = false;
    mm_zip_make_free(&m);
}

/* A header that tells no lengths, and data behind it that nothing ends: a zip by a writer that
 * could not seek, cut short. */
static struct mm_buf cut_zip(char method, struct mm_view data)
{
    static const char header[] =
        "PK\3\4\x14\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.xml";
    struct mm_buf b = fresh();
    mm_buf_append(&b, (struct mm_view){header, sizeof header - 1});
    b.data[8] = method;
    mm_buf_append(&b, data);
    return b;
}

static void case_03_a_zip_that_is_cut_short_gives_what_there_is_of_its_last_member(void **state)
{
    enum { GZIP_HEAD = 10, GZIP_TAIL = 8, DEFLATED = 8 };
    char text[20000];
    uint64_t seed = 9;
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + mm_random(&seed) % 26);
    memcpy(text, XML, sizeof XML - 1);
    struct mm_buf gz = packed(mm_pack_gzip, (struct mm_view){text, sizeof text}, 1);
    struct mm_view deflated =
        mm_view_sub(mm_buf_view(&gz), GZIP_HEAD, gz.len - GZIP_HEAD - GZIP_TAIL);
    struct mm_buf zip = cut_zip(DEFLATED, deflated);
    size_t header = zip.len - deflated.len;
    sees("half of it", mm_view_sub(mm_buf_view(&zip), 0, zip.len / 2), "xml@a.xml zip-cut-short");
    MM_CHECK_INT("it says so", list.salvaged, true);
    MM_CHECK_VIEW("its name", mm_view_of(list.file_name), MM_VIEW("a.xml"));
    list.wanted = (struct mm_view){text, sizeof text};
    sees("all of it, without a check sum", mm_buf_view(&zip), "xml@a.xml zip-cut-short");
    MM_CHECK_INT("it says so", list.salvaged, true);
    list.wanted = MM_VIEW("");
    sees("a header alone", mm_view_sub(mm_buf_view(&zip), 0, header),
         "packed-cut-short@a.xml zip-cut-short");
    sees("a part of a header", mm_view_sub(mm_buf_view(&zip), 0, header - 1), "zip-cut-short");
    zip.data[header] = '\xff';
    sees("damaged from the first byte on", mm_buf_view(&zip), "packed-damaged@a.xml zip-cut-short");
    mm_buf_deinit(&zip);
    mm_buf_deinit(&gz);
}

static void case_03_a_stored_member_is_cut_short_where_its_length_says_so(void **state)
{
    struct mm_zip_maker m;
    (void)state;
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.xml", MM_VIEW(XML));
    mm_zip_make_add(&m, "b.xml", MM_VIEW(XML));
    struct mm_view zip = mm_zip_make_end(&m);
    size_t one = 30 + sizeof "a.xml" - 1 + sizeof XML - 1;
    sees("in the second", mm_view_sub(zip, 0, 2 * one - 5), "xml@a.xml xml@b.xml zip-cut-short");
    MM_CHECK_INT("it says so", list.salvaged, true);
    sees("between them", mm_view_sub(zip, 0, one), "xml@a.xml zip-cut-short");
    MM_CHECK_INT("the first is whole", list.salvaged, false);
    mm_zip_make_free(&m);
}

static void case_03_a_member_that_is_cut_short_has_the_limits_of_others(void **state)
{
    (void)state;
    struct mm_buf bomb = spaces((size_t)4 << 20, XML);
    struct mm_buf dense = packed(mm_pack_gzip, mm_buf_view(&bomb), 1);
    struct mm_buf cut = cut_zip(8, mm_view_sub(mm_buf_view(&dense), 10, dense.len - 100));
    sees("a bomb", mm_buf_view(&cut), "too-dense@a.xml zip-cut-short");
    mm_buf_deinit(&cut);
    mm_buf_deinit(&dense);
    mm_buf_deinit(&bomb);
}

/* ---- 4. packings ---- */

static void case_04_packings_are_opened_three_deep_and_no_deeper(void **state)
{
    static void (*const packs[])(struct mm_buf *, struct mm_view) = {mm_pack_gzip, mm_pack_zlib,
                                                                     mm_pack_zstd};
    static const char *const names[] = {"gzip", "zlib", "zstd"};
    (void)state;
    list.wanted = MM_VIEW(XML);
    for (size_t i = 0; i < MM_COUNT(packs); i++)
        for (unsigned times = 1; times <= MM_UNWRAP_DEPTH_MAX + 1; times++) {
            struct mm_buf b = packed(packs[i], MM_VIEW(XML), times);
            sees(names[i], mm_buf_view(&b),
                 times <= MM_UNWRAP_DEPTH_MAX ? "xml" : "containers-too-deep");
            mm_buf_deinit(&b);
        }
    list.wanted = MM_VIEW("");
}

static void case_04_members_are_joined_and_what_follows_is_ignored(void **state)
{
    struct mm_buf b = fresh();
    (void)state;
    list.wanted = MM_VIEW(XML XML);
    mm_pack_gzip(&b, MM_VIEW(XML));
    mm_pack_gzip(&b, MM_VIEW(XML));
    sees("two members", mm_buf_view(&b), "xml");
    mm_buf_append(&b, MM_VIEW("\r\n\0\0\0"));
    sees("and a tail", mm_buf_view(&b), "xml");
    MM_CHECK_INT("nothing is missing", list.salvaged, false);
    list.wanted = MM_VIEW("");
    mm_buf_deinit(&b);
}

static void case_04_what_is_cut_short_is_given_as_far_as_it_goes(void **state)
{
    char text[20000];
    uint64_t seed = 9;
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + mm_random(&seed) % 26);
    memcpy(text, XML, sizeof XML - 1);
    struct mm_buf b = packed(mm_pack_gzip, (struct mm_view){text, sizeof text}, 1);
    sees("half of it", mm_view_sub(mm_buf_view(&b), 0, b.len / 2), "xml");
    MM_CHECK_INT("it says so", list.salvaged, true);
    sees("a header alone", mm_view_sub(mm_buf_view(&b), 0, 11), "packed-cut-short");
    MM_CHECK_TRUE("how far it went",
                  strstr(list.detail, "(byte 11 of 11 packed ones, 0 unpacked)"));
    b.data[b.len - 6] ^= 1;
    sees("a wrong check sum", mm_buf_view(&b), "xml");
    MM_CHECK_INT("it says so", list.salvaged, true);
    b.data[10] = '\xff';
    sees("damaged from the first byte on", mm_buf_view(&b), "packed-damaged");
    mm_buf_deinit(&b);
}

/* ---- 5. limits ---- */

static void case_05_limits_of_size_and_ratio_are_named(void **state)
{
    (void)state;
    struct mm_buf text = spaces((size_t)32 << 20, XML);
    struct mm_buf dense = packed(mm_pack_gzip, mm_buf_view(&text), 1);
    sees("dense", mm_buf_view(&dense), "too-dense");
    mm_buf_deinit(&dense);
    mm_buf_deinit(&text);
    text = spaces((size_t)MM_INFLATE_MEMBER_BYTES, XML);
    uint64_t seed = 1;
    for (size_t i = 0; i < text.len; i += 600) /* 500:1 and less */
        text.data[i] = "\n\r\t "[mm_random(&seed) % 4];
    struct mm_buf large = packed(mm_pack_zstd, mm_buf_view(&text), 1);
    sees("large", mm_buf_view(&large), "too-large");
    mm_buf_deinit(&large);
    struct mm_view most = mm_view_sub(mm_buf_view(&text), sizeof XML - 1, MM_INFLATE_MEMBER_BYTES);
    large = packed(mm_pack_zstd, most, 1);
    sees("as large as can be", mm_buf_view(&large), "xml");
    mm_buf_deinit(&large);
    struct mm_zip_maker m;
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "a.xml", most);
    sees("the same in a zip", mm_zip_make_end(&m), "xml@a.xml");
    mm_zip_make_free(&m);
    mm_buf_deinit(&text);
}

/* Five members of 60 MiB each: the fifth is over what one input may give. */
static void case_05_all_that_an_input_unpacks_to_is_bounded(void **state)
{
    enum { MEMBERS = 5 };
    struct mm_zip_maker m;
    struct mm_buf text = spaces((size_t)60 << 20, XML), gz;
    char name[MEMBERS][8];
    uint64_t seed = 1;
    (void)state;
    for (size_t i = 0; i < text.len - 100; i += 600)
        text.data[i] = "\n\r\t "[mm_random(&seed) % 4];
    gz = packed(mm_pack_gzip, mm_buf_view(&text), 1);
    mm_zip_make_begin(&m);
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name[i], sizeof name[i], "%d.gz", i);
        mm_zip_make_add(&m, name[i], mm_buf_view(&gz));
    }
    sees("five", mm_zip_make_end(&m), "xml@0.gz xml@1.gz xml@2.gz xml@3.gz too-large@4.gz");
    mm_zip_make_free(&m);
    mm_buf_deinit(&gz);
    mm_buf_deinit(&text);
}

static void case_05_members_are_counted(void **state)
{
    struct mm_zip_maker m;
    (void)state;
    for (unsigned count = 65000; count <= 65000; count++) {
        mm_zip_make_begin(&m);
        for (unsigned i = 0; i < count; i++)
            mm_zip_make_add(&m, "a.xml", MM_VIEW("<feedback/>"));
        mm_unwrap_list(unwrapper, mm_zip_make_end(&m), &list);
        MM_CHECK_INT("taken", list.counts.taken, MM_UNWRAP_MEMBERS_MAX);
        MM_CHECK_INT("told once", list.counts.rejected, 1);
        mm_zip_make_free(&m);
    }
}

/* ---- 7. mbox ---- */

static const struct {
    const char *label, *mbox, *found;
} mboxes[] = {
    {"two messages", "From a Mon\n" MAIL "\nFrom b Tue\n" MAIL "\n", "mail@0 mail@50"},
    {"the last without a line end", "From a Mon\nFrom: x\n\nhello", "mail@0"},
    {"CRLF", "From a Mon\r\nFrom: x\r\n\r\nhi\r\n\r\nFrom b\r\nFrom: y\r\n\r\nhi\r\n",
     "mail@0 mail@29"},
    {"From in a text is no separator", "From a Mon\nFrom: x\n\nhello\nFrom here on\n", "mail@0"},
    {"a quoted one neither", "From a Mon\nFrom: x\n\nhello\n\n>From here on\n", "mail@0"},
    {"a field with a blank is none", "From : x\nSubject: y\n\nhello\n", "mail"},
};

static void case_07_an_mbox_is_cut_at_separators_behind_empty_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(mboxes); i++)
        sees(mboxes[i].label, mm_view_of(mboxes[i].mbox), mboxes[i].found);
}

static void case_07_a_quoted_line_of_a_report_is_unquoted(void **state)
{
    (void)state;
    list.wanted = MM_VIEW("<feedback>\nFrom x\n</feedback>\n");
    sees("mboxrd",
         MM_VIEW("From a Mon\nFrom: x@y\nContent-Type: text/xml\n\n<feedback>\n>From "
                 "x\n</feedback>\n"),
         "xml@0");
    list.wanted = MM_VIEW("");
}

/* ---- 8. tar ---- */

static void case_08_a_tar_gives_its_files_and_nothing_else(void **state)
{
    struct mm_buf tar = fresh();
    char long_name[300];
    (void)state;
    memset(long_name, 'n', sizeof long_name);
    memcpy(long_name + sizeof long_name - 5, ".xml", 5);
    mm_tar_write_header(&tar, MM_VIEW("dir/a.xml"), sizeof XML - 1, 0);
    mm_buf_append(&tar, MM_VIEW(XML));
    mm_tar_write_padding(&tar, sizeof XML - 1);
    mm_tar_write_header(&tar, MM_VIEW("dir/._a.xml"), sizeof XML - 1, 0);
    mm_buf_append(&tar, MM_VIEW(XML));
    mm_tar_write_padding(&tar, sizeof XML - 1);
    mm_tar_write_header(&tar, MM_VIEW("empty"), 0, 0);
    mm_tar_write_header(&tar, mm_view_of(long_name), sizeof XML - 1, 0);
    mm_buf_append(&tar, MM_VIEW(XML));
    mm_tar_write_padding(&tar, sizeof XML - 1);
    size_t cut = tar.len;
    mm_tar_write_header(&tar, MM_VIEW("link"), 0, 0);
    tar.data[cut + 156] = '2'; /* a symbolic link */
    int sum = 0;
    memset(tar.data + cut + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)tar.data[cut + i];
    snprintf(tar.data + cut + 148, 8, "%06o", (unsigned)sum);
    mm_tar_write_end(&tar);
    char want[400];
    snprintf(want, sizeof want, "xml@dir/a.xml empty-document@empty xml@%s", long_name);
    list.wanted = MM_VIEW(XML);
    sees("tar", mm_buf_view(&tar), want);
    MM_CHECK_INT("the link was skipped, and what macOS adds", list.counts.skipped, 2);
    struct mm_buf zst = packed(mm_pack_zstd, mm_buf_view(&tar), 1);
    sees("tar.zst", mm_buf_view(&zst), want);
    sees("cut short", mm_view_sub(mm_buf_view(&tar), 0, 512 + 20), "tar-cut-short@dir/a.xml");
    list.wanted = MM_VIEW("");
    mm_buf_deinit(&zst);
    mm_buf_deinit(&tar);
}

/* ---- in each other ---- */

static void containers_in_containers_tell_the_way_to_a_report(void **state)
{
    struct mm_zip_maker inner, outer;
    (void)state;
    mm_zip_make_begin(&inner);
    mm_zip_make_add(&inner, "b.xml", MM_VIEW(XML));
    mm_zip_make_begin(&outer);
    mm_zip_make_add(&outer, "a.zip", mm_zip_make_end(&inner));
    sees("zip in zip", mm_zip_make_end(&outer), "xml@a.zip!b.xml");
    mm_zip_make_free(&inner);
    mm_zip_make_free(&outer);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(TEST(case_01_content_is_told_by_its_bytes),
             TEST(case_02_each_member_of_a_zip_is_an_input),
             TEST(case_02_a_bad_member_is_named_and_the_good_ones_are_kept),
             TEST(case_03_zips_that_hold_no_report_say_why),
             TEST(case_03_a_zip_that_is_cut_short_gives_what_there_is_of_its_last_member),
             TEST(case_03_a_stored_member_is_cut_short_where_its_length_says_so),
             TEST(case_03_a_member_that_is_cut_short_has_the_limits_of_others),
             TEST(case_04_packings_are_opened_three_deep_and_no_deeper),
             TEST(case_04_members_are_joined_and_what_follows_is_ignored),
             TEST(case_04_what_is_cut_short_is_given_as_far_as_it_goes),
             TEST(case_05_limits_of_size_and_ratio_are_named),
             TEST(case_05_all_that_an_input_unpacks_to_is_bounded),
             TEST(case_05_members_are_counted),
             TEST(case_07_an_mbox_is_cut_at_separators_behind_empty_lines),
             TEST(case_07_a_quoted_line_of_a_report_is_unquoted),
             TEST(case_08_a_tar_gives_its_files_and_nothing_else),
             TEST(containers_in_containers_tell_the_way_to_a_report))
