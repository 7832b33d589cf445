#include <zlib.h>

// A macro with a size in it, which Swift does not import.
static inline int updraft_inflate_init_gzip(z_stream *stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}
