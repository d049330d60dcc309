/*
 * fuzz_message.c - the header index holds together whatever the bytes are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "mail/message.h"
#include "text/eol.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Fields lie in order, apart from each other, and inside the header. */
static void check_fields(const struct mm_msg *msg)
{
    size_t header_end = msg->bytes.len - msg->body.len, behind = 0;
    for (uint32_t i = 0; i < msg->field_count; i++) {
        const struct mm_field *f = &msg->fields[i];
        require(f->start >= behind && f->name_len > 0);
        require(f->start + f->name_len < f->value && f->value <= f->end && f->end <= f->next);
        require(f->next <= header_end);
        behind = f->next;
        require(f->name_id < msg->name_count);
        require(mm_msg_name_id(msg, mm_field_name(msg, f)) == f->name_id);
        require(f->upper_same == MM_FIELD_NONE ||
                (f->upper_same < i && msg->fields[f->upper_same].name_id == f->name_id));
    }
}

/* Every field is reached once by walking up from the lowest of each name. */
static void check_names(const struct mm_msg *msg)
{
    uint32_t reached = 0;
    for (uint32_t id = 0; id < msg->name_count; id++) {
        uint32_t count = 0;
        for (uint32_t i = msg->lowest_of_name[id]; i != MM_FIELD_NONE;
             i = msg->fields[i].upper_same) {
            require(msg->fields[i].name_id == id);
            count++;
        }
        require(count ==
                mm_msg_count(msg, mm_field_name(msg, &msg->fields[msg->lowest_of_name[id]])));
        reached += count;
    }
    require(reached == msg->field_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_msg msg;
    mm_arena_init(&arena, 64 << 20);
    enum mm_status st = mm_msg_index(&msg, (struct mm_view){(const char *)data, size}, &arena);
    require(st == MM_OK || (st == MM_E_LIMIT && size > MM_HEADER_MAX_BYTES));
    if (st == MM_OK) {
        check_fields(&msg);
        check_names(&msg);
        struct mm_eol_count count = mm_eol_count_reference(msg.bytes);
        require(msg.has_bare_lf == (count.bare_lf > 0));
        require(msg.from_line.len + msg.bytes.len == size);
    }
    mm_arena_deinit(&arena);
    return 0;
}
