#!/usr/bin/env python3
# secret_walk.py - follows secrets through the machine code of an object file.
# SPDX-License-Identifier: Apache-2.0
#
#   secret_walk.py walk OBJECT FIELDS    one line for each place where a secret decides where the
#                                        processor goes or what address it uses; then what was walked
#   secret_walk.py count OBJECT          function, instructions, products, vector trips to the stack
#
# The walk begins at the functions ROOTS, whose arguments are addresses and public, and follows their
# calls. All that comes out of memory is secret but the stack's own public words, constants, and the
# fields that FIELDS names: lines "room OFFSET" or "key OFFSET", four bytes each, in the structures
# that the first and the second argument point to. The third points to two more addresses. A register
# is secret when anything that it was computed from is. Joins of two ways are secret if either is.
# What it does not know it reports: an instruction, an indirect jump, a call out of the file.
import re
import subprocess
import sys

ROOTS = re.compile(r'^secret_(sign|blind)_')
BULK = {'memcpy': ('di', 'si', 'd'), 'memmove': ('di', 'si', 'd'), 'memset': ('di', 'd')}
CALLER_SAVED = {'a', 'c', 'd', 'si', 'di', 'r8', 'r9', 'r10', 'r11'}
MAX_PLACES = 8  # addresses that a register may hold before it is just some public address

# A value: secret or not, and where it points if that is known (kind, offsets).
PUBLIC = (False, None, frozenset())
SECRET = (True, None, frozenset())


def join(a, b):
    if a == b:
        return a
    if a[0] or b[0]:
        return SECRET
    offsets = a[2] | b[2]
    if a[1] is None or a[1] != b[1] or len(offsets) > MAX_PLACES:
        return PUBLIC
    return (False, a[1], offsets)


def join_all(values):
    values = list(values)
    return SECRET if any(v[0] for v in values) else PUBLIC


def moved(value, by):
    return (value[0], value[1], frozenset(o + by for o in value[2])) if value[1] else value


def words_of(offset, width):
    """The four-byte words of the stack that these bytes lie in."""
    return range(offset // 4, (offset + max(width, 1) - 1) // 4 + 1)


def general_registers():
    names = {}
    for r in 'abcd':
        for n in ('r%sx', 'e%sx', '%sx', '%sl', '%sh'):
            names['%' + n % r] = (r, {'r': 8, 'e': 4}.get(n[0], 2 if n == '%sx' else 1))
    for r in ('si', 'di', 'bp', 'sp'):
        for n, width in (('r%s', 8), ('e%s', 4), ('%s', 2), ('%sl', 1)):
            names['%' + n % r] = (r, width)
    for i in range(8, 16):
        for n, width in (('', 8), ('d', 4), ('w', 2), ('b', 1)):
            names['%%r%d%s' % (i, n)] = ('r%d' % i, width)
    return names


GENERAL = general_registers()
VECTOR = {'%%%s%d' % (n, i): 'v%d' % i for n in ('xmm', 'ymm', 'zmm') for i in range(32)}
MASK = {'%%k%d' % i: 'k%d' % i for i in range(8)}
MEMORY = re.compile(r'^(?:%[c-g]s:)?(-?(?:0x)?[0-9a-f]+)?\((%\w+)?(?:,(%\w+))?(?:,[1248])?\)$')

JUMP = re.compile(r'^j(?!mp)\w+$')
MOVE = re.compile(r'^(mov[bwlq]?|movabs|mov[sz][bwl][wlq]|movslq|cltq|vmov\w+|vpbroadcast\w+|vbroadcast\w+|kmov[bwdq])$')
COMPARE = re.compile(r'^(cmp|test|bt)[bwlq]?$')
ARITHMETIC = re.compile(r'^(add|sub|and|or|xor|adc|sbb|shl|shr|sar|sal|rol|ror|neg|inc|dec|imul|mul)[bwlq]?$')
NO_FLAGS = re.compile(r'^(not[bwlq]?|bswap|shlx|shrx|sarx|rorx|mulx)$')
CONDITIONAL = re.compile(r'^(cmov|set)\w+$')
VECTOR_WORK = re.compile(
    r'^v(p?(add|sub|and|andn|or|xor)[dqsp]*|pmadd52[lh]uq|ps[rl][la][dq]|psraq|ptestn?m[dq]|pcmp\w+|pblendm[dq]|'
    r'p?blend\w+|pternlog[dq]|pmuludq|pshufd|inserti\w+|extracti\w+|pinsr\w+|pextr\w+|perm\w+|punpck\w+|alignq|movmsk\w+|pmovmskb)$')
MASK_WORK = re.compile(r'^k(xor|xnor|and|andn|or|not|shiftl|shiftr|unpck|add)\w*$')
VECTOR_FLAGS = re.compile(r'^(kortest|ktest|vptest|vu?comis)\w*$')


class Instruction:
    def __init__(self, at, text):
        words = text.split(None, 1)
        self.at, self.name, self.symbol = at, words[0], None
        rest = re.sub(r'\s*(#|<).*$', '', words[1]) if len(words) > 1 else ''
        self.target = re.search(r'<([^>+]+)(\+0x[0-9a-f]+)?>', text)
        self.masked = '{%k' in rest
        self.masks = re.findall(r'\{(%k\d)\}', rest)
        self.operands = [re.sub(r'\{[^}]*\}', '', o).strip()
                         for o in re.split(r',(?![^(]*\))', rest) if o.strip()]
        self.jumps_to = int(self.operands[0], 16) if re.match(r'^j\w+$', self.name) and re.match(
            r'^[0-9a-f]+$', self.operands[0] if self.operands else '') else None
        self.text = text


def read_functions(path):
    listing = subprocess.run(['objdump', '-dr', '--no-show-raw-insn', '-w', path], check=True,
                             capture_output=True, text=True).stdout
    functions, body = {}, None
    for line in listing.splitlines():
        head = re.match(r'^[0-9a-f]+ <(.+)>:$', line)
        if head:
            body = functions.setdefault(head.group(1), [])
            continue
        found = re.match(r'^\s+([0-9a-f]+):\t(?:(?:rep\w*|lock|bnd|notrack|cs|data16)\s+)*(.+)$', line)
        if not found or body is None:
            continue
        text, _, relocation = found.group(2).partition('R_X86_64_')
        body.append(Instruction(int(found.group(1), 16), text.strip()))
        if relocation:
            body[-1].symbol = re.sub(r'[-+]0x[0-9a-f]+$', '', relocation.split()[-1])
    return functions


class State:
    def __init__(self, registers, stack, flags=SECRET):
        self.registers, self.stack, self.flags = registers, stack, flags

    def copy(self):
        return State(dict(self.registers), dict(self.stack), self.flags)

    def meet(self, other):
        """Join in place; whether anything changed."""
        registers = {r: join(v, other.registers.get(r, SECRET)) for r, v in self.registers.items()}
        stack = {s: join(v, other.stack[s]) for s, v in self.stack.items() if s in other.stack}
        flags = join(self.flags, other.flags)
        changed = (registers, stack, flags) != (self.registers, self.stack, self.flags)
        self.registers, self.stack, self.flags = registers, stack, flags
        return changed


class Walk:
    def __init__(self, functions, fields):
        self.functions, self.fields = functions, fields
        self.entries, self.exits, self.offences = {}, {}, {}

    def run(self):
        everything = {r: SECRET for r in list(VECTOR.values()) + list(MASK.values())}
        everything.update({r: SECRET for r, _ in GENERAL.values()})
        for name in self.functions:
            if ROOTS.match(name):
                start = dict(everything, di=(False, 'room', frozenset([0])), d=(False, 'pair', frozenset([0])),
                             si=(False, 'key', frozenset([0])))
                self.entries[name] = start
        before = None
        while before != (self.entries, self.exits):
            before = (dict(self.entries), dict(self.exits))
            self.offences = {}
            for name in list(self.entries):
                self.function(name)
        return self

    def offend(self, name, instruction, what):
        self.offences[(name, instruction.at, what)] = '%s+0x%x: %s: %s' % (
            name, instruction.at - self.functions[name][0].at, what, re.sub(r'\s+', ' ', instruction.text))

    def function(self, name):
        body = self.functions[name]
        index = {i.at: k for k, i in enumerate(body)}
        leaders = {index[i.jumps_to] for i in body if i.jumps_to in index} | {0}
        first = State(dict(self.entries[name], sp=(False, 'stack ' + name, frozenset([0]))), {})
        known, todo = {0: first}, [0]
        while todo:
            at = todo.pop()
            state = known[at].copy()
            while at is not None and at < len(body):
                ways = self.step(name, body[at], state)
                following = at + 1 if 'next' in ways else None
                places = [index[i] for i in ways if i != 'next' and i in index]
                for i in ways:
                    if i != 'next' and i not in index:
                        self.offend(name, body[at], 'jump out of the function')
                if following in leaders:
                    places.append(following)
                    following = None
                for place in places:
                    if place not in known:
                        known[place] = state.copy()
                        todo.append(place)
                    elif known[place].meet(state):
                        todo.append(place)
                at = following

    # ---- operands ----

    @staticmethod
    def register(state, name):
        return state.registers[GENERAL[name][0]] if name in GENERAL else SECRET  # lanes as an index

    def address(self, state, operand):
        """The value of an address; None for one of a constant."""
        disp, base, index = MEMORY.match(operand).groups()
        if base == '%rip':
            return None
        parts = [self.register(state, r) for r in (base, index) if r]
        return moved(parts[0], int(disp or '0', 16)) if len(parts) == 1 and base else join_all(parts)

    def load(self, state, operand, width):
        at = self.address(state, operand)
        if at is None:
            return PUBLIC
        if at[0] or at[1] is None:
            return SECRET
        if at[1] == 'pair':
            return PUBLIC if width == 8 else SECRET
        if at[1].startswith('stack'):
            found = [state.stack.get((at[1], w)) for o in at[2] for w in words_of(o, width)]
            return SECRET if None in found else found[0] if len(set(found)) == 1 else join_all(found)
        inside = all(any(f <= o and o + width <= f + 4 for k, f in self.fields if k == at[1]) for o in at[2])
        return PUBLIC if inside else SECRET

    def store(self, state, operand, width, value):
        at = self.address(state, operand)
        if at is None or at[1] is None or not at[1].startswith('stack'):
            # Elsewhere in memory all is secret anyway; somewhere on the stack may be anywhere there.
            if any((self.register(state, r)[1] or '').startswith('stack') for r in re.findall(r'%\w+', operand)):
                state.stack = {place: join(old, value) for place, old in state.stack.items()}
            return
        for offset in at[2]:
            for word in words_of(offset, width):
                whole = len(at[2]) == 1 and offset <= 4 * word and 4 * word + 4 <= offset + width
                old = value if whole else state.stack.get((at[1], word), SECRET)
                state.stack[(at[1], word)] = join(value, old)

    def width(self, instruction, operand):
        if operand in GENERAL:
            return GENERAL[operand][1]
        wide = [w for o in instruction.operands for n, w in (('zmm', 64), ('ymm', 32), ('xmm', 16)) if n in o]
        if instruction.name.startswith(('vmovq', 'vpbroadcastq', 'vbroadcastsd')):
            return 8
        if wide:
            return max(wide)
        extend = re.match(r'^mov[sz]([bwl])[wlq]$', instruction.name)
        if extend:
            return {'b': 1, 'w': 2, 'l': 4}[extend.group(1)]
        others = [GENERAL[o][1] for o in instruction.operands if o in GENERAL]
        return others[-1] if others else {'b': 1, 'w': 2, 'l': 4, 'q': 8}.get(instruction.name[-1], 8)

    def value(self, state, instruction, operand):
        if operand.startswith('$'):
            return PUBLIC
        for names in (VECTOR, MASK):
            if operand in names:
                return state.registers[names[operand]]
        if operand in GENERAL:
            return state.registers[GENERAL[operand][0]]
        if MEMORY.match(operand):
            return self.load(state, operand, self.width(instruction, operand))
        return SECRET

    def set(self, state, instruction, operand, value):
        if operand in GENERAL:
            register, width = GENERAL[operand]
            if width < 4:  # the rest of the register stays
                value = join(value, state.registers[register])
            if width < 8:
                value = SECRET if value[0] else PUBLIC
            state.registers[register] = value
        elif operand in VECTOR or operand in MASK:
            state.registers[VECTOR.get(operand) or MASK[operand]] = SECRET if value[0] else PUBLIC
        elif MEMORY.match(operand):
            self.store(state, operand, self.width(instruction, operand), value)

    # ---- one instruction: changes the state, returns where it goes from here ----

    def step(self, name, i, state):
        ops, last = i.operands, i.operands[-1] if i.operands else ''
        if i.name == 'ret':
            return self.leave(name, state)
        if re.match(r'^nop|^ud2$|^endbr64$', i.name) or i.text.startswith(('xchg   %ax,%ax', 'nop')):
            return ['next'] if i.name != 'ud2' else []
        if i.name != 'lea':
            for operand in ops:
                if MEMORY.match(operand) and (self.address(state, operand) or PUBLIC)[0]:
                    self.offend(name, i, 'a secret in an address')
        if JUMP.match(i.name):
            if state.flags[0]:
                self.offend(name, i, 'a secret decides a jump')
            return ['next', i.jumps_to]
        if i.name == 'jmp':
            if i.jumps_to is None:
                self.offend(name, i, 'an indirect jump')
                return []
            if i.symbol or i.target.group(1) != name:
                return self.leave(name, state) if self.call(name, i, state) else []
            return [i.jumps_to]
        if i.name == 'call':
            return self.call(name, i, state)
        return self.work(name, i, state, ops, last)

    def leave(self, name, state):
        old = self.exits.get(name)
        new = {r: SECRET if v[0] else PUBLIC for r, v in state.registers.items()}
        self.exits[name] = new if old is None else {r: join(v, old[r]) for r, v in new.items()}
        return []

    def call(self, name, i, state):
        callee = i.symbol if i.symbol and not i.symbol.startswith('.') else i.target.group(1) if i.target else None
        if callee in BULK:
            for register in BULK[callee]:
                if state.registers[register][0]:
                    self.offend(name, i, 'a secret in the arguments of ' + callee)
            to = state.registers['di']
            state.registers.update({r: SECRET for r in CALLER_SAVED})
            state.registers['a'] = to
            return ['next']
        if callee not in self.functions:
            self.offend(name, i, 'a call out of the file')
            return ['next']
        entry = {r: v if not (v[1] or '').startswith('stack ' + callee) else PUBLIC
                 for r, v in state.registers.items()}
        old = self.entries.get(callee)
        self.entries[callee] = entry if old is None else {r: join(v, old[r]) for r, v in entry.items()}
        if callee not in self.exits:
            return []
        for register, value in self.exits[callee].items():
            if register in CALLER_SAVED or register in VECTOR.values() or register in MASK.values():
                state.registers[register] = value
        state.flags = SECRET
        return ['next']

    def work(self, name, i, state, ops, last):
        n = i.name
        if n.startswith('push'):
            value = self.value(state, i, last)
            state.registers['sp'] = moved(state.registers['sp'], -8)
            self.store(state, '(%rsp)', 8, value)
        elif n.startswith('pop') and len(ops) == 1:
            self.set(state, i, last, self.load(state, '(%rsp)', 8))
            state.registers['sp'] = moved(state.registers['sp'], 8)
        elif n == 'leave':
            state.registers['sp'] = state.registers['bp']
            state.registers['bp'] = self.load(state, '(%rsp)', 8)
            state.registers['sp'] = moved(state.registers['sp'], 8)
        elif n == 'lea':
            self.set(state, i, last, self.address(state, ops[0]) or PUBLIC)
        elif n in ('cltq', 'cwtl'):
            pass
        elif n in ('cltd', 'cqto'):
            state.registers['d'] = SECRET if state.registers['a'][0] else PUBLIC
        elif n in ('vzeroupper', 'vzeroall'):
            pass
        elif MOVE.match(n) and len(ops) == 2:
            value = self.value(state, i, ops[0])
            if i.masked:
                value = join_all([value, self.value(state, i, last)] + [self.value(state, i, m) for m in i.masks])
            self.set(state, i, last, value)
        elif COMPARE.match(n):
            state.flags = join_all(self.value(state, i, o) for o in ops)
        elif CONDITIONAL.match(n):
            values = [state.flags, self.value(state, i, ops[0])] if n.startswith('cmov') else [state.flags]
            self.set(state, i, last, join_all(values + [self.value(state, i, last)]) if n.startswith('cmov')
                     else join_all(values))
        elif ARITHMETIC.match(n):
            self.arithmetic(i, state, ops, last)
        elif NO_FLAGS.match(n):
            self.set(state, i, last, join_all(self.value(state, i, o) for o in ops))
        elif VECTOR_FLAGS.match(n):
            state.flags = join_all(self.value(state, i, o) for o in ops)
        elif VECTOR_WORK.match(n) or MASK_WORK.match(n):
            zero = re.match(r'^(vp?xor|kxor)', n) and len(ops) == 3 and ops[0] == ops[1] and not i.masked
            values = [self.value(state, i, o) for o in ops + i.masks]
            self.set(state, i, last, PUBLIC if zero else join_all(values))
        else:
            self.offend(name, i, 'an instruction that is not on the list')
        return ['next']

    def arithmetic(self, i, state, ops, last):
        base = i.name.rstrip('bwlq') if i.name not in ('mul', 'imul', 'shl', 'sal', 'rol', 'sub') else i.name
        base = {'su': 'sub', 'sb': 'sbb', 'im': 'imul', 'mu': 'mul', 'sh': 'shl', 'sa': 'sal', 'ro': 'rol'}.get(base, base)
        values = [self.value(state, i, o) for o in ops]
        carry = [state.flags] if base in ('adc', 'sbb') else []
        if base in ('xor', 'sub') and len(ops) == 2 and ops[0] == ops[1]:
            result = PUBLIC
        elif base in ('add', 'sub') and len(ops) == 2 and ops[0].startswith('$') and values[1][1]:
            by = int(ops[0][1:], 16)
            by = by - (1 << 64) if by >> 63 else by
            result = moved(values[1], by if base == 'add' else -by)
        elif base == 'and' and last == '%rsp':
            result = (False, 'stack %x' % i.at, frozenset([0]))
        else:
            result = join_all((values[:-1] if len(ops) == 3 else values) + carry)
        state.flags = SECRET if join_all(values + carry)[0] and result != PUBLIC else PUBLIC
        if base in ('mul', 'imul') and len(ops) == 1:
            result = join_all(values + [state.registers['a']])
            state.registers['a'] = state.registers['d'] = result
            state.flags = result
        else:
            self.set(state, i, last, result)


def walk(path, fields_path):
    with open(fields_path, encoding='ascii') as lines:
        fields = [(words[0], int(words[1])) for words in map(str.split, lines)]
    functions = read_functions(path)
    done = Walk(functions, fields).run()
    for _, words in sorted(done.offences.items()):
        print(words)
    for name in functions:
        if name.startswith('secret_') and name not in done.entries:
            print('%s: never reached' % name)
    reached = [n for n in done.entries if n in done.exits]
    print('walked %d instructions of %s' % (sum(len(functions[n]) for n in reached), ' '.join(sorted(reached))))


def count(path):
    for name, body in sorted(read_functions(path).items()):
        products = sum(i.name.startswith('vpmadd52') for i in body)
        trips = sum(bool(re.match(r'^vmov', i.name)) and any(re.search(r'\(%r[sb]p', o) for o in i.operands)
                    for i in body)
        print(name, len(body), products, trips)


if __name__ == '__main__':
    if sys.argv[1:2] == ['walk'] and len(sys.argv) == 4:
        walk(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ['count'] and len(sys.argv) == 3:
        count(sys.argv[2])
    else:
        sys.exit('usage: secret_walk.py walk OBJECT FIELDS | count OBJECT')
