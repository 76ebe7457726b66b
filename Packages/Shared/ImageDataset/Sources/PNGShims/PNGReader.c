#include "PNGShims.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct png_shim_reader {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count;
  size_t position;
  uint32_t width;
  uint32_t height;
  int channels;
  int has_alpha;
  int is_interlaced;
  uint8_t *alpha_rows;  // rows as libpng delivers them (with alpha), before they are laid over black
  uint8_t **row_pointers;
  char message[png_shim_message_size];
  char warnings[1024];
};

// ---- Callbacks of libpng

static void on_error(png_structp png, png_const_charp message) {
  png_shim_reader *reader = png_get_error_ptr(png);
  snprintf(reader->message, sizeof reader->message, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  png_shim_reader *reader = png_get_error_ptr(png);
  size_t used = strlen(reader->warnings);
  if (used + strlen(message) + 2 > sizeof reader->warnings) return;
  snprintf(reader->warnings + used, sizeof reader->warnings - used, used == 0 ? "%s" : "\n%s", message);
}

static void on_read(png_structp png, png_bytep destination, size_t count) {
  png_shim_reader *reader = png_get_io_ptr(png);
  if (count > reader->count - reader->position) png_error(png, "the file ends too early");
  memcpy(destination, reader->bytes + reader->position, count);
  reader->position += count;
}

// ---- Opening

static void set_limits(png_structp png, const png_shim_options *options) {
  png_set_user_limits(png, options->maximum_width, options->maximum_height);
  png_set_chunk_malloc_max(png, options->maximum_chunk_bytes);
  png_set_chunk_cache_max(png, 64);
  // Damaged checksums are errors, also in chunks that libpng would otherwise skip with a warning.
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Chunks that do not change the pixels are not even decompressed.
  static const png_byte unused[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, (int)(sizeof unused / 5));
}

// Asks libpng for 8-bit samples in the wanted number of channels, plus alpha where the image has it.
static void set_transforms(png_shim_reader *reader, const png_shim_options *options, png_shim_info *description) {
  png_structp png = reader->png;
  png_infop info = reader->info;
  int color = png_get_color_type(png, info);
  int depth = png_get_bit_depth(png, info);
  int has_transparency = png_get_valid(png, info, PNG_INFO_tRNS) != 0;

  reader->width = png_get_image_width(png, info);
  reader->height = png_get_image_height(png, info);
  reader->has_alpha = has_transparency || (color & PNG_COLOR_MASK_ALPHA) != 0;
  reader->is_interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  int is_gray = color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_GRAY_ALPHA;

  *description = (png_shim_info){.width = reader->width,
                                 .height = reader->height,
                                 .bit_depth = depth,
                                 .is_gray = is_gray,
                                 .has_alpha = reader->has_alpha,
                                 .is_interlaced = reader->is_interlaced};

  if (reader->has_alpha && options->reject_alpha) png_error(png, "the image is transparent, which the caller does not accept");
  if (options->channels == 1 && !is_gray) png_error(png, "the image has colours where grey levels are expected");

  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (has_transparency) png_set_tRNS_to_alpha(png);
  if (depth == 16) png_set_scale_16(png);
  if (is_gray && options->channels == 3) png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);

  size_t expected = (size_t)options->channels + (reader->has_alpha ? 1 : 0);
  if (png_get_channels(png, info) != expected || png_get_bit_depth(png, info) != 8) {
    png_error(png, "libpng cannot convert this kind of image");
  }
}

static int read_header(png_shim_reader *reader, const png_shim_options *options, png_shim_info *info) {
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  set_limits(reader->png, options);
  png_set_read_fn(reader->png, reader, on_read);
  png_read_info(reader->png, reader->info);
  set_transforms(reader, options, info);
  return 1;
}

png_shim_reader *png_shim_open(const uint8_t *bytes, size_t count, const png_shim_options *options, png_shim_info *info,
                               char message[png_shim_message_size]) {
  png_shim_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) {
    snprintf(message, png_shim_message_size, "out of memory");
    return NULL;
  }
  reader->bytes = bytes;
  reader->count = count;
  reader->channels = options->channels;
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
  if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
  if (reader->info == NULL) {
    snprintf(reader->message, sizeof reader->message, "libpng cannot be initialised");
  } else if (read_header(reader, options, info)) {
    return reader;
  }
  // libpng explains some errors ("Invalid IHDR data") in the warnings before them.
  if (reader->warnings[0] != 0) {
    char *feed;
    while ((feed = strchr(reader->warnings, '\n')) != NULL) *feed = ',';
    snprintf(message, png_shim_message_size, "%.200s (%.280s)", reader->message, reader->warnings);
  } else {
    snprintf(message, png_shim_message_size, "%s", reader->message);
  }
  png_shim_close(reader);
  return NULL;
}

// ---- Pixels

// Multiplies colour by alpha (rounded) and drops alpha.
static void lay_over_black(const uint8_t *source, uint8_t *destination, size_t pixels, int channels) {
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    unsigned alpha = source[channels];
    for (int channel = 0; channel < channels; channel++) {
      *destination++ = (uint8_t)((source[channel] * alpha + 127) / 255);
    }
    source += channels + 1;
  }
}

static int allocate_alpha_rows(png_shim_reader *reader, size_t rows) {
  size_t row_bytes = (size_t)reader->width * (size_t)(reader->channels + 1);
  free(reader->alpha_rows);
  reader->alpha_rows = rows <= SIZE_MAX / row_bytes ? malloc(rows * row_bytes) : NULL;
  if (reader->alpha_rows == NULL) snprintf(reader->message, sizeof reader->message, "out of memory");
  return reader->alpha_rows != NULL;
}

int png_shim_read_rows(png_shim_reader *reader, uint8_t *destination, size_t rows) {
  size_t row_bytes = (size_t)reader->width * (size_t)reader->channels;
  if (reader->is_interlaced) {
    snprintf(reader->message, sizeof reader->message, "an interlaced image cannot be read row by row");
    return 0;
  }
  if (reader->has_alpha && reader->alpha_rows == NULL && !allocate_alpha_rows(reader, 1)) return 0;
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  for (size_t row = 0; row < rows; row++) {
    uint8_t *target = destination + row * row_bytes;
    if (reader->has_alpha) {
      png_read_row(reader->png, reader->alpha_rows, NULL);
      lay_over_black(reader->alpha_rows, target, reader->width, reader->channels);
    } else {
      png_read_row(reader->png, target, NULL);
    }
  }
  return 1;
}

static int read_interlaced(png_shim_reader *reader, uint8_t *rows, size_t row_bytes) {
  reader->row_pointers = malloc((size_t)reader->height * sizeof *reader->row_pointers);
  if (reader->row_pointers == NULL) {
    snprintf(reader->message, sizeof reader->message, "out of memory");
    return 0;
  }
  for (size_t row = 0; row < reader->height; row++) reader->row_pointers[row] = rows + row * row_bytes;
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  png_read_image(reader->png, reader->row_pointers);
  return 1;
}

int png_shim_read_image(png_shim_reader *reader, uint8_t *destination) {
  if (!reader->is_interlaced) return png_shim_read_rows(reader, destination, reader->height);
  if (!reader->has_alpha) return read_interlaced(reader, destination, (size_t)reader->width * (size_t)reader->channels);
  if (!allocate_alpha_rows(reader, reader->height)) return 0;
  if (!read_interlaced(reader, reader->alpha_rows, (size_t)reader->width * (size_t)(reader->channels + 1))) return 0;
  lay_over_black(reader->alpha_rows, destination, (size_t)reader->width * reader->height, reader->channels);
  return 1;
}

int png_shim_finish(png_shim_reader *reader) {
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  png_read_end(reader->png, NULL);
  return 1;
}

// ---- The rest

const char *png_shim_message(const png_shim_reader *reader) { return reader->message; }

const char *png_shim_warnings(const png_shim_reader *reader) { return reader->warnings; }

void png_shim_close(png_shim_reader *reader) {
  if (reader == NULL) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader->alpha_rows);
  free(reader->row_pointers);
  free(reader);
}
