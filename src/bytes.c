#include "src/bytes.h"

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
