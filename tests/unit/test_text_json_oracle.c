/*
 * test_text_json_oracle.c - the same values as jansson, document by document, and the same
 * refusals.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Differences that are meant: texts nested deeper than our limit, and numbers that no int64 or
 * double holds, which are text here and an error there. Half of a surrogate pair is an error there;
 * here it is one unless the caller lets it pass, which nothing here does.
 */
#include <errno.h>
#include <jansson.h>

#include "support/mm_test.h"
#include "text/json_pull.h"

static const char *const seeds[] = {
    "{\"organization-name\":\"Company-X\",\"date-range\":{\"start-datetime\":\"2016-04-01T00:00:"
    "00Z\"},"
    "\"policies\":[{\"summary\":{\"total-successful-session-count\":5326,\"a\":-0.5e+3}},[],{}]}",
    /* characters written in every way */
    ("[\"\\u00e9\\ud83d\\ude00\\n\\/\\\\\\\"\""
     ",true,false,null,0,-1,1.25E-2,\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]"),
    "{\"a\":{\"b\":{\"c\":[[[1]]]}},\"d\":\"\",\"\":1}",
};
static const char *const pieces[] = {
    "{",  "}",  "[",  "]",  ",",    ":",    "\"", "\\",   "\\u",      "\\ud83d", "\\u0000",
    "0",  "1",  "-",  ".",  "e",    "E5",   "+",  "true", "null",     "fals",    " ",
    "\t", "\n", "\r", "\f", "\x01", "\x7f", "a",  "/",    "\"x\":1,", "\xc3\xa9"};

/* Make jansson's value of what we read next; `token` is its first token. NULL where it is broken.
 */
static json_t *build(struct mm_json_pull *p, const struct mm_json_token *token, bool *meant);

static char *text_of(struct mm_view raw, size_t *len)
{
    char *text = malloc(raw.len + 1);
    assert_non_null(text);
    *len = mm_json_unescape(raw, false, text);
    return text;
}

static json_t *build_string(struct mm_view raw)
{
    size_t len;
    char *text = text_of(raw, &len);
    json_t *value = json_stringn(text, len);
    free(text);
    return value;
}

static json_t *build_number(struct mm_view raw, bool *meant)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)raw.len, raw.data);
    errno = 0;
    json_t *value = strpbrk(text, ".eE") ? json_real(strtod(text, NULL))
                                         : json_integer(strtoll(text, NULL, 10));
    if (errno == ERANGE || raw.len >= sizeof text || !value) {
        *meant = true;
        json_decref(value);
        value = json_integer(0);
    }
    return value;
}

static json_t *build_object(struct mm_json_pull *p, bool *meant)
{
    json_t *object = json_object();
    struct mm_json_token token;
    for (;;) {
        json_t *value = NULL;
        size_t len;
        if (mm_json_pull_next(p, &token) != MM_OK)
            break;
        if (token.kind == MM_JSON_OBJECT_END)
            return object;
        char *name = text_of(token.text, &len);
        if (mm_json_pull_next(p, &token) == MM_OK)
            value = build(p, &token, meant);
        *meant |= memchr(name, 0, len) != NULL; /* jansson's names end at NUL */
        if (value)
            json_object_setn_new(object, name, len, value);
        free(name);
        if (!value)
            break;
    }
    json_decref(object);
    return NULL;
}

static json_t *build_array(struct mm_json_pull *p, bool *meant)
{
    json_t *array = json_array(), *value;
    struct mm_json_token token;
    while (mm_json_pull_next(p, &token) == MM_OK) {
        if (token.kind == MM_JSON_ARRAY_END)
            return array;
        if (!(value = build(p, &token, meant)))
            break;
        json_array_append_new(array, value);
    }
    json_decref(array);
    return NULL;
}

static json_t *build(struct mm_json_pull *p, const struct mm_json_token *token, bool *meant)
{
    switch (token->kind) {
    case MM_JSON_OBJECT_START:
        return build_object(p, meant);
    case MM_JSON_ARRAY_START:
        return build_array(p, meant);
    case MM_JSON_STRING:
        return build_string(token->text);
    case MM_JSON_NUMBER:
        return build_number(token->text, meant);
    case MM_JSON_TRUE:
        return json_true();
    case MM_JSON_FALSE:
        return json_false();
    case MM_JSON_NULL:
        return json_null();
    default:
        return NULL;
    }
}

static size_t accepted, refused;

static void compare(struct mm_view document)
{
    struct mm_guard g = mm_guard_copy(document);
    struct mm_json_pull p;
    struct mm_json_token token;
    bool meant = false;
    mm_json_pull_init(&p, g.view);
    json_t *ours = mm_json_pull_next(&p, &token) == MM_OK ? build(&p, &token, &meant) : NULL;
    enum mm_status end = mm_json_pull_next(&p, &token);
    json_error_t error;
    json_t *theirs = json_loadb(g.view.data, g.view.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    meant |= end == MM_E_LIMIT;
    bool whole = ours && end == MM_END;
    if (!meant && whole != (theirs != NULL))
        print_error("%s here, %s by jansson: %.*s\n", whole ? "accepted" : "refused",
                    theirs ? "accepted" : error.text, (int)document.len, document.data);
    if (!meant) {
        MM_CHECK_INT("verdict", whole, theirs != NULL);
        MM_CHECK_TRUE("value", !whole || json_equal(ours, theirs));
        whole ? accepted++ : refused++;
    }
    json_decref(ours);
    json_decref(theirs);
    mm_guard_free(&g);
}

static void values_are_read_as_by_jansson(void **state)
{
    (void)state;
    enum { CAP = 1024, ROUNDS = 40000 };
    char text[CAP];
    uint64_t seed = 8259;
    for (size_t i = 0; i < MM_COUNT(seeds); i++)
        compare(mm_view_of(seeds[i]));
    MM_CHECK_INT("the seeds are JSON", accepted, MM_COUNT(seeds));
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *from = seeds[round % MM_COUNT(seeds)];
        size_t len = strlen(from);
        memcpy(text, from, len);
        for (size_t i = 0; i <= mm_random(&seed) % 2; i++) {
            const char *piece = pieces[mm_random(&seed) % MM_COUNT(pieces)];
            size_t at = mm_random(&seed) % (len + 1),
                   put = mm_random(&seed) % 3 ? strlen(piece) : 0;
            size_t out = mm_random(&seed) % 2 ? mm_random(&seed) % 6 : 0;
            out = out > len - at ? len - at : out;
            memmove(text + at + put, text + at + out, len - at - out);
            memcpy(text + at, piece, put);
            len += put - out;
        }
        compare((struct mm_view){text, len});
    }
    MM_CHECK_TRUE("many were accepted", accepted > ROUNDS / 20);
    MM_CHECK_TRUE("many were refused", refused > ROUNDS / 10);
}

MM_TEST_MAIN(MM_TEST(values_are_read_as_by_jansson))
