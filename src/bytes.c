#include "src/bytes.h"

const uint8_t *
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

static uint64_t
read_number (ShoalReader *r, size_t length)
{
  const uint8_t *bytes = shoal_read_bytes (r, length);
  uint64_t v = 0;
  for (size_t i = 0; bytes != NULL && i < length; i++)
    v = v << 8 | bytes[i];
  return v;
}

uint8_t
shoal_read_u8 (ShoalReader *r)
{
  return (uint8_t)read_number (r, 1);
}

uint16_t
shoal_read_u16 (ShoalReader *r)
{
  return (uint16_t)read_number (r, 2);
}

uint32_t
shoal_read_u32 (ShoalReader *r)
{
  return (uint32_t)read_number (r, 4);
}

uint64_t
shoal_read_u64 (ShoalReader *r)
{
  return read_number (r, 8);
}

uint32_t
shoal_read_varint (ShoalReader *r)
{
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 35; shift += 7)
    {
      uint8_t byte = shoal_read_u8 (r);
      if (r->failed)
        return 0;
      v |= (uint64_t)(byte & 0x7f) << shift;
      if (byte & 0x80)
        continue;
      if (v > UINT32_MAX || (byte == 0 && shift > 0))
        break;
      return (uint32_t)v;
    }
  r->failed = true;
  return 0;
}

void
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

static void
write_number (ShoalWriter *w, uint64_t v, size_t length)
{
  uint8_t bytes[8];
  for (size_t i = 0; i < length; i++)
    bytes[i] = (uint8_t)(v >> (8 * (length - 1 - i)));
  shoal_write_bytes (w, bytes, length);
}

void
shoal_write_u8 (ShoalWriter *w, uint8_t v)
{
  write_number (w, v, 1);
}

void
shoal_write_u16 (ShoalWriter *w, uint16_t v)
{
  write_number (w, v, 2);
}

void
shoal_write_u32 (ShoalWriter *w, uint32_t v)
{
  write_number (w, v, 4);
}

void
shoal_write_u64 (ShoalWriter *w, uint64_t v)
{
  write_number (w, v, 8);
}

void
shoal_write_varint (ShoalWriter *w, uint32_t v)
{
  uint8_t bytes[5];
  size_t length = 0;
  for (; v >= 0x80; v >>= 7)
    bytes[length++] = (uint8_t)(v | 0x80);
  bytes[length++] = (uint8_t)v;
  shoal_write_bytes (w, bytes, length);
}

size_t
shoal_varint_bytes (uint32_t v)
{
  size_t length = 1;
  for (; v >= 0x80; v >>= 7)
    length++;
  return length;
}
