#include "cli/node-words.h"

#include "real/address.h"
#include "scenarios/scenario.h"
#include "scenarios/units.h"

static bool
read_rate (const char *command, const char *option, const char *typed, uint64_t *bytes_per_s)
{
  g_autoptr (GError) error = NULL;
  if (typed == NULL || shoal_parse_rate (typed, bytes_per_s, &error))
    return true;
  shoal_complain_usage (command, "--%s: %s", option, error->message);
  return false;
}

static bool
read_port (const char *command, const char *typed, uint16_t *port)
{
  guint64 number = *port;
  if (typed != NULL && !shoal_parse_number (typed, 0, UINT16_MAX, &number))
    {
      shoal_complain_usage (command, "--port %s: expected a number from 0 (any free port) to 65535", typed);
      return false;
    }
  *port = (uint16_t)number;
  return true;
}

static bool
read_strategy (const char *command, const char *typed)
{
  g_autoptr (GError) error = NULL;
  if (typed == NULL || shoal_parse_strategy_name (typed, &error) != NULL)
    return true;
  shoal_complain_usage (command, "--strategy: %s", error->message);
  return false;
}

bool
shoal_node_words_read (const ShoalNodeWords *words, const char *command, uint16_t default_port,
                       ShoalNodeSetup *setup)
{
  *setup = (ShoalNodeSetup){ .port = default_port, .bind = words->bind, .strategy = words->strategy };
  return read_strategy (command, words->strategy) && read_port (command, words->port, &setup->port)
         && read_rate (command, "upload", words->upload, &setup->upload_bytes_per_s)
         && read_rate (command, "download", words->download, &setup->download_bytes_per_s);
}

char *
shoal_node_words_tracker (const ShoalNodeWords *words, const char *magnet)
{
  const char *usual = g_getenv ("SHOAL_TRACKER");
  g_auto (GStrv) own = shoal_magnet_trackers (magnet != NULL ? magnet : "");
  if (words->tracker != NULL)
    return g_strdup (words->tracker);
  if (own[0] != NULL)
    return g_strdup (own[0]);
  return g_strdup (usual != NULL && *usual != '\0' ? usual : SHOAL_TRACKER_DEFAULT);
}

void
shoal_node_words_clear (ShoalNodeWords *words)
{
  char *all[] = { words->tracker, words->strategy, words->port, words->bind, words->upload, words->download };
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}
