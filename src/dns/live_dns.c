/*
 * live_dns.c - TXT answers from DNS servers: asked once, kept as long as they last, recorded.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/live_dns.h"

#include <stdlib.h>

#include "base/clock.h"
#include "dns/recorder.h"
#include "dns/resolver.h"

#define NS_PER_S UINT64_C(1000000000)

struct mm_live_dns {
    struct mm_dns_cache cache;
    struct mm_recorder recorder;
    struct mm_resolver *resolver;
    struct mm_view source; /* of every answer: which servers were asked */
    char source_text[sizeof((struct mm_dns_servers *)0)->text];
    atomic_ullong turn;
    atomic_uint waiters;
    pthread_mutex_t lock; /* of those who wait */
    pthread_cond_t moved;
    atomic_ullong answers[MM_TXT_NOT_RECORDED]; /* by status */
};

uint32_t mm_dns_ttl_in_force(enum mm_txt_status status, uint32_t ttl_s)
{
    uint32_t most = status == MM_TXT_NOERROR ? MM_DNS_TTL_MAX_S : MM_DNS_NEGATIVE_TTL_MAX_S;
    if (status == MM_TXT_SERVFAIL || status == MM_TXT_TIMEOUT)
        return MM_DNS_FAILURE_TTL_S;
    if (ttl_s > most)
        return most;
    return ttl_s < MM_DNS_TTL_MIN_S ? MM_DNS_TTL_MIN_S : ttl_s;
}

/* ---- in the resolver's thread ---- */

static void on_answer(void *context, struct mm_dns_entry *entry, const struct mm_txt_answer *answer,
                      uint32_t ttl_s)
{
    struct mm_live_dns *dns = context;
    struct mm_txt_answer whole = *answer;
    whole.source = dns->source;
    atomic_fetch_add_explicit(&dns->answers[answer->status], 1, memory_order_relaxed);
    mm_recorder_add(&dns->recorder, &(struct mm_recorded_line){
                                        .name = {entry->name, entry->name_len},
                                        .status = answer->status,
                                        .ttl_s = ttl_s,
                                        .ad = answer->ad,
                                        .time = (int64_t)(mm_clock_ns(CLOCK_REALTIME) / NS_PER_S),
                                        .records = answer->records,
                                        .record_count = answer->record_count,
                                    });
    uint64_t lasts_ns = mm_dns_ttl_in_force(answer->status, ttl_s) * NS_PER_S;
    mm_dns_cache_answer(&dns->cache, entry, &whole, mm_wall_ns() + lasts_ns);
}

/* A waiter counts itself before it looks at the turn, and the turn moves before waiters are looked
 * for: one of the two sees the other. */
static void on_turn(void *context, bool news, bool idle)
{
    struct mm_live_dns *dns = context;
    if (news) {
        atomic_fetch_add(&dns->turn, 1);
        if (atomic_load(&dns->waiters) > 0) {
            pthread_mutex_lock(&dns->lock);
            pthread_cond_broadcast(&dns->moved);
            pthread_mutex_unlock(&dns->lock);
        }
    }
    mm_recorder_tick(&dns->recorder, mm_wall_ns(), idle);
}

/* ---- from workers ---- */

enum mm_status mm_live_dns_ask(struct mm_live_dns *dns, struct mm_view name,
                               struct mm_dns_entry **entry)
{
    bool is_new;
    *entry = mm_dns_cache_take(&dns->cache, name, mm_wall_ns(), &is_new);
    if (!*entry)
        return MM_E_NOMEM;
    if (is_new)
        mm_resolver_ask(dns->resolver, *entry);
    return mm_dns_entry_is_answered(*entry) ? MM_OK : MM_AGAIN;
}

uint64_t mm_live_dns_turn(struct mm_live_dns *dns)
{
    return atomic_load(&dns->turn);
}

void mm_live_dns_wait(struct mm_live_dns *dns, uint64_t turn, uint32_t timeout_ms)
{
    uint64_t until_ns = mm_wall_ns() + timeout_ms * UINT64_C(1000000);
    struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S),
                             .tv_nsec = (long)(until_ns % NS_PER_S)};
    int code = 0;
    atomic_fetch_add(&dns->waiters, 1);
    pthread_mutex_lock(&dns->lock);
    while (code == 0 && atomic_load(&dns->turn) == turn)
        code = pthread_cond_timedwait(&dns->moved, &dns->lock, &until);
    pthread_mutex_unlock(&dns->lock);
    atomic_fetch_sub(&dns->waiters, 1);
}

enum mm_status mm_live_dns_finish(struct mm_live_dns *dns, struct mm_error *err)
{
    return mm_recorder_flush(&dns->recorder, err);
}

void mm_live_dns_count(struct mm_live_dns *dns, struct mm_dns_counts *out)
{
    struct mm_dns_cache_counts cache;
    struct mm_resolver_counts resolver;
    uint64_t answers[MM_COUNT(dns->answers)];
    mm_dns_cache_count(&dns->cache, &cache);
    mm_resolver_count(dns->resolver, &resolver);
    for (size_t i = 0; i < MM_COUNT(answers); i++)
        answers[i] = atomic_load_explicit(&dns->answers[i], memory_order_relaxed);
    *out = (struct mm_dns_counts){.questions = resolver.questions,
                                  .noerror = answers[MM_TXT_NOERROR],
                                  .nxdomain = answers[MM_TXT_NXDOMAIN],
                                  .nodata = answers[MM_TXT_NODATA],
                                  .servfail = answers[MM_TXT_SERVFAIL],
                                  .timeout = answers[MM_TXT_TIMEOUT],
                                  .hits = cache.hits,
                                  .merged = cache.merged,
                                  .retries = resolver.retries,
                                  .tcp_connections = resolver.tcp_connections,
                                  .evicted = cache.evicted,
                                  .recorded = mm_recorder_count(&dns->recorder)};
}

/* ---- beginning and end ---- */

static void init_waiting(struct mm_live_dns *dns)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dns->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&dns->lock, NULL);
}

static enum mm_status start_resolver(struct mm_live_dns *dns, const struct mm_dns_options *options,
                                     const struct mm_dns_servers *servers, struct mm_error *err)
{
    struct mm_resolver_options r = {.answered = on_answer, .turned = on_turn, .context = dns};
    r.timeout_ms = options->timeout_ms ? options->timeout_ms : MM_DNS_TIMEOUT_MS_DEFAULT;
    r.servers = *servers;
    memcpy(dns->source_text, r.servers.text, sizeof dns->source_text);
    dns->source = mm_view_of(dns->source_text);
    return mm_resolver_new(&r, &dns->resolver, err);
}

enum mm_status mm_live_dns_new(const struct mm_dns_options *options, struct mm_live_dns **out,
                               struct mm_error *err)
{
    struct mm_dns_servers servers;
    *out = NULL;
    MM_TRY(mm_dns_servers_read(options->server, &servers, err)); /* before a file is made */
    struct mm_live_dns *dns = calloc(1, sizeof *dns);
    if (!dns || mm_dns_cache_init(&dns->cache, MM_DNS_CACHE_BYTES) != MM_OK) {
        free(dns);
        return mm_fail(err, MM_E_NOMEM, "no memory for DNS answers");
    }
    enum mm_status st =
        mm_recorder_init(&dns->recorder, options->record_path, options->record_replace, err);
    if (st != MM_OK) {
        mm_dns_cache_deinit(&dns->cache);
        free(dns);
        return st;
    }
    init_waiting(dns);
    st = start_resolver(dns, options, &servers, err);
    if (st != MM_OK) {
        mm_live_dns_free(&dns);
        return st;
    }
    *out = dns;
    return MM_OK;
}

void mm_live_dns_free(struct mm_live_dns **dns)
{
    struct mm_live_dns *d = *dns;
    if (!d)
        return;
    *dns = NULL;
    mm_resolver_free(&d->resolver);
    if (mm_recorder_flush(&d->recorder, NULL) != MM_OK) {
        /* mm_live_dns_finish() is for those who want to know. */
    }
    mm_recorder_deinit(&d->recorder);
    mm_dns_cache_deinit(&d->cache);
    pthread_cond_destroy(&d->moved);
    pthread_mutex_destroy(&d->lock);
    free(d);
}
