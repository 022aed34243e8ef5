#include "results/pack.h"

ShoalPack *
shoal_pack_new (void)
{
  return g_byte_array_new ();
}

void
shoal_pack_add (ShoalPack *pack, uint64_t value)
{
  uint8_t bytes[10];
  unsigned n = 0;
  for (; value >= 0x80; value >>= 7)
    bytes[n++] = (uint8_t)(value | 0x80);
  bytes[n++] = (uint8_t)value;
  g_byte_array_append (pack, bytes, n);
}

void
shoal_pack_add_signed (ShoalPack *pack, int64_t value)
{
  uint64_t twice = (uint64_t)value << 1;
  shoal_pack_add (pack, value < 0 ? ~twice : twice);
}

char *
shoal_pack_end (ShoalPack *pack)
{
  char *text = g_base64_encode (pack->data, pack->len);
  g_byte_array_unref (pack);
  return text;
}
