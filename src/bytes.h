/* Bounded reading and writing of network bytes (big-endian). A reader or writer that ran over its
 * end stays failed: check once, at the end. */
#pragma once

#include "src/types.h"

typedef struct {
  const uint8_t *at; /* borrowed */
  size_t left;
  bool failed;
} ShoalReader;

typedef struct {
  uint8_t *bytes; /* borrowed */
  size_t length;  /* written so far */
  size_t room;    /* size of the buffer */
  bool failed;    /* something did not fit; it was not written */
} ShoalWriter;

static inline ShoalReader
shoal_reader (const uint8_t *bytes, size_t length)
{
  return (ShoalReader){ .at = bytes, .left = length };
}

static inline ShoalWriter
shoal_writer (uint8_t *bytes, size_t room)
{
  return (ShoalWriter){ .bytes = bytes, .room = room };
}

/* The small ones are inline: a simulated run reads and writes tens of millions of headers. */

/* Next length bytes, or NULL (and failed) when there are fewer. */
static inline const uint8_t *
shoal_read_bytes (ShoalReader *r, size_t length)
{
  if (r->failed || r->left < length)
    {
      r->failed = true;
      return NULL;
    }
  const uint8_t *bytes = r->at;
  if (length > 0) /* an empty reader may stand on NULL */
    r->at += length;
  r->left -= length;
  return bytes;
}

static inline uint64_t
shoal_read_number (ShoalReader *r, size_t length)
{
  const uint8_t *bytes = shoal_read_bytes (r, length);
  uint64_t v = 0;
  for (size_t i = 0; bytes != NULL && i < length; i++)
    v = v << 8 | bytes[i];
  return v;
}

static inline uint8_t
shoal_read_u8 (ShoalReader *r)
{
  return (uint8_t)shoal_read_number (r, 1);
}

static inline uint16_t
shoal_read_u16 (ShoalReader *r)
{
  return (uint16_t)shoal_read_number (r, 2);
}

static inline uint32_t
shoal_read_u32 (ShoalReader *r)
{
  return (uint32_t)shoal_read_number (r, 4);
}

static inline uint64_t
shoal_read_u64 (ShoalReader *r)
{
  return shoal_read_number (r, 8);
}

static inline void
shoal_write_bytes (ShoalWriter *w, const void *bytes, size_t length)
{
  if (w->failed || w->room - w->length < length)
    {
      w->failed = true;
      return;
    }
  if (length > 0)
    memcpy (w->bytes + w->length, bytes, length);
  w->length += length;
}

static inline void
shoal_write_number (ShoalWriter *w, uint64_t v, size_t length)
{
  uint8_t bytes[8];
  for (size_t i = 0; i < length; i++)
    bytes[i] = (uint8_t)(v >> (8 * (length - 1 - i)));
  shoal_write_bytes (w, bytes, length);
}

static inline void
shoal_write_u8 (ShoalWriter *w, uint8_t v)
{
  shoal_write_number (w, v, 1);
}

static inline void
shoal_write_u16 (ShoalWriter *w, uint16_t v)
{
  shoal_write_number (w, v, 2);
}

static inline void
shoal_write_u32 (ShoalWriter *w, uint32_t v)
{
  shoal_write_number (w, v, 4);
}

static inline void
shoal_write_u64 (ShoalWriter *w, uint64_t v)
{
  shoal_write_number (w, v, 8);
}

/* LEB128, at most 5 bytes, value below 2^32, shortest form only (else failed). */
uint32_t shoal_read_varint (ShoalReader *r);

void shoal_write_varint (ShoalWriter *w, uint32_t v);
/* Bytes that shoal_write_varint() needs for v. */
size_t shoal_varint_bytes (uint32_t v);
