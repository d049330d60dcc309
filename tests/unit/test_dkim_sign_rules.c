/*
 * test_dkim_sign_rules.c - tables as OpenDKIM reads them: what is chosen, and what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/sign_rules.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/sign_rules_internal.h"
#include "support/mm_test.h"
#include "text/base64.h"

static char folder[64];
static char warnings[2000];

static void note_warning(void *context, const char *text)
{
    (void)context;
    strncat(warnings, text, sizeof warnings - strlen(warnings) - 2);
    strcat(warnings, "\n");
}

static const char *path_in(const char *name)
{
    static char paths[4][300];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, struct mm_view text, mode_t mode)
{
    const char *path = path_in(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static struct mm_view vector(const char *name)
{
    char path[500];
    snprintf(path, sizeof path, "%s/tests/vectors/keys/%s", mm_test_source_dir(), name);
    return mm_test_read_file(path);
}

static void copy_key(const char *vector_name, const char *name, mode_t mode)
{
    struct mm_view text = vector(vector_name);
    write_file(name, text, mode);
    free((char *)text.data);
}

static int make_keys(void **state)
{
    (void)state;
    umask(077);
    strcpy(folder, "/tmp/mm_sign_rules_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    assert_int_equal(mkdir(path_in("keys"), 0700), 0);
    assert_int_equal(mkdir(path_in("by"), 0700), 0);
    assert_int_equal(mkdir(path_in("by/a.example"), 0700), 0);
    assert_int_equal(mkdir(path_in("by/b.example"), 0700), 0);
    copy_key("rsa2048_pkcs8.pem", "rsa.pem", 0600);
    copy_key("rsa1024.pem", "keys/other", 0600);
    copy_key("ed25519_pkcs8.pem", "ed.pem", 0600);
    copy_key("rsa512.pem", "rsa512.pem", 0600);
    copy_key("rsa2048_pkcs8.pem", "group.pem", 0640);
    copy_key("rsa2048_pkcs8.pem", "world.pem", 0644);
    copy_key("rsa2048_pkcs8.pem", "by/a.example/s1.pem", 0600);
    copy_key("ed25519_pkcs8.pem", "by/a.example/e1.pem", 0600);
    copy_key("rsa1024.pem", "by/b.example/s1.pem", 0600);
    copy_key("rsa1024.pem", "keys/A.Example-a.wrong", 0600);
    copy_key("rsa1024.pem", "keys/C.Example-C.Example.pem", 0600);
    return 0;
}

static void remove_below(const char *path)
{
    char inner[600];
    DIR *dir = opendir(path);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, d->d_name);
        if (unlink(inner) != 0)
            remove_below(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static int remove_keys(void **state)
{
    (void)state;
    remove_below(folder);
    return 0;
}

/* Rules from the two texts; kind is the prefix of the SigningTable. */
static enum mm_status load(const char *key_table, const char *kind, const char *signing_table,
                           bool multiple, struct mm_sign_rules **out, struct mm_error *err)
{
    char spec[400];
    struct mm_sign_rules_options options = {.multiple = multiple, .warn = note_warning};
    write_file("KeyTable", mm_view_of(key_table), 0600);
    write_file("SigningTable", mm_view_of(signing_table), 0600);
    snprintf(spec, sizeof spec, "%s%s", kind, path_in("SigningTable"));
    warnings[0] = '\0';
    *err = (struct mm_error){.text = ""};
    return mm_sign_rules_from_tables(path_in("KeyTable"), spec, &options, out, err);
}

static struct mm_sign_rules *load_well(const char *label, const char *key_table, const char *kind,
                                       const char *signing_table, bool multiple)
{
    struct mm_sign_rules *rules;
    struct mm_error err;
    enum mm_status st = load(key_table, kind, signing_table, multiple, &rules, &err);
    MM_CHECK_VIEW(label, mm_view_of(err.text), MM_VIEW(""));
    MM_CHECK_INT(label, st, MM_OK);
    return rules;
}

/* "selector@domain(auid)" for each choice, a blank between. */
static void check_choices(const char *label, const struct mm_sign_rules *rules, const char *author,
                          const char *want)
{
    struct mm_sign_choice choices[MM_SIGN_CHOICES_MAX];
    struct mm_arena arena;
    struct mm_address address;
    char text[1000] = "";
    size_t count, n = 0;
    bool unfit_domain;
    mm_arena_init(&arena, 1 << 20);
    const char *at = strrchr(author, '@');
    address.local = (struct mm_view){author, (size_t)(at - author)};
    address.domain = mm_view_of(at + 1);
    MM_CHECK_INT(label, mm_sign_rules_find(rules, address, &arena, choices, &count, &unfit_domain),
                 MM_OK);
    for (size_t i = 0; i < count; i++) {
        const struct mm_sign_choice *c = &choices[i];
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s@%.*s", i ? " " : "",
                              (int)c->selector.len, c->selector.data, (int)c->domain.len,
                              c->domain.data);
        if (c->auid.len)
            n += (size_t)snprintf(text + n, sizeof text - n, "(%.*s)", (int)c->auid.len,
                                  c->auid.data);
        MM_CHECK_TRUE(label, c->key != NULL);
        MM_CHECK_TRUE(label, c->key_index < mm_sign_rules_key_count(rules));
        MM_CHECK_TRUE(label, mm_sign_rules_key(rules, c->key_index).key == c->key);
    }
    MM_CHECK_VIEW(label, mm_view_of(text), mm_view_of(want));
    mm_arena_deinit(&arena);
}

#define KEYS                                                                                       \
    "# names\n\n"                                                                                  \
    "k1 one.example:s1:rsa.pem\n"                                                                  \
    "k2 two.example:s2:./keys/other # bits\r\n"                                                    \
    "k3\tthree.example:s3:rsa.pem\n"                                                               \
    "ed one.example:e1:ed.pem\n"                                                                   \
    "any %:sa:rsa.pem\n"                                                                           \
    "two.example two.example:named:rsa.pem\n"                                                      \
    "by %:s1:by/%/s1.pem\n"                                                                        \
    "bye %:e1:by/%/e1.pem\n"                                                                       \
    "own a.example:own:by/%/s1.pem\n"                                                              \
    "twice %:tw:keys/%-%.pem\n"

static const struct {
    const char *label, *kind, *rows, *author, *want;
    bool multiple;
} lookups[] = {
    {"user@host", "", "u@h.example k1\nh.example k2\n* k3\n", "u@h.example", "s1@one.example",
     false},
    {"host", "", "u@h.example k1\nh.example k2\n* k3\n", "v@h.example", "s2@two.example", false},
    {"*", "", "u@h.example k1\nh.example k2\n* k3\n", "v@x.example", "s3@three.example", false},
    {"case folds", "file:", "U@H.Example k1\n", "u@h.EXAMPLE", "s1@one.example", false},
    {"nothing", "", "u@h.example k1\n", "u@i.example", "", false},
    {"user@.parent", "", "u@.h.example k1\n.h.example k2\n", "u@a.b.h.example", "s1@one.example",
     false},
    {".parent", "", "u@.h.example k1\n.h.example k2\n", "v@a.h.example", "s2@two.example", false},
    {".parent is not the host itself", "", ".h.example k2\n", "v@h.example", "", false},
    {"nearer parent first", "", "u@.example k1\n.h.example k2\n", "u@a.h.example", "s2@two.example",
     false},
    {"user@.parent before .parent", "", ".h.example k2\nu@.h.example k1\n", "u@a.h.example",
     "s1@one.example", false},
    {"top-level parent", "", ".example k1\n", "u@a.h.example", "s1@one.example", false},
    {"user@*", "", "* k1\nu@* k2\n", "u@h.example", "s2@two.example", false},
    {"order of the file does not matter", "", "* k3\nh.example k2\nu@h.example k1\n", "u@h.example",
     "s1@one.example", false},
    {"all in the order of look-ups", "", "* k3\nh.example k2\nu@h.example k1\nu@* any\n",
     "u@h.example", "s1@one.example s2@two.example sa@h.example s3@three.example", true},
    {"first of equal rows", "", "h.example k1\nh.example k2\n", "u@h.example", "s1@one.example",
     false},
    {"all of equal rows", "", "h.example k1\nh.example k2\nh.example k3\n", "u@h.example",
     "s1@one.example s2@two.example s3@three.example", true},
    {"equal choices once", "", "h.example k1\n* k1\n", "u@h.example", "s1@one.example", true},
    {"dots only in odd places", "", ".example k1\n", "u@a..example", "s1@one.example", false},
    {"domain that is none gives no d=", "", "* any\n", "u@a..example", "", false},
    {"address literal", "", "* any\n", "u@[192.0.2.1]", "", false},
    {"domain of one label", "", "* any\n", "u@localhost", "", false},
    {"empty local part", "", "@h.example k1\n", "@h.example", "s1@one.example", false},

    {"pattern", "refile:", "*@h.example k1\n", "u@h.example", "s1@one.example", false},
    {"first pattern", "refile:", "*@h.example k1\nu@h.example k2\n", "u@h.example",
     "s1@one.example", false},
    {"all patterns", "refile:", "*@h.example k1\nu@* k2\n*x* k3\n", "u@h.example",
     "s1@one.example s2@two.example s3@three.example", true},
    {"pattern is whole", "refile:", "h.example k1\nu@h.exampl k1\n", "u@h.example", "", false},
    {"pattern of subdomains", "refile:", "*@*.h.example k1\n", "u@a.b.h.example", "s1@one.example",
     false},
    {"pattern of subdomains is not the host", "refile:", "*@*.h.example k1\n", "u@h.example", "",
     false},
    {"pattern folds case", "refile:", "*@H.Example k1\n", "U@h.EXAMPLE", "s1@one.example", false},
    {"star alone", "refile:", "* k1\n", "u@h.example", "s1@one.example", false},
    {"only the star is special", "refile:", "u@h?example k1\nu@h[.]example k2\n", "u@h.example", "",
     false},

    {"% as d=", "refile:", "* any\n", "u@Some.Example", "sa@some.example", false},
    {"% as the name of a key", "refile:", "*@two.example %\n", "u@Two.Example", "named@two.example",
     false},
    {"% as a name that is not there", "", "* %\n", "u@h.example", "", false},
    {"% in the path, first domain", "", "* by\n", "u@a.example", "s1@a.example", false},
    {"% in the path, second domain", "", "* by\n", "u@B.example", "s1@b.example", false},
    {"% in the path, no such file", "", "* by\n", "u@c.example", "", false},
    {"% in the path, then another row", "refile:", "* by\n* k1\n", "u@c.example", "s1@one.example",
     false},
    {"% in the path, no subdomains", "", "* by\n", "u@x.a.example", "", false},
    {"% in the path of a fixed domain", "", "* own\n", "u@x.example", "own@a.example", false},
    {"% twice in a file name", "", "* twice\n", "u@c.example", "tw@c.example", false},
    {"% twice, not the same", "", "* twice\n", "u@a.example", "", false},

    {"i=", "refile:", "*@one.example k1:news@one.example\n", "u@one.example",
     "s1@one.example(news@one.example)", false},
    {"i= below d=", "refile:", "* k1:@sub.one.example\n", "u@x.example",
     "s1@one.example(@sub.one.example)", false},
    {"i= with %", "refile:", "* any:bounce@%\n", "u@X.example", "sa@x.example(bounce@x.example)",
     false},
    {"i= of the author's parent", "refile:", "* any:@mail.%\n", "u@x.example",
     "sa@x.example(@mail.x.example)", false},
    {"i= outside of d= for this author", "refile:", "* k1:@%\n", "u@x.example", "s1@one.example",
     false},
    {"i= outside of d= for every author", "refile:", "* k1:@x.example\n", "u@x.example",
     "s1@one.example", false},
};

static void tables_choose_as_opendkim_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(lookups); i++) {
        struct mm_sign_rules *rules = load_well(lookups[i].label, KEYS, lookups[i].kind,
                                                lookups[i].rows, lookups[i].multiple);
        check_choices(lookups[i].label, rules, lookups[i].author, lookups[i].want);
        mm_sign_rules_free(&rules);
    }
}

static void domains_that_cannot_be_d_are_told_from_no_row(void **state)
{
    (void)state;
    static const struct {
        const char *label, *rows, *domain;
        bool unfit;
    } cases[] = {
        {"one label", "* any\n", "localhost", true},
        {"address literal", "* any\n", "[192.0.2.1]", true},
        {"U-labels", "* any\n",
         "b\xc3\xbc"
         "cher.example",
         true},
        {"a domain", "* any\n", "h.example", false},
        {"no row", "h.example any\n", "localhost", false},
        {"another row signs", "* any\nlocalhost k1\n", "localhost", false},
        {"no key of that name", "* %\n", "localhost", false},
        {"no file for it", "* by\n", "localhost", false},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_sign_rules *rules = load_well(cases[i].label, KEYS, "", cases[i].rows, false);
        struct mm_sign_choice choices[MM_SIGN_CHOICES_MAX];
        struct mm_arena arena = {.limit_bytes = 1000000};
        struct mm_address author = {MM_VIEW("u"), mm_view_of(cases[i].domain)};
        size_t count;
        bool unfit;
        MM_CHECK_INT(cases[i].label,
                     mm_sign_rules_find(rules, author, &arena, choices, &count, &unfit), MM_OK);
        MM_CHECK_INT(cases[i].label, unfit, cases[i].unfit);
        mm_arena_deinit(&arena);
        mm_sign_rules_free(&rules);
    }
}

static const struct {
    const char *label, *keys, *kind, *rows;
    enum mm_status status;
    const char *words[2];
} refused[] = {
    {"row that names no key",
     "k a.example:s:rsa.pem\n",
     "",
     "# c\n\nh.example nokey\n",
     MM_E_SYNTAX,
     {"/SigningTable:3: ", "no row \"nokey\""}},
    {"names keep their case",
     "k a.example:s:rsa.pem\n",
     "",
     "h.example K\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "no row \"K\""}},
    {"two names",
     "k a.example:s:rsa.pem\n",
     "",
     "h.example k k\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "no row \"k k\""}},
    {"row without a value",
     "k a.example:s:rsa.pem\n",
     "",
     "h.example # k\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "white space"}},
    {"pattern in a plain table",
     "k a.example:s:rsa.pem\n",
     "",
     "*@h.example k\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "refile:"}},
    {"no row at all",
     "k a.example:s:rsa.pem\n",
     "",
     "# k\n",
     MM_E_SYNTAX,
     {"/SigningTable: ", "no row"}},
    {"i= without a domain",
     "k a.example:s:rsa.pem\n",
     "",
     "* k:name\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "i="}},
    {"i= that forges a tag",
     "k a.example:s:rsa.pem\n",
     "",
     "* k:a;l=0@a.example\n",
     MM_E_SYNTAX,
     {"/SigningTable:1: ", "i="}},
    {"no key at all", "\n", "", "* k\n", MM_E_SYNTAX, {"/KeyTable: ", "no row"}},
    {"key of two parts",
     "k a.example:rsa.pem\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "DOMAIN:SELECTOR:FILE"}},
    {"key of one part",
     "k rsa.pem\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "DOMAIN:SELECTOR:FILE"}},
    {"empty file name",
     "\nk a.example:s:\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:2: ", "DOMAIN:SELECTOR:FILE"}},
    {"domain that is none",
     "k a_.-:s:rsa.pem\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "domain"}},
    {"selector that is none",
     "k a.example:s s:rsa.pem\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "selector"}},
    {"key file that is missing",
     "k a.example:s:none.pem\n",
     "",
     "* k\n",
     MM_E_IO,
     {"/KeyTable:1: ", "none.pem: No such file"}},
    {"folder of keys that is missing",
     "k %:s:none/%/s.pem\n",
     "",
     "* k\n",
     MM_E_IO,
     {"/KeyTable:1: ", "none/: No such file"}},
    {"key that is none",
     "k a.example:s:KeyTable\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "no private key"}},
    {"key that others can read",
     "k a.example:s:world.pem\n",
     "",
     "* k\n",
     MM_E_PERM,
     {"/KeyTable:1: ", "chmod 600 "}},
    {"short RSA key",
     "k a.example:s:rsa512.pem\n",
     "",
     "* k\n",
     MM_E_LIMIT,
     {"/KeyTable:1: ", "512 bits"}},
    {"damaged key in the table",
     "k a.example:s:MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj!!\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: the key of \"k\": ", ""}},
    {"open PEM in the table",
     "k a.example:s:-----BEGIN PRIVATE KEY-----\nAAAA\n",
     "",
     "* k\n",
     MM_E_SYNTAX,
     {"/KeyTable:1: ", "without its end"}},
};

static void tables_are_refused_with_file_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(refused); i++) {
        struct mm_sign_rules *rules;
        struct mm_error err;
        enum mm_status st =
            load(refused[i].keys, refused[i].kind, refused[i].rows, false, &rules, &err);
        MM_CHECK_INT(refused[i].label, st, refused[i].status);
        MM_CHECK_TRUE(refused[i].label, rules == NULL);
        for (size_t w = 0; w < 2; w++)
            if (!strstr(err.text, refused[i].words[w]))
                fail_msg("%s: '%s' does not say '%s'", refused[i].label, err.text,
                         refused[i].words[w]);
        MM_CHECK_TRUE("no key in the text", !strstr(err.text, "MIIE"));
    }
}

static void other_types_of_tables_are_named(void **state)
{
    (void)state;
    static const char *const specs[] = {"csl:a,b",       "db:/x",     "dsn:mysql://x", "ldap://x",
                                        "lua:/x",        "memcache:", "LDAPS://x",     "sql:x",
                                        "/tmp/table.db", "mdb:/x"};
    for (size_t i = 0; i < MM_COUNT(specs); i++) {
        struct mm_sign_rules *rules;
        struct mm_error err;
        write_file("KeyTable", MM_VIEW("k a.example:s:rsa.pem\n"), 0600);
        MM_CHECK_INT(specs[i],
                     mm_sign_rules_from_tables(path_in("KeyTable"), specs[i], NULL, &rules, &err),
                     MM_E_ARG);
        MM_CHECK_TRUE(specs[i], strstr(err.text, "not supported") != NULL);
        MM_CHECK_INT(specs[i],
                     mm_sign_rules_from_tables(specs[i], path_in("KeyTable"), NULL, &rules, &err),
                     MM_E_ARG);
        MM_CHECK_INT("without err",
                     mm_sign_rules_from_tables(specs[i], path_in("KeyTable"), NULL, &rules, NULL),
                     MM_E_ARG);
    }
}

/* One KeyTable row with the key as text, which signs for a.example. */
static void check_inline(const char *label, struct mm_view key, uint32_t bits)
{
    struct mm_sign_rules *rules;
    char *table = malloc(key.len + 100);
    assert_non_null(table);
    snprintf(table, key.len + 100, "k a.example:s:%.*s\nl b.example:t:rsa.pem\n", (int)key.len,
             key.data);
    rules = load_well(label, table, "", "* k\nb.example l\n", false);
    check_choices(label, rules, "u@h.example", "s@a.example");
    check_choices("the row after it", rules, "u@b.example", "t@b.example");
    MM_CHECK_INT(label, mm_private_key_bits(mm_sign_rules_key(rules, 0).key), bits);
    mm_sign_rules_free(&rules);
    free(table);
}

static void tables_hold_keys_themselves(void **state)
{
    (void)state;
    struct mm_view pem = vector("rsa2048_pkcs8.pem"), der = vector("rsa2048_pkcs8.der"),
                   seed = vector("ed25519_seed.b64");
    char text[4096], *at = text;
    check_inline("PEM on its own lines", mm_view_trim_fws(pem), 2048);
    for (size_t i = 0; i < pem.len; i++) /* as \n */
        at += sprintf(at, pem.data[i] == '\n' ? "\\n" : "%c", pem.data[i]);
    check_inline("PEM with written line ends", mm_view_of(text), 2048);
    memcpy(text, pem.data, pem.len);
    for (size_t i = 0; i < pem.len; i++)
        text[i] = text[i] == '\n' ? ' ' : text[i];
    check_inline("PEM with blanks", mm_view_trim_fws((struct mm_view){text, pem.len}), 2048);
    size_t len = mm_base64_encode(text, (const uint8_t *)der.data, der.len);
    check_inline("DER in base64", (struct mm_view){text, len}, 2048);
    check_inline("Ed25519 seed", mm_view_trim_fws(seed), 256);
    free((char *)pem.data);
    free((char *)der.data);
    free((char *)seed.data);
}

static void tables_with_keys_are_key_files(void **state)
{
    (void)state;
    struct mm_view seed = vector("ed25519_seed.b64");
    struct mm_sign_rules *rules;
    struct mm_error err;
    char table[200];
    struct mm_sign_rules_options options = {.warn = note_warning};
    snprintf(table, sizeof table, "k a.example:s:%s", seed.data);
    const char *rows = write_file("SigningTable", MM_VIEW("* k\n"), 0644);
    const char *keys = write_file("KeyTable", mm_view_of(table), 0644);
    MM_CHECK_INT("world", mm_sign_rules_from_tables(keys, rows, &options, &rules, &err), MM_E_PERM);
    MM_CHECK_TRUE("remedy", strstr(err.text, "chmod 600 ") != NULL);
    options.allow_insecure_key = true;
    MM_CHECK_INT("allowed", mm_sign_rules_from_tables(keys, rows, &options, &rules, &err), MM_OK);
    mm_sign_rules_free(&rules);
    options.allow_insecure_key = false;
    chmod(keys, 0640);
    warnings[0] = '\0';
    MM_CHECK_INT("group", mm_sign_rules_from_tables(keys, rows, &options, &rules, &err), MM_OK);
    MM_CHECK_TRUE("told", strstr(warnings, "its group can read") != NULL);
    mm_sign_rules_free(&rules);
    free((char *)seed.data);
}

static void warnings_name_what_is_odd(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *rows, *words;
    } cases[] = {
        {"k a.example:s:group.pem\n", "* k\n", "group.pem: its group can read"},
        {"k a.example:s:rsa.pem\nk b.example:s:ed.pem\n", "* k\n", "KeyTable:2: the name \"k\""},
        {"k %:s:keys/%.none\n", "* k\n", "KeyTable:1: no key file for any domain"},
        {"k a.example:s:rsa.pem\n", "* k:@b.example\n", "SigningTable:1: i=@b.example"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_sign_rules *rules =
            load_well(cases[i].words, cases[i].keys, "", cases[i].rows, false);
        if (!strstr(warnings, cases[i].words))
            fail_msg("'%s' does not say '%s'", warnings, cases[i].words);
        mm_sign_rules_free(&rules);
    }
}

static void rules_of_identities_sign_everything_with_each(void **state)
{
    (void)state;
    char rsa[300], ed[300], world[300], short_rsa[300];
    strcpy(rsa, path_in("rsa.pem"));
    strcpy(ed, path_in("ed.pem"));
    strcpy(world, path_in("world.pem"));
    strcpy(short_rsa, path_in("rsa512.pem"));
    struct mm_sign_rules *rules;
    struct mm_error err;
    struct mm_sign_identity both[] = {{"one.example", "s1", rsa}, {"one.example", "e1", ed}};
    MM_CHECK_INT("both", mm_sign_rules_of(both, 2, NULL, &rules, &err), MM_OK);
    check_choices("any author", rules, "u@elsewhere.example", "s1@one.example e1@one.example");
    MM_CHECK_TRUE("RSA as well", !mm_sign_rules_may_be_ed25519_only(rules));
    mm_sign_rules_free(&rules);
    MM_CHECK_INT("Ed25519", mm_sign_rules_of(both + 1, 1, NULL, &rules, &err), MM_OK);
    MM_CHECK_TRUE("Ed25519 alone", mm_sign_rules_may_be_ed25519_only(rules));
    mm_sign_rules_free(&rules);
    MM_CHECK_TRUE("freed", rules == NULL);
    mm_sign_rules_free(&rules);

    const struct {
        const char *label;
        struct mm_sign_identity typed[2];
        size_t count;
        enum mm_status status;
    } bad[] = {
        {"none", {{NULL, NULL, NULL}}, 0, MM_E_ARG},
        {"twice", {{"one.example", "s1", rsa}, {"One.example", "S1", ed}}, 2, MM_E_ARG},
        {"domain", {{"one..example", "s1", rsa}}, 1, MM_E_ARG},
        {"% has no author", {{"%", "s1", rsa}}, 1, MM_E_ARG},
        {"selector", {{"one.example", "s 1", rsa}}, 1, MM_E_ARG},
        {"missing", {{"one.example", "s1", "/nowhere/key"}}, 1, MM_E_IO},
        {"readable", {{"one.example", "s1", world}}, 1, MM_E_PERM},
        {"short", {{"one.example", "s1", short_rsa}}, 1, MM_E_LIMIT},
    };
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        MM_CHECK_INT(bad[i].label, mm_sign_rules_of(bad[i].typed, bad[i].count, NULL, &rules, &err),
                     bad[i].status);
        MM_CHECK_TRUE(bad[i].label, rules == NULL && err.text[0] != '\0');
    }
}

static void ed25519_alone_is_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *label, *kind, *rows;
        bool multiple, alone;
    } cases[] = {
        {"RSA only", "", "* k1\n", false, false},
        {"Ed25519 only", "", "* ed\n", false, true},
        {"one of two rows", "", "* k1\nh.example ed\n", false, true},
        {"both, but only the first signs", "refile:", "* k1\n* ed\n", false, true},
        {"both sign", "refile:", "* k1\n* ed\n", true, false},
        {"both sign, plain", "", "h.example ed\nh.example k1\n", true, false},
        {"covered by *", "", "h.example ed\n* k1\n", true, false},
        {"not covered by another pattern", "refile:", "*@h.example ed\n*@i.example k1\n", true,
         true},
        {"files of domains, one without RSA", "refile:", "* bye\n*@b.example by\n", true, true},
        {"files of domains, each with RSA", "refile:", "* bye\n* by\n", true, false},
        {"one domain that has both", "", "a.example bye\na.example by\n", true, false},
        {"one domain that has neither", "", "c.example bye\n", true, false},
        {"key by the name of the domain", "", "* %\n", false, true},
        {"key by the name of one domain", "", "two.example %\n", false, false},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_sign_rules *rules =
            load_well(cases[i].label, KEYS, cases[i].kind, cases[i].rows, cases[i].multiple);
        MM_CHECK_INT(cases[i].label, mm_sign_rules_may_be_ed25519_only(rules), cases[i].alone);
        mm_sign_rules_free(&rules);
    }
}

static uint64_t hash_of(const char *keys, const char *kind, const char *rows, bool multiple)
{
    struct mm_sign_rules *rules = load_well("hash", keys, kind, rows, multiple);
    uint64_t hash = mm_sign_rules_hash(rules);
    mm_sign_rules_free(&rules);
    return hash;
}

static void hash_tells_what_decides_signatures(void **state)
{
    (void)state;
    static const char keys[] = "k a.example:s:rsa.pem\nl a.example:t:ed.pem\n";
    static const char rows[] = "* k\nh.example l\n";
    uint64_t base = hash_of(keys, "", rows, false);
    MM_CHECK_TRUE("same", base == hash_of(keys, "", rows, false));
    MM_CHECK_TRUE("comments",
                  base == hash_of(keys, "file:", "# x\n*  k # y\n\nh.example l", false));
    MM_CHECK_TRUE("multiple", base != hash_of(keys, "", rows, true));
    MM_CHECK_TRUE("patterns", base != hash_of(keys, "refile:", rows, false));
    MM_CHECK_TRUE("order", base != hash_of(keys, "", "h.example l\n* k\n", false));
    MM_CHECK_TRUE("i=", base != hash_of(keys, "", "* k:@a.example\nh.example l\n", false));
    MM_CHECK_TRUE("selector", base != hash_of("k a.example:x:rsa.pem\nl a.example:t:ed.pem\n", "",
                                              rows, false));
    MM_CHECK_TRUE("key", base != hash_of("k a.example:s:keys/other\nl a.example:t:ed.pem\n", "",
                                         rows, false));
}

static void long_and_odd_authors_match_nothing(void **state)
{
    (void)state;
    struct mm_sign_rules *plain = load_well("plain", KEYS, "", "* k1\n", true);
    struct mm_sign_rules *patterns =
        load_well("patterns", KEYS, "refile:", "*a*b*c* k1\n* k1\n", true);
    char author[3000];
    for (size_t local = 0; local < 1100; local += 37)
        for (size_t host = 0; host < 1100; host += 91) {
            memset(author, 'a', local);
            author[local] = '@';
            memset(author + local + 1, '.', host);
            author[local + 1 + host] = '\0';
            bool fits = host > 0 && local + 1 + host <= MM_SIGN_AUTHOR_MAX_BYTES;
            check_choices("plain", plain, author, fits ? "s1@one.example" : "");
            check_choices("patterns", patterns, author, fits ? "s1@one.example" : "");
        }
    mm_sign_rules_free(&plain);
    mm_sign_rules_free(&patterns);
}

/* What a pattern means, said the short way. */
static bool matches_plainly(const char *p, const char *t)
{
    if (*p == '*')
        return matches_plainly(p + 1, t) || (*t && matches_plainly(p, t + 1));
    return *p == *t && (*p == '\0' || matches_plainly(p + 1, t + 1));
}

static void patterns_match_as_their_plain_meaning(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (int round = 0; round < 200000; round++) {
        char pattern[8], text[10];
        size_t p = mm_random(&seed) % sizeof pattern, t = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < p; i++)
            pattern[i] = "ab*"[mm_random(&seed) % 3];
        for (size_t i = 0; i < t; i++)
            text[i] = "ab"[mm_random(&seed) % 2];
        pattern[p] = text[t] = '\0';
        if (mm_pattern_matches((struct mm_view){pattern, p}, (struct mm_view){text, t}) !=
            matches_plainly(pattern, text))
            fail_msg("'%s' and '%s'", pattern, text);
    }
}

static void a_hundred_thousand_rows_are_all_found(void **state)
{
    (void)state;
    enum { ROWS = 100000 };
    size_t cap = ROWS * 64, n = 0, k = 0;
    char *rows = malloc(cap), *keys = malloc(cap), author[64], want[64];
    assert_true(rows && keys);
    for (int i = 0; i < ROWS; i++) {
        n += (size_t)snprintf(rows + n, cap - n, "d%d.example key%d\n", i, i);
        k += (size_t)snprintf(keys + k, cap - k, "key%d d%d.example:s%d:rsa.pem\n", i, i, i % 9);
    }
    struct mm_sign_rules *rules = load_well("rows", keys, "", rows, false);
    for (int i = 0; i < ROWS; i += 7) {
        snprintf(author, sizeof author, "u@D%d.example", i);
        snprintf(want, sizeof want, "s%d@d%d.example", i % 9, i);
        check_choices("found", rules, author, want);
        snprintf(author, sizeof author, "u@x%d.example", i);
        check_choices("not there", rules, author, "");
    }
    MM_CHECK_INT("keys", mm_sign_rules_key_count(rules), ROWS);
    mm_sign_rules_free(&rules);
    free(rows);
    free(keys);
}

static void equal_patterns_by_the_thousand_load_at_once(void **state)
{
    (void)state;
    enum { ROWS = 100000 };
    char *rows = malloc(ROWS * 5 + 1);
    assert_non_null(rows);
    for (int i = 0; i < ROWS; i++)
        memcpy(rows + i * 5, "* k1\n", 6);
    struct mm_sign_rules *rules = load_well("rows", KEYS, "", rows, true);
    check_choices("once", rules, "u@h.example", "s1@one.example");
    mm_sign_rules_free(&rules);
    free(rows);
}

static void choices_stop_at_their_limit(void **state)
{
    (void)state;
    char keys[4000], rows[1000];
    size_t k = 0, r = 0;
    for (int i = 0; i < 40; i++) {
        k += (size_t)snprintf(keys + k, sizeof keys - k, "k%d a.example:s%d:rsa.pem\n", i, i);
        r += (size_t)snprintf(rows + r, sizeof rows - r, "* k%d\n", i);
    }
    for (int patterns = 0; patterns < 2; patterns++) {
        struct mm_sign_rules *rules =
            load_well("forty", keys, patterns ? "refile:" : "", rows, true);
        struct mm_sign_choice choices[MM_SIGN_CHOICES_MAX];
        struct mm_arena arena = {.limit_bytes = 1000000};
        size_t count;
        bool unfit_domain;
        struct mm_address author = {MM_VIEW("u"), MM_VIEW("h.example")};
        MM_CHECK_INT("find",
                     mm_sign_rules_find(rules, author, &arena, choices, &count, &unfit_domain),
                     MM_OK);
        MM_CHECK_INT("sixteen", count, MM_SIGN_CHOICES_MAX);
        mm_arena_deinit(&arena);
        mm_sign_rules_free(&rules);
    }
}

static void tables_with_a_nul_are_none(void **state)
{
    (void)state;
    struct mm_sign_rules *rules;
    struct mm_error err;
    const char *rows = write_file("SigningTable", MM_VIEW("* k\n"), 0600);
    const char *keys = write_file("KeyTable", MM_VIEW("k a.example:s:rsa.pem\0\n"), 0600);
    MM_CHECK_INT("NUL", mm_sign_rules_from_tables(keys, rows, NULL, &rules, &err), MM_E_SYNTAX);
    MM_CHECK_INT("offset", err.offset, 21);
    MM_CHECK_INT("missing table",
                 mm_sign_rules_from_tables(path_in("none"), rows, NULL, &rules, &err), MM_E_IO);
    MM_CHECK_INT("missing table", err.os_errno, ENOENT);
}

static void tables_of_our_datasets_load(void **state)
{
    (void)state;
    static const char *const files[] = {"KeyTable", "SigningTable", "campaign.pem", "mail.pem",
                                        "ed25519.pem"};
    for (size_t i = 0; i < MM_COUNT(files); i++) {
        char path[500];
        snprintf(path, sizeof path, "%s/datasets/keys/%s", mm_test_source_dir(), files[i]);
        struct mm_view text = mm_test_read_file(path);
        write_file(files[i], text, 0600);
        free((char *)text.data);
    }
    struct mm_sign_rules *rules;
    struct mm_error err;
    struct mm_sign_rules_options options = {.multiple = true};
    char spec[400];
    snprintf(spec, sizeof spec, "refile:%s", path_in("SigningTable"));
    MM_CHECK_INT("load",
                 mm_sign_rules_from_tables(path_in("KeyTable"), spec, &options, &rules, &err),
                 MM_OK);
    check_choices("campaign", rules, "x@news.example.com",
                  "c1@news.example.com e1@news.example.com");
    check_choices("mail", rules, "x@example.net", "m1@example.net e1@example.net");
    MM_CHECK_TRUE("RSA beside Ed25519", !mm_sign_rules_may_be_ed25519_only(rules));
    mm_sign_rules_free(&rules);
}

#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, make_keys, remove_keys)
MM_TEST_MAIN(WITH_KEYS(tables_choose_as_opendkim_does),
             WITH_KEYS(domains_that_cannot_be_d_are_told_from_no_row),
             WITH_KEYS(tables_are_refused_with_file_and_line),
             WITH_KEYS(other_types_of_tables_are_named), WITH_KEYS(tables_hold_keys_themselves),
             WITH_KEYS(tables_with_keys_are_key_files), WITH_KEYS(warnings_name_what_is_odd),
             WITH_KEYS(rules_of_identities_sign_everything_with_each),
             WITH_KEYS(ed25519_alone_is_found_out), WITH_KEYS(hash_tells_what_decides_signatures),
             WITH_KEYS(long_and_odd_authors_match_nothing),
             MM_TEST(patterns_match_as_their_plain_meaning),
             WITH_KEYS(a_hundred_thousand_rows_are_all_found),
             WITH_KEYS(equal_patterns_by_the_thousand_load_at_once),
             WITH_KEYS(choices_stop_at_their_limit), WITH_KEYS(tables_with_a_nul_are_none),
             WITH_KEYS(tables_of_our_datasets_load))
