/*
 * hidden.h - characters that a person does not see, or that change what is seen beside them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_HIDDEN_H
#define MM_TEXT_HIDDEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Characters that have no shape of their own, or change those around them: C1 controls, the
 * deceptive ones of utf8.h, soft hyphen, Hangul and Khmer fillers, zero width, invisible operators,
 * variation selectors, of music and shorthand, tags, private use, what is no character (Unicode 15
 * sections 23.1 to 23.9). ASCII has none here: its controls are the caller's.
 */
bool mm_utf8_is_hidden(uint32_t code_point);

#endif /* MM_TEXT_HIDDEN_H */
