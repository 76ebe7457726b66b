#include "PNGShims.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
  char *message;
} growing_buffer;

static void on_error(png_structp png, png_const_charp message) {
  growing_buffer *buffer = png_get_error_ptr(png);
  snprintf(buffer->message, png_shim_message_size, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void on_write(png_structp png, png_bytep source, size_t count) {
  growing_buffer *buffer = png_get_io_ptr(png);
  if (buffer->count + count > buffer->capacity) {
    size_t capacity = (buffer->capacity + count) * 2;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) png_error(png, "out of memory");
    buffer->bytes = bytes;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->count, source, count);
  buffer->count += count;
}

static void on_flush(png_structp png) { (void)png; }

static int write_image(png_structp png, png_infop info, const uint8_t *pixels, uint32_t width, uint32_t height,
                       int channels, int compression_level) {
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(png, compression_level);
  png_set_IHDR(png, info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t row = 0; row < height; row++) {
    png_write_row(png, pixels + (size_t)row * width * (size_t)channels);
  }
  png_write_end(png, info);
  return 1;
}

int png_shim_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int compression_level,
                    uint8_t **encoded, size_t *count, char message[png_shim_message_size]) {
  growing_buffer buffer = {.message = message};
  png_infop info = NULL;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &buffer, on_error, on_warning);
  if (png != NULL) info = png_create_info_struct(png);
  int succeeded = 0;
  if (info == NULL) {
    snprintf(message, png_shim_message_size, "libpng cannot be initialised");
  } else {
    png_set_write_fn(png, &buffer, on_write, on_flush);
    succeeded = write_image(png, info, pixels, width, height, channels, compression_level);
  }
  png_destroy_write_struct(&png, &info);
  if (!succeeded) {
    free(buffer.bytes);
    return 0;
  }
  *encoded = buffer.bytes;
  *count = buffer.count;
  return 1;
}

void png_shim_free(uint8_t *encoded) { free(encoded); }
