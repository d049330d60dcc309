/*
 * fuzz_authres.c - any bytes as tags of signatures and as a field: results stay those of the
 * verdict.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is cut at LF: its lines are d=, i=, s=, a= and b= of one signature after another.
 */
#include <stdlib.h>

#include "auth/hidden_claim.h"
#include "base/view.h"
#include "mailmill/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIGNATURES = 4, TAGS = 5, FIELD_MAX_BYTES = 64 * 1024 };

#define ID       MM_VIEW("mx.example.com")
#define A_LABELS MM_VIEW("mx.xn--bcher-kva.example")
#define U_LABELS MM_VIEW("mx.b\303\274cher.example")

/* Results and comments outside of quotes, and nothing that is no text. */
static void check_field(struct mm_view field, uint32_t results)
{
    bool quoted = false;
    uint32_t seen = 0;
    for (size_t i = 0; i < field.len; i++) {
        unsigned char c = (unsigned char)field.data[i];
        if (c < ' ' || c == 0x7f)
            abort();
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '(' || c == ')' || c == '\\' || c >= 0x80))
            abort();
        else if (!quoted && c == ';')
            seen++;
    }
    if (quoted || seen != results)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[FIELD_MAX_BYTES];
    struct mm_view rest = {(const char *)data, size};
    struct mm_dkim_signature s[SIGNATURES] = {{0}};
    struct mm_dkim_verdict verdict = {.signatures = s};
    size_t length;
    if (mm_authres_claims(rest, A_LABELS) != mm_authres_claims(rest, U_LABELS))
        abort();
    if (mm_authres_hidden_claim(rest, ID, &length) && rest.data[length] != '\r')
        abort();
    for (; verdict.count < SIGNATURES && rest.len; verdict.count++) {
        struct mm_dkim_signature *one = &s[verdict.count];
        struct mm_view *tags[TAGS] = {&one->domain, &one->auid, &one->selector, &one->algorithm,
                                      &one->b};
        one->result = MM_DKIM_FAIL;
        for (size_t k = 0; k < TAGS; k++)
            mm_view_cut(rest, '\n', tags[k], &rest);
    }
    if (mm_authentication_results(ID, &verdict, MM_AUTHRES_UNFOLDED, text, sizeof text, &length,
                                  NULL) != MM_OK)
        abort();
    check_field((struct mm_view){text, length}, verdict.count ? verdict.count : 1);
    static const struct mm_view NAME = MM_VIEW("Authentication-Results:");
    if (!mm_authres_claims(mm_view_sub((struct mm_view){text, length}, NAME.len, length - NAME.len),
                           ID))
        abort();
    return 0;
}
