#include "scenarios/bound.h"

__extension__ typedef unsigned __int128 Wide;

#define UNLIMITED UINT64_MAX

typedef struct {
  uint64_t upload, download; /* the highest ever; UNLIMITED */
  uint64_t wanted_bytes;
  uint64_t lone_bytes; /* of wanted files that it alone registers */
  ShoalTime start;     /* of its first download; SHOAL_NEVER: a condition's matter, or none */
  bool waits;          /* a download that waits for a condition is its first, perhaps */
  bool takes_part;     /* registers or downloads something */
} Node;

typedef struct {
  uint64_t registered_upload; /* of all who register it; UNLIMITED */
  unsigned wanted;            /* by how many nodes */
  unsigned registrants, last_registrant;
  ShoalTime start;
  bool waits;
} File;

typedef struct {
  const ShoalScenario *scenario;
  Node *nodes;
  File *files;
  ShoalTime start; /* of the first download; SHOAL_NEVER: all wait for conditions */
} Fluid;

static uint64_t
limit (uint64_t rate)
{
  return rate == 0 ? UNLIMITED : rate;
}

static uint64_t
sum (uint64_t a, uint64_t b)
{
  return a > UNLIMITED - b ? UNLIMITED : a + b;
}

/* How long so many bytes take at this rate. */
static ShoalTime
duration (uint64_t bytes, uint64_t rate)
{
  if (rate == UNLIMITED)
    return 0;
  Wide ns = (Wide)bytes * (uint64_t)SHOAL_SECOND / rate;
  return ns > (Wide)(SHOAL_NEVER / 4) ? SHOAL_NEVER / 4 : (ShoalTime)ns;
}

/* The highest that an action makes of a node's rates. */
static void
note_rates (Node *node, const ShoalAction *action)
{
  if (action->has_upload)
    node->upload = MAX (node->upload, limit (action->upload_bytes_per_s));
  if (action->has_download)
    node->download = MAX (node->download, limit (action->download_bytes_per_s));
  for (unsigned i = 0; action->trace != NULL && i < action->trace->len; i++)
    {
      const ShoalRatePoint *point = &g_array_index (action->trace, ShoalRatePoint, i);
      if (point->has_upload)
        node->upload = MAX (node->upload, limit (point->upload_bytes_per_s));
      if (point->has_download)
        node->download = MAX (node->download, limit (point->download_bytes_per_s));
    }
}

static void
read_rates (Fluid *f)
{
  for (unsigned i = 0; i < f->scenario->nodes->len; i++)
    {
      f->nodes[i].upload = limit (shoal_scenario_node (f->scenario, i)->upload_bytes_per_s);
      f->nodes[i].download = limit (shoal_scenario_node (f->scenario, i)->download_bytes_per_s);
      f->nodes[i].start = SHOAL_NEVER;
    }
  for (unsigned i = 0; i < f->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (f->scenario, i);
      for (unsigned k = 0; action->kind == SHOAL_ACTION_RATES && k < action->nodes->len; k++)
        note_rates (&f->nodes[g_array_index (action->nodes, unsigned, k)], action);
    }
}

static void
note_start (const ShoalAction *action, ShoalTime *start, bool *waits)
{
  *waits |= !shoal_action_is_timed (action);
  if (shoal_action_is_timed (action))
    *start = MIN (*start, action->at_ns);
}

static void
read_starts (Fluid *f, unsigned file)
{
  g_autofree uint8_t *registers = shoal_scenario_concerned (f->scenario, SHOAL_ACTION_REGISTER, (int)file);
  for (unsigned i = 0; i < f->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (f->scenario, i);
      if (action->kind != SHOAL_ACTION_DOWNLOAD || !shoal_index_in (action->files, file))
        continue;
      for (unsigned k = 0; k < action->nodes->len; k++)
        {
          unsigned node = g_array_index (action->nodes, unsigned, k);
          if (registers[node])
            continue;
          note_start (action, &f->nodes[node].start, &f->nodes[node].waits);
          note_start (action, &f->files[file].start, &f->files[file].waits);
          f->start = MIN (f->start, f->files[file].start);
        }
    }
}

static void
note_registrant (Fluid *f, unsigned file, unsigned node)
{
  f->files[file].registered_upload = sum (f->files[file].registered_upload, f->nodes[node].upload);
  f->files[file].registrants++;
  f->files[file].last_registrant = node;
}

/* Who is sure to want the file: not those of whom nobody knows whether they ever begin. */
static uint8_t *
sure_to_download (const ShoalScenario *scenario, unsigned file)
{
  uint8_t *nodes = g_new0 (uint8_t, scenario->nodes->len + 1);
  for (unsigned i = 0; i < scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (scenario, i);
      if (action->kind != SHOAL_ACTION_DOWNLOAD || shoal_action_is_open (action)
          || !shoal_index_in (action->files, file))
        continue;
      for (unsigned k = 0; k < action->nodes->len; k++)
        nodes[g_array_index (action->nodes, unsigned, k)] = 1;
    }
  return nodes;
}

static void
read_file (Fluid *f, unsigned file)
{
  g_autofree uint8_t *registers = shoal_scenario_concerned (f->scenario, SHOAL_ACTION_REGISTER, (int)file);
  g_autofree uint8_t *downloads = shoal_scenario_concerned (f->scenario, SHOAL_ACTION_DOWNLOAD, (int)file);
  g_autofree uint8_t *sure = sure_to_download (f->scenario, file);
  f->files[file].start = SHOAL_NEVER;
  for (unsigned i = 0; i < f->scenario->nodes->len; i++)
    {
      f->nodes[i].takes_part |= registers[i] || downloads[i];
      if (registers[i])
        note_registrant (f, file, i);
      if (!sure[i] || registers[i])
        continue;
      f->files[file].wanted++;
      f->nodes[i].wanted_bytes =
          sum (f->nodes[i].wanted_bytes, shoal_scenario_file (f->scenario, file)->size_bytes);
    }
  if (f->files[file].wanted > 0 && f->files[file].registrants == 1)
    {
      Node *lone = &f->nodes[f->files[file].last_registrant];
      lone->lone_bytes = sum (lone->lone_bytes, shoal_scenario_file (f->scenario, file)->size_bytes);
    }
  read_starts (f, file);
}

/* How much later than the first download this one starts, as far as that is sure. */
static ShoalTime
lag (const Fluid *f, ShoalTime start, bool waits)
{
  return waits || start == SHOAL_NEVER ? 0 : start - f->start;
}

static ShoalTime
bound_by_nodes (const Fluid *f)
{
  ShoalTime bound = 0;
  for (unsigned i = 0; i < f->scenario->nodes->len; i++)
    {
      const Node *node = &f->nodes[i];
      ShoalTime start = node->wanted_bytes > 0 ? lag (f, node->start, node->waits) : 0;
      bound = MAX (bound, start + duration (node->wanted_bytes, node->download));
      bound = MAX (bound, duration (node->lone_bytes, node->upload));
    }
  return bound;
}

static ShoalTime
bound_by_files (const Fluid *f)
{
  ShoalTime bound = 0;
  for (unsigned i = 0; i < f->scenario->files->len; i++)
    {
      const File *file = &f->files[i];
      if (file->wanted > 0 && file->registered_upload > 0)
        bound = MAX (bound, lag (f, file->start, file->waits)
                                + duration (shoal_scenario_file (f->scenario, i)->size_bytes,
                                            file->registered_upload));
    }
  return bound;
}

static ShoalTime
bound_by_uploads (const Fluid *f)
{
  uint64_t upload = 0, wanted = 0;
  for (unsigned i = 0; i < f->scenario->nodes->len; i++)
    {
      wanted = sum (wanted, f->nodes[i].wanted_bytes);
      if (f->nodes[i].takes_part)
        upload = sum (upload, f->nodes[i].upload);
    }
  return wanted > 0 ? duration (wanted, upload) : 0;
}

ShoalTime
shoal_scenario_bound (const ShoalScenario *scenario)
{
  Fluid f = { .scenario = scenario, .start = SHOAL_NEVER };
  f.nodes = g_new0 (Node, scenario->nodes->len);
  f.files = g_new0 (File, scenario->files->len + 1);
  read_rates (&f);
  for (unsigned i = 0; i < scenario->files->len; i++)
    read_file (&f, i);
  ShoalTime bound = MAX (bound_by_nodes (&f), MAX (bound_by_files (&f), bound_by_uploads (&f)));
  g_free (f.nodes);
  g_free (f.files);
  return bound > 0 ? bound : SHOAL_NO_BOUND;
}
