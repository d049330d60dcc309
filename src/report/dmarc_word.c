/*
 * dmarc_word.c - the words that each place of an aggregate report allows, and those of its flags.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dmarc_word.h"

#include "base/word.h"

static const struct mm_view texts[] = {
    {NULL, 0},
    {"other", 5},
#define MM_DMARC_WORD(name, text) {text, sizeof(text) - 1},
#include "report/dmarc_words.def"
#undef MM_DMARC_WORD
};

struct mm_view mm_dmarc_word_text(enum mm_dmarc_word word)
{
    return texts[word];
}

/* The words of each place, the usual ones first; MM_DMARC_ABSENT ends the list. */
enum { PLACE_WORDS_MAX = 9 };
static const unsigned char words_at[][PLACE_WORDS_MAX] = {
    [MM_DMARC_AT_POLICY] = {MM_DMARC_NONE, MM_DMARC_REJECT, MM_DMARC_QUARANTINE},
    [MM_DMARC_AT_MODE] = {MM_DMARC_R, MM_DMARC_S},
    [MM_DMARC_AT_TESTING] = {MM_DMARC_N, MM_DMARC_Y},
    [MM_DMARC_AT_METHOD] = {MM_DMARC_TREEWALK, MM_DMARC_PSL},
    [MM_DMARC_AT_DISPOSITION] = {MM_DMARC_NONE, MM_DMARC_REJECT, MM_DMARC_QUARANTINE,
                                 MM_DMARC_PASS},
    [MM_DMARC_AT_EVALUATED] = {MM_DMARC_PASS, MM_DMARC_FAIL},
    [MM_DMARC_AT_REASON] = {MM_DMARC_LOCAL_POLICY, MM_DMARC_MAILING_LIST, MM_DMARC_FORWARDED,
                            MM_DMARC_TRUSTED_FORWARDER, MM_DMARC_SAMPLED_OUT,
                            MM_DMARC_POLICY_TEST_MODE},
    [MM_DMARC_AT_DKIM] = {MM_DMARC_PASS, MM_DMARC_FAIL, MM_DMARC_NONE, MM_DMARC_NEUTRAL,
                          MM_DMARC_TEMPERROR, MM_DMARC_PERMERROR, MM_DMARC_POLICY},
    [MM_DMARC_AT_SPF] = {MM_DMARC_PASS, MM_DMARC_FAIL, MM_DMARC_SOFTFAIL, MM_DMARC_NONE,
                         MM_DMARC_NEUTRAL, MM_DMARC_TEMPERROR, MM_DMARC_PERMERROR, MM_DMARC_POLICY},
    [MM_DMARC_AT_SCOPE] = {MM_DMARC_MFROM, MM_DMARC_HELO},
};

/* What reporters write instead. `unknown` and `error` are RFC 4408's and its predecessors' words
 * for what RFC 7208 section 2.6 calls temperror and permerror. */
static const struct {
    struct mm_view text;
    enum mm_dmarc_word word;
    unsigned places; /* bits */
} aliases[] = {
    {{"hardfail", 8}, MM_DMARC_FAIL, 1u << MM_DMARC_AT_DKIM | 1u << MM_DMARC_AT_SPF},
    {{"unknown", 7}, MM_DMARC_TEMPERROR, 1u << MM_DMARC_AT_DKIM | 1u << MM_DMARC_AT_SPF},
    {{"error", 5}, MM_DMARC_PERMERROR, 1u << MM_DMARC_AT_DKIM | 1u << MM_DMARC_AT_SPF},
    {{"invalid", 7}, MM_DMARC_PERMERROR, 1u << MM_DMARC_AT_DKIM | 1u << MM_DMARC_AT_SPF},
    {{"relaxed", 7}, MM_DMARC_R, 1u << MM_DMARC_AT_MODE},
    {{"strict", 6}, MM_DMARC_S, 1u << MM_DMARC_AT_MODE},
};

static size_t head_bytes(struct mm_view v)
{
    return v.len < MM_WORD_BYTES ? v.len : MM_WORD_BYTES;
}

/* `head`: the first eight bytes of `raw`, in small letters. */
static bool is_word(struct mm_view word, struct mm_view raw, uint64_t head)
{
    return word.len == raw.len && mm_word_load_part(word.data, head_bytes(word)) == head &&
           (raw.len <= MM_WORD_BYTES || mm_view_eq_nocase(word, raw));
}

bool mm_dmarc_word_find(enum mm_dmarc_place place, struct mm_dmarc_value *value)
{
    struct mm_view raw = value->raw;
    value->word = raw.len > 0 ? MM_DMARC_OTHER : MM_DMARC_ABSENT;
    if (raw.len == 0)
        return false;
    uint64_t head = mm_word_lower(mm_word_load_part(raw.data, head_bytes(raw)));
    const unsigned char *words = words_at[place];
    for (size_t i = 0; i < PLACE_WORDS_MAX && words[i] != MM_DMARC_ABSENT; i++)
        if (is_word(texts[words[i]], raw, head)) {
            value->word = words[i];
            return false;
        }
    for (size_t i = 0; i < MM_COUNT(aliases); i++)
        if ((aliases[i].places >> place & 1) && is_word(aliases[i].text, raw, head)) {
            value->word = aliases[i].word;
            return true;
        }
    return false;
}

static const char *const flags[] = {
#define MM_DMARC_FLAG(name, word, meaning) word,
#include "report/dmarc_flags.def"
#undef MM_DMARC_FLAG
};

const char *mm_dmarc_flag_word(enum mm_dmarc_flag flag)
{
    return flags[flag];
}

static const struct {
    const char *slug, *words;
} skips[] = {
#define MM_DMARC_SKIP(name, slug, words) {slug, words},
#include "report/dmarc_skips.def"
#undef MM_DMARC_SKIP
};

const char *mm_dmarc_skip_slug(enum mm_dmarc_skip_reason reason)
{
    return skips[reason].slug;
}

const char *mm_dmarc_skip_words(enum mm_dmarc_skip_reason reason)
{
    return skips[reason].words;
}
