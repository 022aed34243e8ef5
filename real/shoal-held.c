#include "real/shoal-held.h"

#include "real/shoal-node-private.h"
#include "src/sha256.h"

/* Between two looks whether the caller still wants it. */
#define STEP_BYTES ((size_t)64 * SHOAL_BLOCK_BYTES)

void
shoal_held_clear (ShoalHeld *held)
{
  g_clear_pointer (&held->bytes, g_bytes_unref);
  g_clear_pointer (&held->content, shoal_file_content_unref);
  g_clear_pointer (&held->tree, shoal_merkle_unref);
  g_clear_pointer (&held->path, g_free);
  held->kind = SHOAL_HELD_NOWHERE;
}

void
shoal_set_storage_error (GError **error, const GError *reason)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_EXISTS))
    g_propagate_error (error, g_error_copy (reason));
  else
    g_set_error_literal (error, SHOAL_ERROR, SHOAL_ERROR_STORAGE,
                         reason ? reason->message : "the file could not be stored");
}

static bool
still_wanted (const ShoalHeldReader *reader, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
    return false;
  if (!shoal_core_is_closing (reader->core))
    return true;
  shoal_set_closed_error (error);
  return false;
}

static bool
changed (const ShoalHeld *held, GError **error)
{
  g_autofree char *name = held->path ? g_filename_display_name (held->path) : g_strdup (held->file.info.name);
  g_set_error (error, SHOAL_ERROR, SHOAL_ERROR_STORAGE,
               "'%s' cannot be read any more, or was changed; cancel it and "
               "download it again",
               name);
  return false;
}

/* The stamp of no file: so all of it is proved. NULL and error: it is gone. */
static ShoalContent *
open_held (const ShoalHeld *held, GError **error)
{
  static const ShoalFileStamp none;
  g_autoptr (GError) reason = NULL;
  if (held->content)
    return shoal_file_content_ref (held->content);
  const ShoalFileOffer offer = {
    .path = held->path, .file = &held->file, .tree = held->tree, .stamp = &none
  };
  ShoalContent *content = shoal_file_content_offer (&offer, &reason);
  if (!content)
    shoal_set_storage_error (error, reason);
  return content;
}

static bool
read_part (const ShoalHeld *held, ShoalContent *content, uint64_t at, uint8_t *into, size_t length)
{
  if (!held->bytes)
    return content->ops->read (content, at, into, length);
  memcpy (into, (const uint8_t *)g_bytes_get_data (held->bytes, NULL) + at, length);
  return true;
}

/* into NULL: only proves it. */
static bool
read_all (const ShoalHeld *held, const ShoalHeldReader *reader, uint8_t *into, GError **error)
{
  uint64_t length = held->file.info.length_bytes;
  g_autofree uint8_t *scratch = into ? NULL : g_malloc (STEP_BYTES);
  ShoalContent *content = open_held (held, error);
  bool good = content != NULL;
  for (uint64_t at = 0; good && at < length; at += STEP_BYTES)
    good =
        still_wanted (reader, error)
        && (read_part (held, content, at, into ? into + at : scratch, (size_t)MIN (length - at, STEP_BYTES))
            || changed (held, error));
  if (content)
    shoal_file_content_unref (content);
  return good;
}

bool
shoal_held_check (const ShoalHeld *held, const ShoalHeldReader *reader, GError **error)
{
  return read_all (held, reader, NULL, error);
}

GBytes *
shoal_held_read (const ShoalHeld *held, const ShoalHeldReader *reader, GError **error)
{
  g_autoptr (GError) reason = NULL;
  if (held->bytes)
    return g_bytes_ref (held->bytes);
  ShoalContent *memory = shoal_memory_content_create (&held->file, &reason);
  if (!memory)
    {
      shoal_set_storage_error (error, reason);
      return NULL;
    }
  GBytes *bytes = shoal_memory_content_bytes (memory);
  memory->ops->free (memory);
  if (read_all (held, reader, (uint8_t *)g_bytes_get_data (bytes, NULL), error))
    return bytes;
  g_bytes_unref (bytes);
  return NULL;
}

/* An earlier attempt, or a file that is there already, may have it. */
static bool
there_already (ShoalContent *to, uint64_t at, const uint8_t *bytes, size_t length)
{
  uint8_t there[SHOAL_HASH_BYTES], wanted[SHOAL_HASH_BYTES];
  bool whole;
  if (!to->ops->present (to, at, length) || !to->ops->hash (to, at, length, there, &whole))
    return false;
  shoal_sha256 (bytes, length, wanted);
  return memcmp (there, wanted, sizeof wanted) == 0;
}

static bool
copy_block (const ShoalHeld *held, ShoalContent *from, ShoalContent *to, uint32_t block, GError **error)
{
  uint8_t bytes[SHOAL_BLOCK_BYTES];
  uint64_t at = (uint64_t)block * SHOAL_BLOCK_BYTES;
  uint32_t length = shoal_info_block_bytes (&held->file.info, block);
  if (!read_part (held, from, at, bytes, length))
    return changed (held, error);
  if ((there_already (to, at, bytes, length) || to->ops->write (to, at, bytes, length, false))
      && to->ops->keep (to, at, length))
    return true;
  shoal_set_storage_error (error, shoal_file_content_error (to));
  return false;
}

static bool
copy_blocks (const ShoalHeld *held, const ShoalHeldReader *reader, ShoalContent *to, GError **error)
{
  uint32_t blocks = shoal_info_blocks (&held->file.info);
  ShoalContent *from = held->bytes ? NULL : open_held (held, error);
  bool good = held->bytes || from;
  for (uint32_t i = 0; good && i < blocks; i++)
    good = (i % 64 != 0 || still_wanted (reader, error)) && copy_block (held, from, to, i, error);
  if (from)
    shoal_file_content_unref (from);
  return good;
}

bool
shoal_held_copy (const ShoalHeld *held, const char *path, bool replace, const ShoalHeldReader *reader,
                 GError **error)
{
  g_autoptr (GError) reason = NULL;
  ShoalContent *to = shoal_file_content_create (path, &held->file, replace, &reason);
  if (!to)
    {
      shoal_set_storage_error (error, reason);
      return false;
    }
  bool good = copy_blocks (held, reader, to, error);
  if (good && !shoal_file_content_finish (to, &reason))
    {
      shoal_set_storage_error (error, reason);
      good = false;
    }
  shoal_file_content_unref (to);
  return good;
}
