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

/* Without the mapping libidn2 lets hyphens stand at the ends of a label, so both must agree. */
static int to_ascii(const char *text, enum mm_idn_form form, uint8_t **ascii)
{
    const uint8_t *name = (const uint8_t *)text;
    int code = IDN2_OK;
    if (form == MM_IDN_U_LABELS)
        code = idn2_lookup_u8(name, NULL, IDN2_NO_TR46);
    if (code == IDN2_OK)
        code = idn2_lookup_u8(name, ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    return code;
}

enum mm_status mm_idn_to_ascii(struct mm_view name, enum mm_idn_form form, struct mm_arena *arena,
                               struct mm_view *out, enum mm_reason *fault)
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
    mm_view_lower_to(text, name); /* IDNA2008 has no capitals, of ASCII neither */
    text[name.len] = '\0';
    int code = to_ascii(text, form, &ascii);
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
