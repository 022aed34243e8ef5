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

/* Next length bytes, or NULL (and failed) when there are fewer. */
const uint8_t *shoal_read_bytes (ShoalReader *r, size_t length);
uint8_t shoal_read_u8 (ShoalReader *r);
uint16_t shoal_read_u16 (ShoalReader *r);
uint32_t shoal_read_u32 (ShoalReader *r);
uint64_t shoal_read_u64 (ShoalReader *r);
/* LEB128, at most 5 bytes, value below 2^32, shortest form only (else failed). */
uint32_t shoal_read_varint (ShoalReader *r);

void shoal_write_bytes (ShoalWriter *w, const void *bytes, size_t length);
void shoal_write_u8 (ShoalWriter *w, uint8_t v);
void shoal_write_u16 (ShoalWriter *w, uint16_t v);
void shoal_write_u32 (ShoalWriter *w, uint32_t v);
void shoal_write_u64 (ShoalWriter *w, uint64_t v);
void shoal_write_varint (ShoalWriter *w, uint32_t v);
/* Bytes that shoal_write_varint() needs for v. */
size_t shoal_varint_bytes (uint32_t v);
