/*
 * test_dns_live.c - keys from a server in this process: what is asked, believed, shared and given
 * up.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/clock.h"
#include "dkim/key_cache.h"
#include "dns/live_dns.h"
#include "dns/resolver.h"
#include "support/dns_fixture.h"
#include "support/mm_test.h"

/* Public half of a key in tests/vectors/keys. */
#define ED25519 "k=ed25519; p=v+mt+G0+x6ArgqSvRNeyQ15wZ0XjzqYaEmjn+wrCSxE="
enum { AT = 1700000000, TTL_S = 3600 };

static int answer_all(struct mm_dns_server *server, unsigned id, const char *name,
                      struct mm_packet *out)
{
    (void)server;
    mm_packet_begin(out, id, 0, name);
    mm_packet_record(out, 1, "@12", MM_TEST_RR_TXT, TTL_S, ED25519);
    return 1;
}

/* First two replies that are not to this question, then none to it. */
static int lie_then_be_silent(struct mm_dns_server *server, unsigned id, const char *name,
                              struct mm_packet *out)
{
    answer_all(server, id ^ 1, name, &out[0]);
    answer_all(server, id, "x._domainkey.example.com", &out[1]);
    return 2;
}

/* The same, and then the one that is. */
static int lie_then_answer(struct mm_dns_server *server, unsigned id, const char *name,
                           struct mm_packet *out)
{
    lie_then_be_silent(server, id, name, out);
    answer_all(server, id, name, &out[2]);
    return 3;
}

static int be_silent(struct mm_dns_server *server, unsigned id, const char *name,
                     struct mm_packet *out)
{
    (void)server, (void)id, (void)name, (void)out;
    return 0;
}

/* ... over UDP; over TCP nobody listens. */
static int say_truncated(struct mm_dns_server *server, unsigned id, const char *name,
                         struct mm_packet *out)
{
    (void)server;
    mm_packet_begin(out, id, 0x0200, name);
    return 1;
}

static int say_servfail(struct mm_dns_server *server, unsigned id, const char *name,
                        struct mm_packet *out)
{
    (void)server;
    mm_packet_begin(out, id, 2, name);
    return 1;
}

/* "cN" leads to "cN+1" and no further in this reply; c9 has a key. */
static int answer_one_step(struct mm_dns_server *server, unsigned id, const char *name,
                           struct mm_packet *out)
{
    char target[64];
    if (name[1] == '9')
        return answer_all(server, id, name, out);
    snprintf(target, sizeof target, "c%d%s", atoi(name + 1) + 1, name + strcspn(name, "."));
    mm_packet_begin(out, id, 0, name);
    mm_packet_record(out, 1, "@12", MM_TEST_RR_CNAME, TTL_S, target);
    return 1;
}

struct set_up {
    struct mm_dns_server server;
    struct mm_key_source *source;
    struct mm_key_cache *cache;
};

static void start(struct set_up *s,
                  int (*reply)(struct mm_dns_server *, unsigned, const char *, struct mm_packet *))
{
    struct mm_error err = {.text = ""};
    *s = (struct set_up){.server = {.reply = reply}};
    mm_dns_server_start(&s->server);
    s->source = mm_key_source_new();
    const struct mm_dns_options options = {.server = s->server.text, .timeout_ms = 700};
    if (mm_key_source_use_dns(s->source, &options, &err) != MM_OK)
        fail_msg("%s", err.text);
    s->cache = mm_key_cache_of(s->source);
    assert_non_null(s->cache);
}

static void stop(struct set_up *s)
{
    mm_key_cache_free(&s->cache);
    mm_key_source_free(&s->source);
    mm_dns_server_stop(&s->server);
}

/* Ask for a key and wait. The caller ends the look-up. */
static const struct mm_key_set *wait_for(struct set_up *s, const char *selector,
                                         struct mm_key_lookup *lookup)
{
    enum mm_status st =
        mm_key_lookup_begin(s->cache, mm_view_of(selector), MM_VIEW("example.com"), AT, lookup);
    if (st == MM_AGAIN)
        st = mm_key_lookup_wait(s->cache, lookup);
    MM_CHECK_INT(selector, st, MM_OK);
    assert_non_null(lookup->set);
    return lookup->set;
}

static void a_key_is_asked_for_and_parsed_once(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_key_lookup one, two, other;
    char source[64];
    start(&s, answer_all);
    snprintf(source, sizeof source, "DNS %s", s.server.text);
    uint64_t turn = mm_key_cache_turn(s.cache);
    const struct mm_key_set *set = wait_for(&s, "one", &one);
    MM_CHECK_TRUE("the turn has moved", mm_key_cache_turn(s.cache) != turn);
    MM_CHECK_INT("records", set->count, 1);
    MM_CHECK_INT("a key", set->records[0].type, MM_KEY_ED25519);
    MM_CHECK_VIEW("where it is from", set->answer->source, mm_view_of(source));
    MM_CHECK_TRUE("again, in another case", wait_for(&s, "ONE", &two) == set);
    struct mm_key_cache *second = mm_key_cache_of(s.source);
    MM_CHECK_INT("another cache",
                 mm_key_lookup_begin(second, MM_VIEW("one"), MM_VIEW("example.com"), AT, &other),
                 MM_OK);
    MM_CHECK_TRUE("has the same", other.set == set);
    MM_CHECK_INT("questions", atomic_load(&s.server.questions), 1);
    mm_key_lookup_end(second, &other);
    mm_key_lookup_end(s.cache, &one);
    mm_key_lookup_end(s.cache, &two);
    mm_key_cache_free(&second);
    stop(&s);
}

static void what_is_no_name_is_not_asked(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_key_lookup lookup;
    start(&s, answer_all);
    static const char *const none[] = {"", ".", "a..b", "a b", "a\\b", "a\tb"};
    for (size_t i = 0; i < MM_COUNT(none); i++) {
        const struct mm_key_set *set = wait_for(&s, none[i], &lookup);
        MM_CHECK_INT(none[i], set->answer->status, MM_TXT_NOT_RECORDED);
        MM_CHECK_INT(none[i], set->count, 0);
        mm_key_lookup_end(s.cache, &lookup);
    }
    MM_CHECK_INT("questions", atomic_load(&s.server.questions), 0);
    stop(&s);
}

static void only_the_reply_to_the_question_counts(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_key_lookup lookup;
    start(&s, lie_then_be_silent);
    MM_CHECK_INT("others do not", wait_for(&s, "a", &lookup)->answer->status, MM_TXT_TIMEOUT);
    mm_key_lookup_end(s.cache, &lookup);
    stop(&s);
    start(&s, lie_then_answer);
    MM_CHECK_INT("it does", wait_for(&s, "a", &lookup)->answer->status, MM_TXT_NOERROR);
    mm_key_lookup_end(s.cache, &lookup);
    stop(&s);
}

static void chains_are_asked_along_within_bounds(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_key_lookup lookup;
    start(&s, answer_one_step);
    MM_CHECK_INT("nine steps", wait_for(&s, "c0", &lookup)->answer->status, MM_TXT_NOERROR);
    MM_CHECK_INT("ten questions", atomic_load(&s.server.questions), 10);
    mm_key_lookup_end(s.cache, &lookup);
    MM_CHECK_INT("without end", wait_for(&s, "c10", &lookup)->answer->status, MM_TXT_SERVFAIL);
    MM_CHECK_TRUE("stops", atomic_load(&s.server.questions) <= 10 + MM_TXT_ALIASES_MAX + 1);
    mm_key_lookup_end(s.cache, &lookup);
    stop(&s);
}

static void a_look_up_never_waits_unless_told(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_key_lookup lookup;
    start(&s, be_silent);
    uint64_t start_ns = mm_wall_ns(), turn = mm_key_cache_turn(s.cache);
    MM_CHECK_INT("begin",
                 mm_key_lookup_begin(s.cache, MM_VIEW("a"), MM_VIEW("example.com"), AT, &lookup),
                 MM_AGAIN);
    MM_CHECK_INT("poll", mm_key_lookup_poll(s.cache, &lookup), MM_AGAIN);
    MM_CHECK_TRUE("nothing yet", lookup.set == NULL);
    mm_key_cache_wait(s.cache, turn, 10);
    MM_CHECK_TRUE("a wait ends when its time is over",
                  mm_wall_ns() - start_ns >= 10000000 && mm_key_cache_turn(s.cache) == turn);
    mm_key_cache_wait(s.cache, turn, 60000);
    MM_CHECK_TRUE("or when there is news", mm_key_cache_turn(s.cache) != turn);
    MM_CHECK_INT("then it is answered", mm_key_lookup_poll(s.cache, &lookup), MM_OK);
    MM_CHECK_INT("so", lookup.set->answer->status, MM_TXT_TIMEOUT);
    uint64_t took_ns = mm_wall_ns() - start_ns;
    MM_CHECK_TRUE("in the time of a question", took_ns >= 690000000 && took_ns < 5000000000u);
    mm_key_lookup_end(s.cache, &lookup);
    stop(&s);
}

static void look_ups_may_be_given_up_and_the_thread_ended_in_between(void **state)
{
    (void)state;
    struct set_up s;
    for (int round = 0; round < 20; round++) {
        struct mm_key_lookup lookups[50];
        start(&s, round % 2 ? answer_all : be_silent);
        for (size_t i = 0; i < MM_COUNT(lookups); i++) {
            char selector[16];
            snprintf(selector, sizeof selector, "s%zu", i % 40);
            MM_CHECK_TRUE("begin",
                          mm_key_lookup_begin(s.cache, mm_view_of(selector), MM_VIEW("example.com"),
                                              AT, &lookups[i]) >= 0);
        }
        usleep((useconds_t)round * 100);
        for (size_t i = 0; i < MM_COUNT(lookups); i++)
            mm_key_lookup_end(s.cache, &lookups[i]);
        stop(&s);
    }
}

static void a_source_asks_one_server_and_says_what_is_wrong(void **state)
{
    (void)state;
    struct mm_key_source *source = mm_key_source_new();
    struct mm_dns_options options = {.server = "no address"};
    struct mm_error err = {.text = ""};
    struct mm_dns_counts counts = {.questions = 1};
    MM_CHECK_INT("finish without", mm_key_source_finish(source, NULL), MM_OK);
    mm_key_source_dns_counts(source, &counts);
    MM_CHECK_INT("counts without", counts.questions, 0);
    MM_CHECK_INT("server", mm_key_source_use_dns(source, &options, &err), MM_E_ARG);
    MM_CHECK_TRUE("words", strstr(err.text, "no address") != NULL);
    options = (struct mm_dns_options){.server = "127.0.0.1", .record_path = "/nowhere/at/all"};
    MM_CHECK_INT("recording", mm_key_source_use_dns(source, &options, &err), MM_E_IO);
    options.record_path = NULL;
    MM_CHECK_INT("right", mm_key_source_use_dns(source, &options, &err), MM_OK);
    MM_CHECK_INT("twice", mm_key_source_use_dns(source, &options, &err), MM_E_ARG);
    mm_key_source_free(&source);
}

/* ---- several servers, which only the system's configuration can name ---- */

struct outcome {
    pthread_mutex_t lock;
    enum mm_txt_status statuses[8];
    size_t count;
};

static void keep_outcome(void *context, struct mm_dns_entry *entry,
                         const struct mm_txt_answer *answer, uint32_t ttl_s)
{
    struct outcome *o = context;
    (void)ttl_s;
    pthread_mutex_lock(&o->lock);
    o->statuses[o->count++] = answer->status;
    pthread_mutex_unlock(&o->lock);
    mm_dns_entry_release(entry);
}

static void ignore_turn(void *context, bool news, bool idle)
{
    (void)context, (void)news, (void)idle;
}

static enum mm_txt_status next_outcome(struct mm_resolver *r, struct mm_dns_cache *cache,
                                       struct outcome *o, const char *name)
{
    bool is_new;
    size_t before = o->count; /* nothing is under way */
    struct mm_dns_entry *e = mm_dns_cache_take(cache, mm_view_of(name), 0, &is_new);
    assert_true(e && is_new);
    mm_resolver_ask(r, e);
    mm_dns_entry_release(e);
    for (bool done = false; !done; usleep(1000)) {
        pthread_mutex_lock(&o->lock);
        done = o->count > before;
        pthread_mutex_unlock(&o->lock);
    }
    return o->statuses[before];
}

static struct ares_addr_port_node node_of(uint16_t port)
{
    struct ares_addr_port_node node = {.family = AF_INET, .udp_port = port, .tcp_port = port};
    node.addr.addr4.s_addr = htonl(INADDR_LOOPBACK);
    return node;
}

static void the_next_server_is_asked_where_one_fails(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int (*first)(struct mm_dns_server *, unsigned, const char *, struct mm_packet *);
        int (*second)(struct mm_dns_server *, unsigned, const char *, struct mm_packet *);
        enum mm_txt_status want;
        uint32_t timeout_ms;
    } cases[] = {
        {"SERVFAIL", say_servfail, answer_all, MM_TXT_NOERROR, 600},
        {"silence", be_silent, answer_all, MM_TXT_NOERROR, 600},
        {"no TCP", say_truncated, answer_all, MM_TXT_NOERROR, 5000},
        {"both SERVFAIL", say_servfail, say_servfail, MM_TXT_SERVFAIL, 600},
        {"both without TCP", say_truncated, say_truncated, MM_TXT_SERVFAIL, 5000},
        {"SERVFAIL, then silence", say_servfail, be_silent, MM_TXT_SERVFAIL, 600},
        {"both silent", be_silent, be_silent, MM_TXT_TIMEOUT, 600},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_dns_server first = {.reply = cases[i].first}, second = {.reply = cases[i].second};
        struct outcome outcome = {.count = 0};
        struct mm_dns_cache cache;
        struct mm_resolver *r;
        pthread_mutex_init(&outcome.lock, NULL);
        assert_int_equal(mm_dns_cache_init(&cache, 1024 * 1024), MM_OK);
        mm_dns_server_start(&first);
        mm_dns_server_start(&second);
        struct mm_resolver_options options = {.timeout_ms = cases[i].timeout_ms,
                                              .answered = keep_outcome,
                                              .turned = ignore_turn,
                                              .context = &outcome};
        options.servers.nodes[0] = node_of(first.port);
        options.servers.nodes[1] = node_of(second.port);
        options.servers.count = 2;
        assert_int_equal(mm_resolver_new(&options, &r, NULL), MM_OK);
        MM_CHECK_INT(cases[i].label, next_outcome(r, &cache, &outcome, "a"), cases[i].want);
        int asked = atomic_load(&first.questions);
        MM_CHECK_TRUE(cases[i].label, asked > 0 && atomic_load(&second.questions) > 0);
        MM_CHECK_INT(cases[i].label, next_outcome(r, &cache, &outcome, "b"), cases[i].want);
        if (cases[i].want == MM_TXT_NOERROR)
            MM_CHECK_INT("one that answers is asked first from then on",
                         atomic_load(&first.questions), asked);
        mm_resolver_free(&r);
        mm_dns_cache_deinit(&cache);
        mm_dns_server_stop(&first);
        mm_dns_server_stop(&second);
        pthread_mutex_destroy(&outcome.lock);
    }
}

static void answers_last_within_bounds(void **state)
{
    (void)state;
    static const struct {
        enum mm_txt_status status;
        uint32_t ttl_s, want;
    } cases[] = {
        {MM_TXT_NOERROR, 0, 60},        {MM_TXT_NOERROR, 61, 61},
        {MM_TXT_NOERROR, 86400, 86400}, {MM_TXT_NOERROR, UINT32_MAX, 86400},
        {MM_TXT_NXDOMAIN, 0, 60},       {MM_TXT_NXDOMAIN, 86400, 10800},
        {MM_TXT_NODATA, 3600, 3600},    {MM_TXT_SERVFAIL, 0, 300},
        {MM_TXT_TIMEOUT, 86400, 300},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_INT("seconds", mm_dns_ttl_in_force(cases[i].status, cases[i].ttl_s),
                     cases[i].want);
}

MM_TEST_MAIN(MM_TEST(a_key_is_asked_for_and_parsed_once), MM_TEST(what_is_no_name_is_not_asked),
             MM_TEST(only_the_reply_to_the_question_counts),
             MM_TEST(chains_are_asked_along_within_bounds),
             MM_TEST(a_look_up_never_waits_unless_told),
             MM_TEST(look_ups_may_be_given_up_and_the_thread_ended_in_between),
             MM_TEST(a_source_asks_one_server_and_says_what_is_wrong),
             MM_TEST(the_next_server_is_asked_where_one_fails), MM_TEST(answers_last_within_bounds))
