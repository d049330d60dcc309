/*
 * test_corpus_sign_vectors.c - byte for byte the signatures that other signers published.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RSASSA-PKCS1-v1_5 and Ed25519 are deterministic: with the published field, its b= emptied, as the
 * field to be signed, the signature must come out the same.
 */
#include "dkim/sig_field.h"
#include "dkim/sign_batch.h"
#include "support/mm_test.h"
#include "text/base64.h"

enum { VECTORS = 27 };

static struct mm_view read_below(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/dkim/sign/%s", mm_test_corpus(), name);
    return mm_test_read_file(path);
}

struct vector {
    const char *id, *input, *field, *key, *length;
};

struct tools {
    struct mm_arena arena;
    struct mm_digest_ctx *digest;
    struct mm_pk_ctx *pk;
};

/* The field without its last line end, and its b= value cut out. */
static struct mm_view empty_b(struct mm_view field, const struct mm_sig_field *sig, char *out)
{
    size_t head = (size_t)(sig->b_raw.data - field.data);
    size_t tail = head + sig->b_raw.len;
    memcpy(out, field.data, head);
    memcpy(out + head, field.data + tail, field.len - tail);
    return (struct mm_view){out, field.len - sig->b_raw.len};
}

static void check_body_hash(struct tools *t, const struct vector *v, const struct mm_msg *msg,
                            const struct mm_sig_field *sig)
{
    uint8_t hash[MM_DIGEST_MAX_BYTES];
    assert_int_equal(
        mm_body_hash(t->digest, sig->body_canon, sig->digest, msg->body, sig->body_length, hash),
        MM_OK);
    MM_CHECK_VIEW(v->id, sig->body_hash,
                  ((struct mm_view){(char *)hash, mm_digest_bytes(sig->digest)}));
}

static void check_signature(struct tools *t, const struct vector *v, const struct mm_msg *msg,
                            const struct mm_sig_field *sig, struct mm_view unsigned_field)
{
    uint8_t hash[MM_DIGEST_MAX_BYTES], signature[1024];
    char path[1024];
    struct mm_private_key *key;
    struct mm_error err;
    snprintf(path, sizeof path, "%s/dkim/sign/%s", mm_test_corpus(), v->key);
    if (mm_private_key_load(path, true, NULL, &key, &err) != MM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(mm_header_hash(t->digest, &t->arena, msg, unsigned_field, sig->header_canon,
                                    sig->digest, hash),
                     MM_OK);
    struct mm_sign_job job = {
        .key = key, .alg = sig->digest, .digest = hash, .signature = signature};
    assert_true(mm_private_key_signature_bytes(key) <= sizeof signature);
    assert_int_equal(mm_sign_many(t->pk, &job, 1), MM_OK);
    MM_CHECK_VIEW(v->id, ((struct mm_view){(char *)signature, job.signature_bytes}),
                  sig->signature);
    mm_private_key_free(&key);
}

static void check_vector(struct tools *t, const struct vector *v)
{
    struct mm_view message = read_below(v->input), text = read_below(v->field);
    struct mm_view field = mm_view_trim_fws(text);
    struct mm_view name, value;
    struct mm_msg msg;
    struct mm_sig_field sig;
    char *emptied = malloc(field.len);
    assert_non_null(emptied);
    assert_true(mm_view_cut(field, ':', &name, &value));
    assert_int_equal(mm_msg_index(&msg, message, &t->arena), MM_OK);
    assert_int_equal(mm_sig_field_parse(value, &t->arena, &sig), MM_OK);
    MM_CHECK_INT(v->id, sig.fault, MM_REASON_NONE);
    MM_CHECK_INT(v->id, sig.has_body_length, v->length[0] != '\0');
    check_body_hash(t, v, &msg, &sig);
    check_signature(t, v, &msg, &sig, empty_b(field, &sig, emptied));
    free(emptied);
    free((char *)text.data);
    free((char *)message.data);
    mm_arena_reset(&t->arena);
}

static void published_signatures_come_out_the_same(void **state)
{
    (void)state;
    if (!mm_test_corpus())
        return;
    struct tools t = {.digest = mm_digest_ctx_new(), .pk = mm_pk_ctx_new()};
    struct mm_view table = read_below("expected.tsv");
    size_t count = 0;
    mm_arena_init(&t.arena, 64 * 1024 * 1024);
    assert_true(t.digest && t.pk);
    for (char *line = strtok((char *)table.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *f[20];
        if (line[0] == '#' || mm_test_split_tabs(line, f, 20) < 14)
            continue;
        struct vector v = {.id = f[0], .input = f[1], .field = f[2], .key = f[3], .length = f[11]};
        check_vector(&t, &v);
        count++;
    }
    assert_int_equal(count, VECTORS);
    mm_arena_deinit(&t.arena);
    mm_digest_ctx_free(&t.digest);
    mm_pk_ctx_free(&t.pk);
    free((char *)table.data);
}

MM_TEST_MAIN(MM_TEST(published_signatures_come_out_the_same))
