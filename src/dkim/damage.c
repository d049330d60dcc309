/*
 * damage.c - names of damages, and the room that trials share.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/damage.h"

static const struct {
    const char *slug, *text;
} damages[MM_DAMAGE_COUNT] = {
#define MM_DAMAGE(name, slug_, text_) [MM_DAMAGE_##name] = {slug_, text_},
#include "dkim/damage.def"
#undef MM_DAMAGE
};

const char *mm_damage_slug(enum mm_damage damage)
{
    return damages[damage].slug;
}

const char *mm_damage_text(enum mm_damage damage)
{
    return damages[damage].text;
}

enum mm_status mm_damage_lab_init(struct mm_damage_lab *lab, struct mm_arena *arena,
                                  struct mm_pk_ctx *pk)
{
    *lab = (struct mm_damage_lab){.arena = arena, .pk = pk, .work_bytes = MM_DAMAGE_WORK_BYTES};
    /* The index of a header of 1 MiB in fields of four bytes, and its signature field decoded. */
    mm_arena_init(&lab->scratch, 64 * (size_t)MM_HEADER_MAX_BYTES);
    /* Quoted-printable makes three bytes of one, and a soft line end of three now and then. */
    mm_buf_init(&lab->text, 4 * (size_t)MM_DAMAGE_COPY_MAX_BYTES);
    mm_buf_init(&lab->input, 8 * (size_t)MM_HEADER_MAX_BYTES);
    lab->stream = mm_hash_stream_new();
    lab->branch = mm_hash_stream_new();
    if (lab->stream && lab->branch)
        return MM_OK;
    mm_damage_lab_deinit(lab);
    return MM_E_NOMEM;
}

void mm_damage_lab_deinit(struct mm_damage_lab *lab)
{
    mm_arena_deinit(&lab->scratch);
    mm_buf_deinit(&lab->text);
    mm_buf_deinit(&lab->input);
    mm_hash_stream_free(&lab->stream);
    mm_hash_stream_free(&lab->branch);
}

bool mm_damage_lab_take(struct mm_damage_lab *lab, uint64_t bytes, struct mm_diagnosis *out)
{
    if (bytes > lab->work_bytes) {
        out->limited = true;
        return false;
    }
    lab->work_bytes -= bytes;
    out->tried++;
    return true;
}
