/*
 * dkim.h - verdicts on DKIM signatures, and one message at a time: verify it, sign it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For a pile of messages use run.h, which batches. Everything here is also what a row of the
 * program's output says.
 */
#ifndef MAILMILL_DKIM_H
#define MAILMILL_DKIM_H

#include <stdbool.h>

#include "mailmill/base.h"
#include "mailmill/keys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The words of RFC 8601 section 2.7.1. */
enum mm_dkim_result {
    MM_DKIM_NONE,
    MM_DKIM_PASS,
    MM_DKIM_FAIL,
    MM_DKIM_POLICY,
    MM_DKIM_NEUTRAL,
    MM_DKIM_TEMPERROR,
    MM_DKIM_PERMERROR
};
MM_API const char *mm_dkim_result_word(enum mm_dkim_result result);

/* Why a signature has the result it has. Slugs are stable; MM_REASON_NONE has the empty one. */
enum mm_reason {
#define MM_REASON(name, slug, result, text) MM_REASON_##name,
#include "mailmill/reasons.def"
#undef MM_REASON
    MM_REASON_COUNT
};
MM_API const char *mm_reason_slug(enum mm_reason reason);
/* One sentence for a person, with the RFC section. */
MM_API const char *mm_reason_text(enum mm_reason reason);
/* The result that goes with the reason. */
MM_API enum mm_dkim_result mm_reason_result(enum mm_reason reason);

/* strict: RFC 6376 with 8301, 8463, 8616. legacy: the same without RFC 8301 (rsa-sha1 and RSA from
 * 512 bits count), and nothing else. */
enum mm_dkim_policy { MM_POLICY_STRICT, MM_POLICY_LEGACY };

enum mm_check { MM_CHECK_UNCHECKED, MM_CHECK_OK, MM_CHECK_BAD };

/* One DKIM-Signature field. Views borrow from the message or from memory of the call; text is as
 * written in the field, blanks around it removed, empty where the tag is absent. */
struct mm_dkim_signature {
    uint32_t index; /* 0: topmost */
    enum mm_dkim_result result;
    enum mm_reason reason;
    struct mm_view domain, selector, auid, algorithm, canon, headers,
        b;             /* canon: header/body as applied */
    uint32_t key_bits; /* 0: no key was found */
    bool testing;      /* key record has t=y */
    bool dnssec;       /* the answer with its key was authenticated, as a resolver that is trusted
                          says, or a recording of it */
    enum mm_check body_hash, signature;
    bool has_body_length;
    uint64_t body_length;     /* l= */
    uint64_t uncovered_bytes; /* canonical body bytes that l= leaves out */
    bool has_signed_at, has_expires_at;
    uint64_t signed_at, expires_at; /* t=, x=: seconds since 1970 UTC */
};

struct mm_dkim_verdict {
    enum mm_dkim_result result; /* of the message: the first of pass, temperror, policy, fail,
                                   permerror, neutral that a signature has; none without one */
    struct mm_view from_domain; /* of the first From field's first address; empty where none */
    struct mm_dkim_signature *signatures; /* from the topmost down */
    uint32_t count;
    uint32_t skipped; /* signatures beyond the limit: not looked at */
};

enum { MM_MAX_SIGNATURES_DEFAULT = 32 };

/* received: the date of the topmost Received field, which the host that took the message wrote;
 * where there is none that can be read, `now`. */
enum mm_time_from { MM_TIME_FROM_NOW, MM_TIME_FROM_RECEIVED };

struct mm_verify_options {
    enum mm_dkim_policy policy;
    int64_t now;             /* seconds since 1970; what x= is compared with, and which of several
                                dated keys counts */
    uint32_t max_signatures; /* 0: MM_MAX_SIGNATURES_DEFAULT */
    enum mm_time_from time_from;
};

/* One verifier is for one thread at a time; several may share a key source. */
struct mm_verifier;
/* keys  borrowed, must outlive the verifier; NULL checks only what needs no key (result neutral,
 *       reason no-key-source, where all else is well). */
MM_API enum mm_status mm_verifier_new(const struct mm_key_source *keys,
                                      const struct mm_verify_options *options,
                                      struct mm_verifier **out, struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_verifier_free(struct mm_verifier **verifier);

/*
 * Verify every DKIM-Signature field of one message (CRLF or LF line ends).
 * verdict  [out] its memory belongs to the verifier and lasts until its next call.
 * Returns  MM_OK with the verdict filled, also when it is fail; MM_E_LIMIT for a header over 1 MiB.
 * Source   RFC 6376 section 6.1; RFC 8463 section 3; RFC 8301 section 3; RFC 8616.
 */
MM_API enum mm_status mm_verify(struct mm_verifier *verifier, struct mm_view message,
                                struct mm_dkim_verdict *verdict,
                                struct mm_error *err) MM_MUST_CHECK;

enum mm_canonicalization { MM_CANONICALIZATION_SIMPLE, MM_CANONICALIZATION_RELAXED };

/* How messages are signed. Zeroed fields mean the default that is named beside them. */
struct mm_sign_options {
    enum mm_canonicalization header_canon, body_canon;
    const char *headers;  /* NULL: the default list, every instance of each name */
    const char *oversign; /* NULL: "from"; "" for none */
    const char *identity; /* i=; NULL: absent. "@sub.example.com" or "user@example.com" */
    int64_t now;          /* t= */
    uint64_t expire_s;    /* x= is now + this; 0: no x= */
    bool allow_ed25519_only;
};

struct mm_signer; /* one thread at a time; several may share rules */
/* rules  borrowed, must outlive the signer. */
MM_API enum mm_status mm_signer_new(const struct mm_sign_rules *rules,
                                    const struct mm_sign_options *options, struct mm_signer **out,
                                    struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_signer_free(struct mm_signer **signer);

/*
 * Make the DKIM-Signature field(s) for one message.
 * fields   [out] whole header fields with the line end of the message's first line, to be put on
 * top of the message; memory of the signer until its next call. Returns  MM_OK; MM_E_SYNTAX when
 * the message cannot be signed, with the slug in `slug` (may be NULL) and words in err: no-from,
 * several-from, no-header, empty-message, nul-in-header, … Source   RFC 6376 section 5; RFC 8463;
 * RFC 8301 section 3.
 */
MM_API enum mm_status mm_sign(struct mm_signer *signer, struct mm_view message,
                              struct mm_view *fields, const char **slug,
                              struct mm_error *err) MM_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_DKIM_H */
