#include "sim/content.h"

static bool
virtual_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
               bool corrupt)
{
  (void)content, (void)offset_bytes, (void)bytes, (void)length_bytes, (void)corrupt;
  return true; /* the core remembers what was spoilt */
}

static bool
virtual_hash (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes,
              uint8_t hash[SHOAL_HASH_BYTES], bool *whole)
{
  (void)content, (void)offset_bytes, (void)length_bytes, (void)hash;
  *whole = true;
  return true;
}

static void
virtual_free (ShoalContent *content)
{
  g_free (content);
}

static const ShoalContentOps VIRTUAL_OPS = { .write = virtual_write,
                                             .hash = virtual_hash,
                                             .free = virtual_free };

ShoalContent *
shoal_virtual_content_new (void)
{
  ShoalContent *content = g_new0 (ShoalContent, 1);
  content->ops = &VIRTUAL_OPS;
  content->is_virtual = true;
  return content;
}
