/*
 * idn.c - names written in U-labels, as the A-labels that DNS knows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/idn.h"

#include <idn2.h>

#include "dkim/domain_name.h"
#include "text/utf8.h"

/* libidn2 takes text that ends in NUL: one inside would hide what follows it. */
static bool is_text(struct mm_view v)
{
    uint32_t code_point;
    for (size_t n; v.len > 0; v = mm_view_sub(v, n, v.len - n)) {
        n = mm_utf8_decode(v, &code_point);
        if (n == 0 || code_point == 0)
            return false;
    }
    return true;
}

enum mm_status mm_idn_to_ascii(struct mm_view name, struct mm_arena *arena, struct mm_view *out,
                               enum mm_reason *fault)
{
    char text[MM_IDN_MAX_BYTES + 1];
    uint8_t *ascii = NULL;
    *out = name;
    *fault = MM_REASON_NONE;
    if (!mm_has_u_label(name))
        return MM_OK;
    if (!is_text(name)) {
        *fault = MM_REASON_BAD_U_LABEL;
        return MM_OK;
    }
    *fault = MM_REASON_U_LABEL;
    if (name.len > MM_IDN_MAX_BYTES)
        return MM_OK;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int code = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (code != IDN2_OK)
        return code == IDN2_MALLOC ? MM_E_NOMEM : MM_OK;
    struct mm_view copy = mm_arena_copy(arena, mm_view_of((const char *)ascii));
    idn2_free(ascii);
    if (!copy.data)
        return MM_E_NOMEM;
    *out = copy;
    *fault = MM_REASON_NONE;
    return MM_OK;
}
