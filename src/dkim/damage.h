/*
 * damage.h - would a hash match, had mail not changed in one of the known ways?
 * SPDX-License-Identifier: Apache-2.0
 *
 * A diagnosis tries forms of a body or header until one has the hash that was signed. It is words
 * for a person and never a verdict. SHA-256 makes a false finding as hard as a forged signature;
 * what is not found may have any cause.
 */
#ifndef MM_DKIM_DAMAGE_H
#define MM_DKIM_DAMAGE_H

#include "base/buf.h"
#include "crypto/hash_stream.h"
#include "crypto/pk_many.h"
#include "dkim/sig_field.h"
#include "mail/message.h"

enum mm_damage {
#define MM_DAMAGE(name, slug, text) MM_DAMAGE_##name,
#include "dkim/damage.def"
#undef MM_DAMAGE
    MM_DAMAGE_COUNT
};
const char *mm_damage_slug(enum mm_damage damage);
const char *mm_damage_text(enum mm_damage damage);

enum {
    /* Lines at the end of a body that may be left out: footers of lists have a dozen or two. */
    MM_DAMAGE_LINES_MAX = 200,
    /* Bytes of all the forms that are tried for one message, so that time is linear in its size
     * with a known factor, and seconds at the most. */
    MM_DAMAGE_WORK_BYTES = 1024 * 1024 * 1024,
    /* A form that needs a copy is made only of bodies up to this size. */
    MM_DAMAGE_COPY_MAX_BYTES = 64 * 1024 * 1024,
    /* Fields that are changed or left out one by one. */
    MM_DAMAGE_FIELDS_MAX = 64
};

struct mm_diagnosis {
    bool made;    /* the hash differs, and forms were tried */
    bool found;   /* one of them has the hash that was signed */
    bool limited; /* a limit above kept some from being tried */
    uint32_t tried;
    enum mm_damage damage;
    /* Of a body: lines, and bytes as they stand, to leave out as well; 0 for none. They are the
     * last ones, but for the end of a multipart where above_boundary is set. */
    uint32_t lines;
    uint64_t bytes;
    bool above_boundary;
    struct mm_view detail; /* of a header: the field, value or text meant; memory of the arena */
};

/* What trials share: one a thread. */
struct mm_damage_lab {
    struct mm_arena *arena;  /* what diagnoses keep */
    struct mm_arena scratch; /* one trial */
    struct mm_hash_stream *stream, *branch;
    struct mm_buf text, input; /* a changed form; bytes to hash */
    struct mm_pk_ctx *pk;      /* borrowed */
    uint64_t work_bytes;       /* left */
};
enum mm_status mm_damage_lab_init(struct mm_damage_lab *lab, struct mm_arena *arena,
                                  struct mm_pk_ctx *pk) MM_MUST_CHECK;
void mm_damage_lab_deinit(struct mm_damage_lab *lab);
/* Take from work_bytes; false, and out->limited, where it is used up. */
bool mm_damage_lab_take(struct mm_damage_lab *lab, uint64_t bytes, struct mm_diagnosis *out);

/* Find what makes the body of `msg` have the hash that the field claims. MM_OK, MM_E_NOMEM,
 * MM_E_CRYPTO. */
enum mm_status mm_damage_find_body(struct mm_damage_lab *lab, const struct mm_msg *msg,
                                   const struct mm_sig_field *field,
                                   struct mm_diagnosis *out) MM_MUST_CHECK;

/*
 * Find what makes the header fit the signature.
 * self    index of the signature field in msg.
 * key     that it was checked with.
 * signed_hash  the hash that it holds, or NULL where it does not tell (Ed25519).
 */
enum mm_status mm_damage_find_header(struct mm_damage_lab *lab, const struct mm_msg *msg,
                                     uint32_t self, const struct mm_sig_field *field,
                                     const struct mm_public_key *key, const uint8_t *signed_hash,
                                     struct mm_diagnosis *out) MM_MUST_CHECK;

/*
 * Make the form of a body that undoes a damage, in `out`, which is emptied first.
 * Returns true where that is another text; damages that are no matter of text make none.
 */
bool mm_damage_undo(enum mm_damage damage, struct mm_view body, struct mm_buf *out);

#endif /* MM_DKIM_DAMAGE_H */
