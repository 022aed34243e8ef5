/* What is asked about files, and withdrawing them. Callers' threads ask, the
 * core's answers. */
#include "real/address.h"
#include "real/shoal-files.h"
#include "real/shoal-node-private.h"

bool
shoal_parse_fid (const char *text, ShoalFid *fid, GError **error)
{
  if (text && shoal_fid_parse (text, fid))
    return true;
  g_set_error (error, SHOAL_ERROR, SHOAL_ERROR_INVALID_FID,
               "'%s' is neither a fid (64 hex digits) nor a magnet link with "
               "urn:btmh:1220 and a fid",
               text ? text : "");
  return false;
}

/* A question about one file, and its answer. */
typedef struct {
  ShoalFid fid;
  bool found;
  gpointer answer; /* owned by who asked */
} Question;

/* False and error: no such file here, or the node is closed. */
static bool
ask (ShoalCore *core, const char *fid, void (*answer) (ShoalCore *core, gpointer question),
     Question *question, GError **error)
{
  if (!shoal_parse_fid (fid, &question->fid, error))
    return false;
  if (!shoal_core_call (core, answer, question))
    shoal_set_closed_error (error);
  else if (!question->found)
    g_set_error (error, SHOAL_ERROR, SHOAL_ERROR_NOT_FOUND, "the file %s is neither held nor wanted here",
                 fid);
  return question->found;
}

/* ---- withdrawing ---- */

static void
answer_cancel (ShoalCore *core, gpointer data)
{
  Question *question = data;
  question->found = shoal_files_find (core, &question->fid) != NULL;
  shoal_peer_cancel (shoal_core_machine (core), shoal_core_now (core), &question->fid);
  shoal_core_settle (core);
}

bool
shoal_files_cancel (ShoalCore *core, const char *fid, GError **error)
{
  Question question = { 0 };
  return ask (core, fid, answer_cancel, &question, error);
}

/* ---- files ---- */

static ShoalFileStatus *
describe (ShoalCore *core, const ShoalEntry *entry)
{
  ShoalMachine *machine = shoal_core_machine (core);
  const ShoalFile *file = shoal_peer_file (machine, &entry->fid);
  ShoalFileInfo info = { 0 };
  ShoalFileStatus *status = g_new0 (ShoalFileStatus, 1);
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  shoal_peer_file_info (machine, &entry->fid, &info);
  shoal_fid_to_hex (&entry->fid, hex);
  status->fid = g_strdup (hex);
  status->path = g_strdup (entry->path);
  status->state = entry->state;
  status->neighbours = info.neighbours;
  status->lost_blocks = entry->lost_blocks;
  if (file)
    {
      status->name = g_strdup (file->info.name);
      status->size_bytes = file->info.length_bytes;
      status->held_bytes = MIN ((uint64_t)info.held * SHOAL_BLOCK_BYTES, status->size_bytes);
    }
  return status;
}

static void
answer_list (ShoalCore *core, gpointer list)
{
  GPtrArray *entries = shoal_files_entries (core);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (list, describe (core, entries->pdata[i]));
}

GPtrArray *
shoal_files_list (ShoalCore *core)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_file_status_free);
  if (core)
    shoal_core_call (core, answer_list, list);
  return list;
}

static void
answer_status (ShoalCore *core, gpointer data)
{
  Question *question = data;
  const ShoalEntry *entry = shoal_files_find (core, &question->fid);
  question->found = entry != NULL;
  if (entry)
    question->answer = describe (core, entry);
}

ShoalFileStatus *
shoal_files_get_status (ShoalCore *core, const char *fid, GError **error)
{
  Question question = { 0 };
  ask (core, fid, answer_status, &question, error);
  return question.answer;
}

/* ---- neighbours ---- */

static ShoalNeighbourStatus *
describe_neighbour (const ShoalNeighbourInfo *info)
{
  ShoalNeighbourStatus *status = g_new0 (ShoalNeighbourStatus, 1);
  status->address = shoal_address_text (&info->addr);
  status->received_bytes = info->received_bytes;
  status->sent_bytes = info->sent_bytes;
  status->held_blocks = info->blocks;
  status->round_trip_us = (guint)MIN (info->round_trip_ns / SHOAL_US, (ShoalTime)G_MAXUINT);
  status->interested = info->interested;
  status->choked = info->choked;
  status->choked_by = info->choked_by;
  return status;
}

static void
answer_neighbours (ShoalCore *core, gpointer data)
{
  Question *question = data;
  ShoalNeighbourInfo info;
  question->found = shoal_files_find (core, &question->fid) != NULL;
  for (unsigned i = 0; shoal_peer_neighbour_info (shoal_core_machine (core), &question->fid, i, &info); i++)
    g_ptr_array_add (question->answer, describe_neighbour (&info));
}

GPtrArray *
shoal_files_list_neighbours (ShoalCore *core, const char *fid, GError **error)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_neighbour_status_free);
  Question question = { .answer = list };
  if (ask (core, fid, answer_neighbours, &question, error))
    return list;
  g_ptr_array_unref (list);
  return NULL;
}

/* ---- magnet links ---- */

static void
answer_magnet (ShoalCore *core, gpointer data)
{
  Question *question = data;
  const ShoalFile *file = shoal_peer_file (shoal_core_machine (core), &question->fid);
  question->found = file != NULL;
  if (file)
    question->answer = shoal_magnet_text (&file->fid, file->info.name, file->info.length_bytes,
                                          shoal_files_options (core)->tracker_text);
}

char *
shoal_files_magnet (ShoalCore *core, const char *fid, GError **error)
{
  Question question = { 0 };
  ask (core, fid, answer_magnet, &question, error);
  return question.answer;
}
