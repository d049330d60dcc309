/*
 * sha256_ni.c - one to three SHA-256 states through the SHA extensions, interleaved.
 * SPDX-License-Identifier: Apache-2.0
 *
 * SHA256RNDS2 takes four cycles and a new one can start every two or three: two or three inputs
 * hide each other's wait. The registers hold the state as the instruction wants it, (a, b, e, f)
 * and (c, d, g, h) from the top; see Intel SDM volume 2B, SHA256RNDS2.
 */
#include "crypto/sha256_many.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* No AVX here, see the end of sha256_x16.c. */
#define MM_TARGET_NI __attribute__((target("sse4.1,sha")))
#define MM_INLINE_NI __attribute__((target("sse4.1,sha"), always_inline)) static inline

struct lane {
    __m128i abef, cdgh, abef_before, cdgh_before;
    __m128i w[4]; /* sixteen words of the message schedule */
};

MM_INLINE_NI void load_state(struct lane *l, mm_sha256_state s, size_t k)
{
    l->abef = _mm_set_epi32((int)s[0][k], (int)s[1][k], (int)s[4][k], (int)s[5][k]);
    l->cdgh = _mm_set_epi32((int)s[2][k], (int)s[3][k], (int)s[6][k], (int)s[7][k]);
}

MM_INLINE_NI void store_state(const struct lane *l, mm_sha256_state s, size_t k)
{
    uint32_t feba[4], hgdc[4];
    _mm_storeu_si128((__m128i *)feba, l->abef);
    _mm_storeu_si128((__m128i *)hgdc, l->cdgh);
    for (int i = 0; i < 2; i++) {
        s[i][k] = feba[3 - i];
        s[2 + i][k] = hgdc[3 - i];
        s[4 + i][k] = feba[1 - i];
        s[6 + i][k] = hgdc[1 - i];
    }
}

MM_INLINE_NI void load_block(struct lane *l, const uint8_t *block)
{
    const __m128i swap = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    for (size_t i = 0; i < 4; i++)
        l->w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
                                   swap);
    l->abef_before = l->abef;
    l->cdgh_before = l->cdgh;
}

MM_INLINE_NI void add_before(struct lane *l)
{
    l->abef = _mm_add_epi32(l->abef, l->abef_before);
    l->cdgh = _mm_add_epi32(l->cdgh, l->cdgh_before);
}

/* Rounds 4 * step to 4 * step + 3, then the words that take their place in the schedule. */
MM_INLINE_NI void four_rounds(struct lane *l, int step)
{
    __m128i *w = &l->w[step % 4], *next = &l->w[(step + 1) % 4];
    __m128i after = l->w[(step + 2) % 4], last = l->w[(step + 3) % 4];
    __m128i sum =
        _mm_add_epi32(*w, _mm_loadu_si128((const __m128i *)(const void *)&mm_sha256_k[4 * step]));
    l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, sum);
    l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (step >= 12)
        return;
    *w = _mm_add_epi32(_mm_sha256msg1_epu32(*w, *next), _mm_alignr_epi8(last, after, 4));
    *w = _mm_sha256msg2_epu32(*w, last);
}

#define EACH_LANE(statement)                                                                       \
    do {                                                                                           \
        statement(0);                                                                              \
        if (lanes > 1)                                                                             \
            statement(1);                                                                          \
        if (lanes > 2)                                                                             \
            statement(2);                                                                          \
    } while (0)

#define FOUR_ROUNDS(step)                                                                          \
    do {                                                                                           \
        four_rounds(&l[0], (step));                                                                \
        if (lanes > 1)                                                                             \
            four_rounds(&l[1], (step));                                                            \
        if (lanes > 2)                                                                             \
            four_rounds(&l[2], (step));                                                            \
    } while (0)

#define SIXTEEN_ROUNDS(step)                                                                       \
    do {                                                                                           \
        FOUR_ROUNDS((step));                                                                       \
        FOUR_ROUNDS((step) + 1);                                                                   \
        FOUR_ROUNDS((step) + 2);                                                                   \
        FOUR_ROUNDS((step) + 3);                                                                   \
    } while (0)

MM_INLINE_NI void compress(mm_sha256_state state, const uint8_t *const *at, size_t blocks,
                           const int lanes)
{
    struct lane l[MM_SHA256_NI];
#define LOAD_STATE(k)  load_state(&l[k], state, (k))
#define LOAD_BLOCK(k)  load_block(&l[k], at[k] + block * MM_SHA256_BLOCK_BYTES)
#define ADD_BEFORE(k)  add_before(&l[k])
#define STORE_STATE(k) store_state(&l[k], state, (k))
    EACH_LANE(LOAD_STATE);
    for (size_t block = 0; block < blocks; block++) {
        EACH_LANE(LOAD_BLOCK);
        SIXTEEN_ROUNDS(0);
        SIXTEEN_ROUNDS(4);
        SIXTEEN_ROUNDS(8);
        SIXTEEN_ROUNDS(12);
        EACH_LANE(ADD_BEFORE);
    }
    EACH_LANE(STORE_STATE);
}

MM_TARGET_NI void mm_sha256_ni1(mm_sha256_state state, const uint8_t *const at[MM_SHA256_WIDE],
                                size_t blocks)
{
    compress(state, at, blocks, 1);
}

MM_TARGET_NI void mm_sha256_ni2(mm_sha256_state state, const uint8_t *const at[MM_SHA256_WIDE],
                                size_t blocks)
{
    compress(state, at, blocks, 2);
}

MM_TARGET_NI void mm_sha256_ni3(mm_sha256_state state, const uint8_t *const at[MM_SHA256_WIDE],
                                size_t blocks)
{
    compress(state, at, blocks, 3);
}
#endif /* __x86_64__ */
