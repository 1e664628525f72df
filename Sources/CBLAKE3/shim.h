// The compression function of BLAKE3 for eight or sixteen inputs side by side, with AVX2 and AVX-512.
//
// In C, because only C can compile one function for instructions that not every processor of the target has:
// Swift has no attribute for it, and building a whole module for AVX2 would let the linker take its copies of
// shared functions for everybody (docs/decisions/019-blake3-lanes-in-c.md). Everything else of BLAKE3 is Swift.
// The caller asks prov_blake3_level() first; without AVX2 it uses its own four lanes.
#ifndef PROV_BLAKE3_H
#define PROV_BLAKE3_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What the processor has; a level has all that a lower one has.
#define PROV_BLAKE3_NONE 0
#define PROV_BLAKE3_AVX2 1
#define PROV_BLAKE3_AVX512 2

// What is hashed: inputs of `blocks` times 64 bytes, `stride` bytes apart.
typedef struct {
    const void *bytes;
    size_t stride;
    size_t blocks;
    // Of input i: counter + i * step. The low words of a group do not overflow.
    uint64_t counter;
    uint32_t step;
    // Of every block, of the first, of the last.
    uint32_t flags, first, last;
} prov_blake3_inputs;

#if defined(__x86_64__)

// Lane i belongs to input i.
typedef uint32_t prov_8 __attribute__((vector_size(32)));
typedef uint32_t prov_16 __attribute__((vector_size(64)));

#define PROV_AVX2 __attribute__((target("avx2"))) static inline
#define PROV_AVX512 __attribute__((target("avx2,avx512f"))) static inline

static inline int prov_blake3_level(void) {
    if (!__builtin_cpu_supports("avx2")) return PROV_BLAKE3_NONE;
    return __builtin_cpu_supports("avx512f") ? PROV_BLAKE3_AVX512 : PROV_BLAKE3_AVX2;
}

#define PROV_ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))

#define PROV_QUARTER(s, a, b, c, d, x, y) \
    s[a] += s[b] + (x), s[d] = PROV_ROTATE(s[d] ^ s[a], 16), s[c] += s[d], s[b] = PROV_ROTATE(s[b] ^ s[c], 12), \
    s[a] += s[b] + (y), s[d] = PROV_ROTATE(s[d] ^ s[a], 8), s[c] += s[d], s[b] = PROV_ROTATE(s[b] ^ s[c], 7)

// The columns, then the diagonals; `w` says where the message words are.
#define PROV_ROUND(s, m, w) \
    PROV_QUARTER(s, 0, 4, 8, 12, m[w[0]], m[w[1]]), PROV_QUARTER(s, 1, 5, 9, 13, m[w[2]], m[w[3]]), \
    PROV_QUARTER(s, 2, 6, 10, 14, m[w[4]], m[w[5]]), PROV_QUARTER(s, 3, 7, 11, 15, m[w[6]], m[w[7]]), \
    PROV_QUARTER(s, 0, 5, 10, 15, m[w[8]], m[w[9]]), PROV_QUARTER(s, 1, 6, 11, 12, m[w[10]], m[w[11]]), \
    PROV_QUARTER(s, 2, 7, 8, 13, m[w[12]], m[w[13]]), PROV_QUARTER(s, 3, 4, 9, 14, m[w[14]], m[w[15]])

// The message words in the order of each round (table 2 of the paper, applied again and again).
static const uint8_t prov_blake3_schedule[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1}, {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4}, {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};
static const uint32_t prov_blake3_start[4] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A};

// Eight rows of eight words become eight columns.
PROV_AVX2 void prov_transpose_8(prov_8 r[8]) {
    prov_8 t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        u[i] = __builtin_shufflevector(t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        u[i + 1] = __builtin_shufflevector(t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        u[i + 2] = __builtin_shufflevector(t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        u[i + 3] = __builtin_shufflevector(t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

// Sixteen rows of sixteen words become sixteen columns.
PROV_AVX512 void prov_transpose_16(prov_16 r[16]) {
    prov_16 t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = __builtin_shufflevector(
            r[i], r[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        t[i + 1] = __builtin_shufflevector(
            r[i], r[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = __builtin_shufflevector(
            t[i], t[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
        r[i + 1] = __builtin_shufflevector(
            t[i], t[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        r[i + 2] = __builtin_shufflevector(
            t[i + 1], t[i + 3], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
        r[i + 3] = __builtin_shufflevector(
            t[i + 1], t[i + 3], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
    // Now each quarter of row 4·k + c has words of four rows and of the columns c, c + 4, c + 8, c + 12.
    for (int b = 0; b < 16; b += 8) {
        for (int i = b; i < b + 4; i++) {
            t[i] = __builtin_shufflevector(
                r[i], r[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
            t[i + 4] = __builtin_shufflevector(
                r[i], r[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
        }
    }
    for (int i = 0; i < 8; i++) {
        r[i] = __builtin_shufflevector(
            t[i], t[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        r[i + 8] = __builtin_shufflevector(
            t[i], t[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
}

PROV_AVX2 void prov_hash_8(const prov_blake3_inputs *in, const uint32_t key[8], uint8_t *out) {
    const prov_8 zero = {0}, number = {0, 1, 2, 3, 4, 5, 6, 7};
    prov_8 h[8];
    for (int i = 0; i < 8; i++) h[i] = zero + key[i];
    for (size_t b = 0; b < in->blocks; b++) {
        prov_8 m[16], s[16];
        const uint8_t *block = (const uint8_t *)in->bytes + 64 * b;
        for (int i = 0; i < 8; i++) {
            memcpy(&m[i], block + (size_t)i * in->stride, 32);
            memcpy(&m[i + 8], block + (size_t)i * in->stride + 32, 32);
        }
        prov_transpose_8(m);
        prov_transpose_8(m + 8);
        for (int i = 0; i < 8; i++) s[i] = h[i];
        for (int i = 0; i < 4; i++) s[i + 8] = zero + prov_blake3_start[i];
        s[12] = number * in->step + (uint32_t)in->counter;
        s[13] = zero + (uint32_t)(in->counter >> 32);
        s[14] = zero + 64;
        s[15] = zero + (in->flags | (b == 0 ? in->first : 0) | (b + 1 == in->blocks ? in->last : 0));
// Not a loop: the schedule then only renames, and costs nothing.
#pragma clang loop unroll(full)
        for (int r = 0; r < 7; r++) PROV_ROUND(s, m, prov_blake3_schedule[r]);
        for (int i = 0; i < 8; i++) h[i] = s[i] ^ s[i + 8];
    }
    prov_transpose_8(h);
    memcpy(out, h, sizeof h);
}

PROV_AVX512 void prov_hash_16(const prov_blake3_inputs *in, const uint32_t key[8], uint8_t *out) {
    const prov_16 zero = {0}, number = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    prov_16 h[16];
    for (int i = 0; i < 8; i++) h[i] = zero + key[i], h[i + 8] = zero;
    for (size_t b = 0; b < in->blocks; b++) {
        prov_16 m[16], s[16];
        const uint8_t *block = (const uint8_t *)in->bytes + 64 * b;
        for (int i = 0; i < 16; i++) memcpy(&m[i], block + (size_t)i * in->stride, 64);
        prov_transpose_16(m);
        for (int i = 0; i < 8; i++) s[i] = h[i];
        for (int i = 0; i < 4; i++) s[i + 8] = zero + prov_blake3_start[i];
        s[12] = number * in->step + (uint32_t)in->counter;
        s[13] = zero + (uint32_t)(in->counter >> 32);
        s[14] = zero + 64;
        s[15] = zero + (in->flags | (b == 0 ? in->first : 0) | (b + 1 == in->blocks ? in->last : 0));
#pragma clang loop unroll(full)
        for (int r = 0; r < 7; r++) PROV_ROUND(s, m, prov_blake3_schedule[r]);
        for (int i = 0; i < 8; i++) h[i] = s[i] ^ s[i + 8];
    }
    prov_transpose_16(h);
    for (int i = 0; i < 16; i++) memcpy(out + 32 * i, &h[i], 32);
}

// Writes 8 chaining values (PROV_BLAKE3_AVX2) or 16 (PROV_BLAKE3_AVX512), 32 bytes each, after everything was
// read: `out` may lie within the input. `level` is at most that of this processor, and not PROV_BLAKE3_NONE.
static inline void prov_blake3_hash(int level, const prov_blake3_inputs *in, const void *key, void *out) {
    uint32_t words[8];
    memcpy(words, key, sizeof words);
    if (level == PROV_BLAKE3_AVX512) {
        prov_hash_16(in, words, (uint8_t *)out);
    } else {
        prov_hash_8(in, words, (uint8_t *)out);
    }
}

#undef PROV_AVX2
#undef PROV_AVX512
#undef PROV_ROTATE
#undef PROV_QUARTER
#undef PROV_ROUND

#else

static inline int prov_blake3_level(void) { return PROV_BLAKE3_NONE; }

static inline void prov_blake3_hash(int level, const prov_blake3_inputs *in, const void *key, void *out) {
    (void)level, (void)in, (void)key, (void)out;
    __builtin_trap();  // Never asked for: the level is always PROV_BLAKE3_NONE.
}

#endif
#endif
