/* Makes what nodes register: descriptions, fids and hash trees of a scenario's files. */
#include "scenarios/scenario.h"
#include "src/filehash.h"
#include "src/seeded.h"

#include <errno.h>
#include <stdio.h>

#define CHUNK_BYTES (1u << 18)

static bool
feed_seeded (const ShoalScenarioFile *file, ShoalFileHash *hash)
{
  g_autofree uint8_t *chunk = g_malloc (CHUNK_BYTES);
  for (uint64_t at = 0; at < file->size_bytes; at += CHUNK_BYTES)
    {
      size_t length = (size_t)MIN (file->size_bytes - at, CHUNK_BYTES);
      shoal_seeded_bytes (file->seed, at, chunk, length);
      shoal_file_hash_feed (hash, chunk, length);
    }
  return true;
}

static bool
fail_read (const ShoalScenarioFile *file, const char *why, GError **error)
{
  g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO, "file %s: cannot read '%s': %s",
               file->name, file->path, why);
  return false;
}

static bool
feed_path (const ShoalScenarioFile *file, ShoalFileHash *hash, GError **error)
{
  g_autofree uint8_t *chunk = g_malloc (CHUNK_BYTES);
  uint64_t left = file->size_bytes;
  FILE *stream = fopen (file->path, "rb");
  if (stream == NULL)
    return fail_read (file, g_strerror (errno), error);
  while (left > 0)
    {
      size_t length = fread (chunk, 1, (size_t)MIN (left, CHUNK_BYTES), stream);
      if (length == 0)
        break;
      shoal_file_hash_feed (hash, chunk, length);
      left -= length;
    }
  fclose (stream);
  return left == 0 || fail_read (file, "it became shorter, or there was a read error", error);
}

/* The bytes of a real file, for all nodes of all runs; *bytes is NULL when they are made from the seed. */
static bool
map_path (const ShoalScenarioFile *file, GBytes **bytes, GError **error)
{
  g_autoptr (GError) why = NULL;
  *bytes = NULL;
  if (file->path == NULL)
    return true;
  GMappedFile *mapped = g_mapped_file_new (file->path, FALSE, &why);
  if (mapped == NULL)
    return fail_read (file, why->message, error);
  *bytes = g_mapped_file_get_bytes (mapped);
  g_mapped_file_unref (mapped);
  return true;
}

static ShoalSharedFile *
shared_file_new (const ShoalScenarioFile *file, const ShoalFile *description, ShoalMerkle *tree)
{
  ShoalSharedFile *shared = g_new0 (ShoalSharedFile, 1);
  shared->name = g_strdup (file->name);
  shared->file = *description;
  shared->tree = tree;
  shared->content_seed = file->seed;
  return shared;
}

static bool
prepare_file (ShoalScenarioFile *file, GError **error)
{
  ShoalFile description;
  ShoalMerkle *tree = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = file->path != NULL ? g_path_get_basename (file->path) : g_strdup (file->name);
  ShoalFileHash *hash = shoal_file_hash_new (name, file->size_bytes, file->piece_length_bytes);
  if (hash == NULL)
    {
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
                   "file %s: '%s' of %" G_GUINT64_FORMAT
                   " bytes cannot be described (name, size or piece length)",
                   file->name, name, file->size_bytes);
      return false;
    }
  if (!map_path (file, &bytes, error)
      || (file->path != NULL ? !feed_path (file, hash, error) : !feed_seeded (file, hash)))
    {
      shoal_file_hash_free (hash);
      return false;
    }
  if (!shoal_file_hash_finish (hash, &description, &tree))
    g_assert_not_reached (); /* exactly size_bytes were fed */
  uint32_t blocks = shoal_info_blocks (&description.info);
  file->with_hashes = shared_file_new (file, &description, tree);
  file->with_hashes->bytes = g_steal_pointer (&bytes);
  file->without_hashes =
      shared_file_new (file, &description, blocks > 0 ? shoal_merkle_new_full (blocks, NULL) : NULL);
  return true;
}

/* Events tell files by their fid: two files of one scenario cannot be the same. */
static bool
check_distinct (const ShoalScenario *scenario, unsigned file, GError **error)
{
  const ShoalScenarioFile *b = shoal_scenario_file (scenario, file);
  for (unsigned i = 0; i < file; i++)
    {
      const ShoalScenarioFile *a = shoal_scenario_file (scenario, i);
      if (!shoal_fid_equal (&a->with_hashes->file.fid, &b->with_hashes->file.fid))
        continue;
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
                   "%s: files[%u]: %s is the same file as %s (same name, content and piece length)",
                   scenario->origin, file, b->name, a->name);
      return false;
    }
  return true;
}

bool
shoal_scenario_prepare (ShoalScenario *scenario, GError **error)
{
  for (unsigned i = 0; i < scenario->files->len; i++)
    {
      ShoalScenarioFile *file = &g_array_index (scenario->files, ShoalScenarioFile, i);
      if (file->with_hashes == NULL && !prepare_file (file, error))
        return false;
      if (!check_distinct (scenario, i, error))
        return false;
    }
  return true;
}

const ShoalSharedFile *
shoal_scenario_shared_file (const ShoalScenario *scenario, unsigned file, bool virtual_content)
{
  const ShoalScenarioFile *f = shoal_scenario_file (scenario, file);
  return virtual_content ? f->without_hashes : f->with_hashes;
}
