/*
 * sign_lookup.c - from an author's address to the signatures a message gets.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A plain table costs one look-up in a hash table for each form of the address; a table of patterns
 * is tried row by row, each row first by its two ends.
 */
#include "dkim/domain_name.h"
#include "dkim/sign_rules_internal.h"

/* The author in lower case: "user@host" and its parts; what is being collected. */
struct lookup {
    const struct mm_sign_rules *rules;
    struct mm_arena *arena;
    char text[MM_SIGN_AUTHOR_MAX_BYTES];
    struct mm_view address, user_at, host; /* user_at: with the '@' */
    bool is_domain;                        /* host is a name that can be d= */
    bool unfit_domain;                     /* a row matched, and host cannot be the d= it wants */
    struct mm_sign_choice *choices;
    size_t count;
};

static bool lookup_init(struct lookup *l, struct mm_address author)
{
    size_t len = author.local.len + 1 + author.domain.len, at = 0;
    if (author.domain.len == 0 || author.local.len >= sizeof l->text || len > sizeof l->text)
        return false;
    for (size_t i = 0; i < author.local.len; i++)
        l->text[at++] = (char)mm_ascii_lower((unsigned char)author.local.data[i]);
    l->text[at++] = '@';
    for (size_t i = 0; i < author.domain.len; i++)
        l->text[at++] = (char)mm_ascii_lower((unsigned char)author.domain.data[i]);
    l->address = (struct mm_view){l->text, len};
    l->user_at = mm_view_sub(l->address, 0, author.local.len + 1);
    l->host = mm_view_sub(l->address, l->user_at.len, author.domain.len);
    l->is_domain = mm_is_domain_name(l->host);
    return true;
}

/* The identity that a row of the KeyTable has for the domain; NULL for none. */
static const struct mm_sign_choice *identity_for(const struct mm_sign_rules *rules,
                                                 uint32_t key_row, struct mm_view domain)
{
    uint32_t identity;
    if (key_row == MM_KEY_ROW_OF_DOMAIN && !mm_map_get(&rules->key_names, domain, &key_row))
        return NULL;
    const struct mm_key_row *row = &rules->key_rows[key_row];
    if (!row->by_domain)
        identity = row->identity;
    else if (!mm_map_get(&row->domains, domain, &identity))
        return NULL;
    return &rules->identities[identity];
}

/* The row's i= for this author in the arena; empty where it lies outside of d=. */
static enum mm_status expand_auid(struct lookup *l, struct mm_view text, struct mm_view d,
                                  struct mm_view *out)
{
    size_t marks = 0, len = 0;
    for (size_t i = 0; i < text.len; i++)
        marks += text.data[i] == '%';
    char *at = mm_arena_alloc(l->arena, text.len + marks * l->host.len + 1);
    if (!at)
        return MM_E_NOMEM;
    for (size_t i = 0; i < text.len; i++) {
        struct mm_view piece = text.data[i] == '%' ? l->host : mm_view_sub(text, i, 1);
        memcpy(at + len, piece.data, piece.len);
        len += piece.len;
    }
    struct mm_view local, domain;
    *out = (struct mm_view){at, len};
    mm_view_cut(*out, '@', &local, &domain);
    if (!mm_is_domain_name(domain) || !mm_domain_is_within(domain, d))
        *out = (struct mm_view){"", 0};
    return MM_OK;
}

static bool is_chosen(const struct lookup *l, const struct mm_sign_choice *c)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->choices[i].key == c->key && mm_view_eq_nocase(l->choices[i].domain, c->domain) &&
            mm_view_eq_nocase(l->choices[i].selector, c->selector))
            return true;
    return false;
}

/* The row matches: take its identity, if it has one for this author. */
static enum mm_status choose(struct lookup *l, const struct mm_signing_row *row)
{
    const struct mm_sign_choice *identity = identity_for(l->rules, row->key_row, l->host);
    if (!identity)
        return MM_OK;
    struct mm_sign_choice c = *identity;
    if (mm_view_eq(c.domain, MM_VIEW("%"))) {
        if (!l->is_domain || !mm_key_name_fits(c.selector, l->host)) {
            l->unfit_domain = true;
            return MM_OK;
        }
        c.domain = mm_arena_copy(l->arena, l->host);
        if (!c.domain.data)
            return MM_E_NOMEM;
    }
    if (is_chosen(l, &c))
        return MM_OK;
    if (row->identity.len)
        MM_TRY(expand_auid(l, row->identity, c.domain, &c.auid));
    l->choices[l->count++] = c;
    return MM_OK;
}

static bool is_done(const struct lookup *l)
{
    return l->count == MM_SIGN_CHOICES_MAX || (l->count && !l->rules->multiple);
}

/* ---- plain tables ---- */

static enum mm_status probe(struct lookup *l, struct mm_view key)
{
    uint32_t at;
    if (is_done(l) || !mm_map_get(&l->rules->first_rows, key, &at))
        return MM_OK;
    for (; at != MM_NO_ROW && !is_done(l); at = l->rules->rows[at].next)
        MM_TRY(choose(l, &l->rules->rows[at]));
    return MM_OK;
}

static enum mm_status probe_all(struct lookup *l)
{
    char room[MM_SIGN_AUTHOR_MAX_BYTES + 1];
    struct mm_view parent = l->host, label;
    memcpy(room, l->user_at.data, l->user_at.len);
    MM_TRY(probe(l, l->address));
    MM_TRY(probe(l, l->host));
    while (mm_view_cut(parent, '.', &label, &parent)) {
        struct mm_view dotted = {parent.data - 1, parent.len + 1};
        memcpy(room + l->user_at.len, dotted.data, dotted.len);
        MM_TRY(probe(l, (struct mm_view){room, l->user_at.len + dotted.len}));
        MM_TRY(probe(l, dotted));
    }
    room[l->user_at.len] = '*';
    MM_TRY(probe(l, (struct mm_view){room, l->user_at.len + 1}));
    return probe(l, MM_VIEW("*"));
}

/* ---- tables of patterns ---- */

/* Step past the first place where `text` has `piece`. */
static bool skip_to(struct mm_view *text, struct mm_view piece)
{
    if (piece.len == 0)
        return true;
    const char *at = text->len ? memmem(text->data, text->len, piece.data, piece.len) : NULL;
    if (!at)
        return false;
    size_t past = (size_t)(at - text->data) + piece.len;
    *text = mm_view_sub(*text, past, text->len - past);
    return true;
}

/*
 * The text before the first '*' begins it, the text behind the last one ends it, and what stands
 * between two of them comes in order in what is left: the leftmost place is always good enough.
 */
bool mm_pattern_matches(struct mm_view pattern, struct mm_view text)
{
    struct mm_view piece, rest;
    if (!mm_view_cut(pattern, '*', &piece, &rest))
        return mm_view_eq(pattern, text);
    const char *last_star = memrchr(pattern.data, '*', pattern.len);
    struct mm_view tail = {last_star + 1, (size_t)(pattern.data + pattern.len - last_star - 1)};
    if (text.len < piece.len + tail.len || !mm_view_ends(text, tail) ||
        !mm_view_starts(text, piece))
        return false;
    text = mm_view_sub(text, piece.len, text.len - piece.len - tail.len);
    while (mm_view_cut(rest, '*', &piece, &rest))
        if (!skip_to(&text, piece))
            return false;
    return true;
}

static enum mm_status match_all(struct lookup *l)
{
    for (size_t i = 0; i < l->rules->row_count && !is_done(l); i++)
        if (mm_pattern_matches(l->rules->rows[i].pattern, l->address))
            MM_TRY(choose(l, &l->rules->rows[i]));
    return MM_OK;
}

enum mm_status mm_sign_rules_find(const struct mm_sign_rules *rules, struct mm_address author,
                                  struct mm_arena *arena, struct mm_sign_choice *choices,
                                  size_t *count, bool *unfit_domain)
{
    struct lookup l;
    *count = 0;
    *unfit_domain = false;
    if (rules->every) {
        *count = rules->identity_count;
        memcpy(choices, rules->identities, rules->identity_count * sizeof *choices);
        return MM_OK;
    }
    l.rules = rules;
    l.arena = arena;
    l.choices = choices;
    l.count = 0;
    l.unfit_domain = false;
    if (!lookup_init(&l, author))
        return MM_OK;
    MM_TRY(rules->patterns ? match_all(&l) : probe_all(&l));
    *count = l.count;
    *unfit_domain = l.count == 0 && l.unfit_domain;
    return MM_OK;
}

/* ---- Ed25519 alone ---- */

static bool is_ed25519(const struct mm_sign_choice *c)
{
    return mm_private_key_type(c->key) == MM_KEY_ED25519;
}

/* Does a row with this pattern give an RSA key to an author of the domain (NULL: to any author)? */
static bool pattern_has_rsa(const struct mm_sign_rules *rules, struct mm_view pattern,
                            const struct mm_view *domain)
{
    uint32_t at;
    if (!mm_map_get(&rules->first_rows, pattern, &at))
        return false;
    for (; at != MM_NO_ROW; at = rules->rows[at].next) {
        uint32_t key_row = rules->rows[at].key_row;
        bool for_any = key_row != MM_KEY_ROW_OF_DOMAIN && !rules->key_rows[key_row].by_domain;
        if (!for_any && !domain)
            continue;
        const struct mm_sign_choice *c =
            identity_for(rules, key_row, domain ? *domain : MM_VIEW(""));
        if (c && !is_ed25519(c))
            return true;
    }
    return false;
}

/* May the identity stand alone where a row of the pattern chose it? */
static bool stands_alone(const struct mm_sign_rules *rules, struct mm_view pattern,
                         const struct mm_sign_choice *c, const struct mm_view *domain)
{
    return is_ed25519(c) && !(rules->multiple && (pattern_has_rsa(rules, pattern, domain) ||
                                                  pattern_has_rsa(rules, MM_VIEW("*"), domain)));
}

/* The same for whatever the row of the KeyTable may give to some author. */
static bool key_row_may_stand_alone(const struct mm_sign_rules *rules, struct mm_view pattern,
                                    const struct mm_key_row *row, const struct mm_view *domain)
{
    if (!row->by_domain)
        return stands_alone(rules, pattern, &rules->identities[row->identity], domain);
    for (size_t i = 0; i < rules->identity_count; i++) {
        const struct mm_sign_choice *c = &rules->identities[i];
        uint32_t identity;
        if (mm_map_get(&row->domains, c->domain, &identity) && identity == i &&
            stands_alone(rules, pattern, c, &c->domain))
            return true;
    }
    return false;
}

/* The one domain that all authors have whom the pattern matches; empty for several. */
static struct mm_view only_domain(const struct mm_sign_rules *rules, struct mm_view pattern)
{
    const char *at = memrchr(pattern.data, '@', pattern.len);
    struct mm_view host = pattern, none = {"", 0};
    if (at)
        host = (struct mm_view){at + 1, (size_t)(pattern.data + pattern.len - at - 1)};
    else if (rules->patterns)
        return none;
    return host.len == 0 || host.data[0] == '.' || memchr(host.data, '*', host.len) ? none : host;
}

static bool row_may_stand_alone(const struct mm_sign_rules *rules, const struct mm_signing_row *row)
{
    struct mm_view domain = only_domain(rules, row->pattern);
    if (domain.len) {
        const struct mm_sign_choice *c = identity_for(rules, row->key_row, domain);
        return c && stands_alone(rules, row->pattern, c, &domain);
    }
    if (row->key_row != MM_KEY_ROW_OF_DOMAIN)
        return key_row_may_stand_alone(rules, row->pattern, &rules->key_rows[row->key_row], NULL);
    for (size_t i = 0; i < rules->key_row_count; i++)
        if (key_row_may_stand_alone(rules, row->pattern, &rules->key_rows[i],
                                    &rules->key_rows[i].name))
            return true;
    return false;
}

bool mm_sign_rules_may_be_ed25519_only(const struct mm_sign_rules *rules)
{
    if (rules->every) {
        for (size_t i = 0; i < rules->identity_count; i++)
            if (!is_ed25519(&rules->identities[i]))
                return false;
        return true;
    }
    for (size_t i = 0; i < rules->row_count; i++)
        if (row_may_stand_alone(rules, &rules->rows[i]))
            return true;
    return false;
}
