// SHA-256 with SHA-NI. The one-shot SHA256() of OpenSSL 3.0 looks its algorithm up by name on every
// call and is about five times slower on a 65-byte tree node than these three calls (docs/decisions).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

typedef SHA256_CTX prov_sha256_state;

static inline void prov_sha256_init(prov_sha256_state *state) { SHA256_Init(state); }

static inline void prov_sha256_update(prov_sha256_state *state, const void *bytes, size_t count) {
    SHA256_Update(state, bytes, count);
}

static inline void prov_sha256_final(prov_sha256_state *state, unsigned char *digest) { SHA256_Final(digest, state); }

static inline void prov_sha256(const void *bytes, size_t count, unsigned char *digest) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, count);
    SHA256_Final(digest, &state);
}

// The digest of 65 bytes, which the caller has padded to two blocks: saves copying them into a state and wiping it.
static inline void prov_sha256_two_blocks(const unsigned char *blocks, unsigned char *digest) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Transform(&state, blocks);
    SHA256_Transform(&state, blocks + SHA256_CBLOCK);
    for (int word = 0; word < 8; word++) {
        unsigned int value = state.h[word];
        digest[4 * word] = (unsigned char)(value >> 24);
        digest[4 * word + 1] = (unsigned char)(value >> 16);
        digest[4 * word + 2] = (unsigned char)(value >> 8);
        digest[4 * word + 3] = (unsigned char)value;
    }
}
