#ifndef PNG_SHIMS_H
#define PNG_SHIMS_H

#include <stddef.h>
#include <stdint.h>

// libpng reports errors by longjmp, which must never cross a Swift frame. These functions contain it: each one returns
// false on failure and leaves the message in the reader (or in the caller's buffer).

typedef struct png_shim_reader png_shim_reader;

typedef struct {
  uint32_t maximum_width;
  uint32_t maximum_height;
  // Upper bound for the memory of one ancillary chunk, in bytes.
  size_t maximum_chunk_bytes;
  // Channels of the output: 3 (RGB; grey images are expanded) or 1 (colour images are refused).
  int channels;
  // Whether images with an alpha channel or a tRNS chunk are refused instead of being laid over black.
  int reject_alpha;
} png_shim_options;

typedef struct {
  uint32_t width;
  uint32_t height;
  int bit_depth;
  int is_gray;
  int has_alpha;
  int is_interlaced;
} png_shim_info;

enum { png_shim_message_size = 512 };

// Reads the header of the `count` bytes at `bytes`, which must outlive the reader. NULL: the message is in `message`.
png_shim_reader *png_shim_open(const uint8_t *bytes, size_t count, const png_shim_options *options, png_shim_info *info,
                               char message[png_shim_message_size]);

// Reads the next `rows` rows of an image that is not interlaced into `destination` (rows follow without gaps).
int png_shim_read_rows(png_shim_reader *reader, uint8_t *destination, size_t rows);

// Reads the whole image, interlaced or not, into `destination`.
int png_shim_read_image(png_shim_reader *reader, uint8_t *destination);

// Reads everything behind the last row up to IEND; finds truncated and damaged ends.
int png_shim_finish(png_shim_reader *reader);

// The error of the call that returned false.
const char *png_shim_message(const png_shim_reader *reader);

// The warnings so far, separated by line feeds; empty when there were none.
const char *png_shim_warnings(const png_shim_reader *reader);

void png_shim_close(png_shim_reader *reader);

// Compresses `height` rows of `width * channels` bytes (1: grey, 3: RGB). On success `*encoded` owns `*count` bytes, to be
// released with png_shim_free.
int png_shim_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int compression_level,
                    uint8_t **encoded, size_t *count, char message[png_shim_message_size]);

void png_shim_free(uint8_t *encoded);

#endif
