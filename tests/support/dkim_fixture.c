/*
 * dkim_fixture.c - messages signed with any field one likes, and the keys to verify them with.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/dkim_fixture.h"

#include "dkim/sig_field.h"
#include "support/mm_test.h"
#include "text/base64.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, TEXT_MAX_BYTES = 16 * 1024 * 1024 };

static struct mm_private_key *load(const char *name)
{
    char path[1024];
    struct mm_private_key *key;
    struct mm_error err;
    snprintf(path, sizeof path, "%s/datasets/keys/%s", mm_test_source_dir(), name);
    if (mm_private_key_load(path, true, NULL, &key, &err) != MM_OK)
        fail_msg("%s", err.text);
    return key;
}

/* The p= of NAME in datasets/keys/zone, without what stands around it. */
static void read_p(struct mm_txt_store *store, const char *name, char *out, size_t cap)
{
    const struct mm_txt_answer *answer = mm_txt_store_find(store, mm_view_of(name), 0);
    struct mm_view record, p;
    assert_int_equal(answer->record_count, 1);
    record = answer->records[0];
    const char *at = memmem(record.data, record.len, "p=", 2);
    assert_non_null(at);
    p = mm_view_trim_fws((struct mm_view){at + 2, (size_t)(record.data + record.len - at) - 2});
    assert_true(p.len < cap);
    memcpy(out, p.data, p.len);
    out[p.len] = '\0';
}

void mm_dkim_fixture_init(struct mm_dkim_fixture *fx)
{
    char path[1024];
    struct mm_error err;
    *fx = (struct mm_dkim_fixture){.digest = mm_digest_ctx_new(), .pk = mm_pk_ctx_new()};
    assert_true(fx->digest && fx->pk);
    mm_arena_init(&fx->arena, ARENA_BYTES);
    fx->rsa = load("mail.pem");
    fx->ed25519 = load("ed25519.pem");
    struct mm_txt_store *store = mm_txt_store_new();
    snprintf(path, sizeof path, "%s/datasets/keys/zone", mm_test_source_dir());
    if (!store || mm_txt_store_add(store, path, &err) != MM_OK)
        fail_msg("%s: %s", path, err.text);
    read_p(store, "m1._domainkey.example.com", fx->rsa_p, sizeof fx->rsa_p);
    read_p(store, "e1._domainkey.example.com", fx->ed25519_p, sizeof fx->ed25519_p);
    mm_txt_store_free(&store);
}

void mm_dkim_fixture_deinit(struct mm_dkim_fixture *fx)
{
    mm_private_key_free(&fx->rsa);
    mm_private_key_free(&fx->ed25519);
    mm_digest_ctx_free(&fx->digest);
    mm_pk_ctx_free(&fx->pk);
    mm_arena_deinit(&fx->arena);
}

/* A copy of `text` with each `mark` replaced. */
static struct mm_view replace(struct mm_dkim_fixture *fx, struct mm_view text, const char *mark,
                              struct mm_view with)
{
    struct mm_buf out;
    size_t mark_len = strlen(mark);
    mm_buf_init(&out, TEXT_MAX_BYTES);
    const char *at;
    while ((at = memmem(text.data, text.len, mark, mark_len)) != NULL) {
        size_t head = (size_t)(at - text.data);
        mm_buf_append(&out, mm_view_sub(text, 0, head));
        mm_buf_append(&out, with);
        text = mm_view_sub(text, head + mark_len, text.len - head - mark_len);
    }
    mm_buf_append(&out, text);
    struct mm_view copy = mm_arena_copy(&fx->arena, mm_buf_view(&out));
    assert_true(!out.failed && copy.data);
    mm_buf_deinit(&out);
    return copy;
}

static struct mm_view encode(struct mm_dkim_fixture *fx, const uint8_t *bytes, size_t len)
{
    char *text = mm_arena_alloc(&fx->arena, MM_BASE64_ENCODED_BYTES(len) + 1);
    assert_non_null(text);
    return (struct mm_view){text, mm_base64_encode(text, bytes, len)};
}

struct mm_view mm_dkim_fixture_sign(struct mm_dkim_fixture *fx, struct mm_view message,
                                    const char *field)
{
    struct mm_msg msg;
    struct mm_sig_field parsed;
    struct mm_view name, value, text;
    uint8_t hash[MM_DIGEST_MAX_BYTES], signature[1024];
    assert_int_equal(mm_msg_index(&msg, message, &fx->arena), MM_OK);

    /* What the field asks for: any bh= and b= will do to find out. */
    text = replace(fx, mm_view_of(field), "$BH", MM_VIEW("AAAA"));
    assert_true(mm_view_cut(replace(fx, text, "$B", MM_VIEW("AAAA")), ':', &name, &value));
    assert_int_equal(mm_sig_field_parse(value, &fx->arena, &parsed), MM_OK);

    assert_int_equal(mm_body_hash(fx->digest, parsed.body_canon, parsed.digest, msg.body,
                                  parsed.body_length, hash),
                     MM_OK);
    text = replace(fx, mm_view_of(field), "$BH", encode(fx, hash, mm_digest_bytes(parsed.digest)));
    struct mm_view emptied = replace(fx, text, "$B", (struct mm_view){NULL, 0});
    assert_int_equal(mm_header_hash(fx->digest, &fx->arena, &msg, emptied, parsed.header_canon,
                                    parsed.digest, hash),
                     MM_OK);
    struct mm_sign_job job = {.key = parsed.key_type == MM_KEY_RSA ? fx->rsa : fx->ed25519,
                              .alg = parsed.digest,
                              .digest = hash,
                              .signature = signature};
    assert_true(mm_private_key_signature_bytes(job.key) <= sizeof signature);
    assert_int_equal(mm_sign_many(fx->pk, &job, 1), MM_OK);
    text = replace(fx, text, "$B", encode(fx, signature, job.signature_bytes));

    struct mm_buf out;
    mm_buf_init(&out, TEXT_MAX_BYTES);
    mm_buf_append(&out, text);
    mm_buf_append(&out, msg.first_line_is_lf ? MM_VIEW("\n") : MM_VIEW("\r\n"));
    mm_buf_append(&out, message);
    struct mm_view result = mm_arena_copy(&fx->arena, mm_buf_view(&out));
    assert_true(!out.failed && result.data);
    mm_buf_deinit(&out);
    return result;
}

struct mm_view mm_dkim_fixture_answer(struct mm_dkim_fixture *fx, const char *name,
                                      const char *const *records)
{
    struct mm_buf out;
    mm_buf_init(&out, TEXT_MAX_BYTES);
    mm_buf_printf(&out, "{\"name\":\"%s\",\"type\":\"TXT\",\"status\":\"%s\",\"time\":0,\"txt\":[",
                  name, records[0] ? "NOERROR" : "NODATA");
    for (size_t i = 0; records[i]; i++)
        mm_buf_printf(&out, "%s\"%s\"", i ? "," : "", records[i]);
    mm_buf_append_str(&out, "]}\n");
    struct mm_view text = replace(fx, mm_buf_view(&out), "$RSA", mm_view_of(fx->rsa_p));
    mm_buf_deinit(&out);
    return replace(fx, text, "$ED", mm_view_of(fx->ed25519_p));
}
