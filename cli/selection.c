#include "cli/selection.h"

#include "cli/cli.h"
#include "cli/scenario-file.h"

#include <string.h>

#define MAX_RUNS 1000000u

void
shoal_selection_words_clear (ShoalSelectionWords *words)
{
  g_free (words->model);
  g_free (words->strategy);
  g_free (words->seed);
  g_free (words->seeds);
  g_free (words->rate_factor);
}

static bool
read_model (ShoalSelection *s, const char *command, const char *typed)
{
  const char *model = typed != NULL ? typed : "p2p";
  s->both = strcmp (model, "both") == 0;
  s->model = strcmp (model, "server-client") == 0 ? SHOAL_MODEL_SERVER_CLIENT : SHOAL_MODEL_P2P;
  if (s->both || strcmp (model, shoal_model_name (s->model)) == 0)
    return true;
  shoal_complain_usage (command, "--model %s: expected p2p, server-client or both", model);
  return false;
}

/* "none,tit-for-tat". */
static bool
read_strategies (ShoalSelection *s, const char *command, const char *typed)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = g_strsplit (typed != NULL ? typed : "", ",", -1);
  s->strategies = g_ptr_array_new ();
  for (unsigned i = 0; names[i] != NULL; i++)
    {
      const ShoalStrategy *strategy = shoal_parse_strategy_name (g_strstrip (names[i]), &error);
      if (strategy == NULL || g_ptr_array_find (s->strategies, strategy, NULL))
        {
          shoal_complain_usage (command, "--strategy %s: %s", typed,
                                strategy == NULL ? error->message : "each strategy once");
          return false;
        }
      g_ptr_array_add (s->strategies, (gpointer)strategy);
    }
  if (typed == NULL)
    g_ptr_array_add (s->strategies, NULL);
  if (typed == NULL || s->both || s->model == SHOAL_MODEL_P2P)
    return true;
  shoal_complain_usage (command, "--strategy is for P2P: in the server-client model there is none");
  return false;
}

static bool
read_seed_range (ShoalSelection *s, const char *command, const char *typed)
{
  g_auto (GStrv) ends = g_strsplit (typed, "..", 2);
  if (g_strv_length (ends) == 2 && shoal_parse_number (ends[0], 0, INT64_MAX, &s->first_seed)
      && shoal_parse_number (ends[1], s->first_seed, INT64_MAX, &s->last_seed)
      && s->last_seed - s->first_seed < MAX_RUNS)
    return true;
  shoal_complain_usage (
      command, "--seeds %s: expected the first and the last, as in 1..20 (at most a million)", typed);
  return false;
}

static bool
read_seeds (ShoalSelection *s, const char *command, const ShoalSelectionWords *words)
{
  s->first_seed = s->last_seed = 1;
  if (words->seed != NULL && words->seeds != NULL)
    shoal_complain_usage (command, "--seed and --seeds exclude each other");
  else if (words->seeds != NULL)
    return read_seed_range (s, command, words->seeds);
  else if (words->seed != NULL && !shoal_parse_number (words->seed, 0, INT64_MAX, &s->first_seed))
    shoal_complain_usage (command, "--seed %s: expected a whole number from 0 to 9223372036854775807",
                          words->seed);
  else
    {
      s->last_seed = s->first_seed;
      return true;
    }
  return false;
}

bool
shoal_selection_read (ShoalSelection *s, const char *command, const ShoalSelectionWords *words)
{
  if (!read_model (s, command, words->model) || !read_strategies (s, command, words->strategy)
      || !read_seeds (s, command, words))
    return false;
  if (shoal_parse_rate_factor (words->rate_factor, &s->rate_factor))
    return true;
  shoal_complain_usage (command, "--rate-factor %s: expected a number from 0.000001 to 1000000, such as 10",
                        words->rate_factor);
  return false;
}

static int
load_all (ShoalSelection *s, int count, char **typed)
{
  int worst = SHOAL_EXIT_DONE;
  s->scenarios = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_scenario_free);
  for (int i = 0; i < count; i++)
    {
      int status;
      ShoalScenario *scenario = shoal_find_scenario (typed[i], s->rate_factor, &status);
      if (scenario != NULL)
        g_ptr_array_add (s->scenarios, scenario);
      worst = MAX (worst, status);
    }
  return worst;
}

int
shoal_selection_load (ShoalSelection *s, const char *command, int count, char **typed)
{
  if (count == 0)
    {
      g_autofree char *names = shoal_scenario_names ();
      return shoal_complain_usage (command, "which scenario? Name a file, or a shipped one (%s)", names);
    }
  int status = load_all (s, count, typed);
  uint64_t seeds = s->last_seed - s->first_seed + 1;
  if (status == SHOAL_EXIT_DONE && s->scenarios->len * seeds * shoal_selection_group (s) > MAX_RUNS)
    return shoal_complain_usage (command, "that would be more than %u runs", MAX_RUNS);
  return status;
}

void
shoal_selection_clear (ShoalSelection *s)
{
  g_clear_pointer (&s->scenarios, g_ptr_array_unref);
  g_clear_pointer (&s->strategies, g_ptr_array_unref);
}

unsigned
shoal_selection_group (const ShoalSelection *s)
{
  return s->strategies->len + (s->both ? 1 : 0);
}

unsigned
shoal_selection_count (const ShoalSelection *s)
{
  return (unsigned)(s->scenarios->len * (s->last_seed - s->first_seed + 1) * shoal_selection_group (s));
}

ShoalJob
shoal_selection_job (const ShoalSelection *s, unsigned i)
{
  unsigned group = shoal_selection_group (s), within = i % group;
  uint64_t seeds = s->last_seed - s->first_seed + 1, number = i / group;
  bool p2p = s->both ? within < s->strategies->len : s->model == SHOAL_MODEL_P2P;
  return (ShoalJob){
    .scenario = g_ptr_array_index (s->scenarios, number / seeds),
    .seed = s->first_seed + number % seeds,
    .model = p2p ? SHOAL_MODEL_P2P : SHOAL_MODEL_SERVER_CLIENT,
    .strategy = p2p ? g_ptr_array_index (s->strategies, within) : NULL,
  };
}
