/* The points of a study: every choice of values, with the scenario that it makes; and what they cost. */
#include "scenarios/study-internal.h"
#include "scenarios/study.h"
#include "scenarios/units.h"

#include <string.h>

/* What stands for each name at one point. */
typedef struct {
  GHashTable *values; /* name -> value; both borrowed */
  GHashTable *used;   /* set of names */
} Choice;

typedef struct {
  ShoalStudy *study;
  const char *text, *origin; /* of the scenario, with places for values */
  const char *known;         /* names that may stand there */
  Choice choice;
  GError **error;
} Maker;

static const ShoalStudyParameter *
nth (const GPtrArray *parameters, unsigned i)
{
  return g_ptr_array_index (parameters, i);
}

static const char *
look_up (void *context, const char *name)
{
  Choice *choice = context;
  const char *key, *value;
  if (!g_hash_table_lookup_extended (choice->values, name, (void **)&key, (void **)&value))
    return NULL;
  g_hash_table_add (choice->used, (void *)key);
  return value;
}

/* The names that the scenario may use. */
static char *
list_names (const ShoalStudy *study)
{
  GString *names = g_string_new (NULL);
  for (unsigned i = 0; i < study->parameters->len; i++)
    {
      const ShoalStudyParameter *parameter = nth (study->parameters, i);
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", parameter->name);
      for (unsigned k = 0; k < parameter->with->len; k++)
        g_string_append_printf (names, ", %s", nth (parameter->with, k)->name);
    }
  return g_string_free (names, FALSE);
}

/* Point number `number`: the last parameter changes first. */
static ShoalStudyPoint *
make_point (const ShoalStudy *study, unsigned number, Choice *choice)
{
  ShoalStudyPoint *point = g_new0 (ShoalStudyPoint, 1);
  point->values = g_ptr_array_new ();
  g_ptr_array_set_size (point->values, (int)study->parameters->len);
  for (unsigned i = study->parameters->len; i-- > 0;)
    {
      const ShoalStudyParameter *parameter = nth (study->parameters, i);
      unsigned at = number % parameter->values->len;
      number /= parameter->values->len;
      point->values->pdata[i] = g_ptr_array_index (parameter->values, at);
      g_hash_table_insert (choice->values, parameter->name, point->values->pdata[i]);
      for (unsigned k = 0; k < parameter->with->len; k++)
        {
          const ShoalStudyParameter *with = nth (parameter->with, k);
          g_hash_table_insert (choice->values, with->name, g_ptr_array_index (with->values, at));
        }
    }
  return point;
}

char *
shoal_study_point_name (const ShoalStudy *study, const ShoalStudyPoint *point)
{
  GString *name = g_string_new (NULL);
  for (unsigned i = 0; i < study->parameters->len; i++)
    g_string_append_printf (name, "%s%s %s", i > 0 ? ", " : "", nth (study->parameters, i)->name,
                            (const char *)g_ptr_array_index (point->values, i));
  return g_string_free (name, FALSE);
}

static bool
load_point (Maker *m, ShoalStudyPoint *point)
{
  const ShoalPlaceholders placeholders = { look_up, &m->choice, m->known };
  g_autofree char *text = shoal_study_fill (m->text, m->origin, &placeholders, m->error);
  if (text == NULL)
    return false;
  g_autoptr (GError) why = NULL;
  point->scenario = shoal_scenario_parse (text, strlen (text), m->origin, &why);
  if (point->scenario == NULL)
    {
      g_autofree char *name = shoal_study_point_name (m->study, point);
      g_set_error (m->error, why->domain, why->code, "%s (with %s)", why->message, name);
      return false;
    }
  point->resolved = shoal_scenario_resolve (point->scenario, NULL);
  point->setting = shoal_scenario_setting (point->scenario);
  return true;
}

static bool
is_used (const Maker *m, const ShoalStudyParameter *parameter)
{
  bool used = g_hash_table_contains (m->choice.used, parameter->name);
  for (unsigned i = 0; i < parameter->with->len; i++)
    used |= g_hash_table_contains (m->choice.used, nth (parameter->with, i)->name);
  return used;
}

static bool
fail (Maker *m, unsigned parameter, const char *what)
{
  g_set_error (m->error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE, "%s: parameters[%u]: %s",
               m->study->origin, parameter, what);
  return false;
}

static bool
load_points (Maker *m, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    {
      ShoalStudyPoint *point = make_point (m->study, i, &m->choice);
      g_ptr_array_add (m->study->points, point);
      if (!load_point (m, point))
        return false;
    }
  for (unsigned i = 0; i < m->study->parameters->len; i++)
    {
      const ShoalStudyParameter *parameter = nth (m->study->parameters, i);
      g_autofree char *what = g_strdup_printf ("'${%s}' stands nowhere in the scenario", parameter->name);
      if (!is_used (m, parameter))
        return fail (m, i, what);
    }
  return true;
}

/* 0: too many. */
static unsigned
count_points (const ShoalStudy *study)
{
  uint64_t seeds = study->last_seed - study->first_seed + 1;
  uint64_t cells = (study->p2p && study->server_client ? 2 : 1) * MIN (seeds, SHOAL_MAX_STUDY_CELLS + 1),
           points = 1;
  for (unsigned i = 0; i < study->parameters->len && points * cells <= SHOAL_MAX_STUDY_CELLS; i++)
    points *= nth (study->parameters, i)->values->len;
  return points * cells <= SHOAL_MAX_STUDY_CELLS ? (unsigned)points : 0;
}

bool
shoal_study_make_points (ShoalStudy *study, const char *text, const char *origin, GError **error)
{
  g_autofree char *known = list_names (study);
  Maker m = { .study = study, .text = text, .origin = origin, .known = known, .error = error };
  unsigned count = count_points (study);
  if (count == 0)
    return fail (&m, 0, "with all values and seeds that would be more than 100000 runs");
  m.choice.values = g_hash_table_new (g_str_hash, g_str_equal);
  m.choice.used = g_hash_table_new (g_str_hash, g_str_equal);
  bool ok = load_points (&m, count);
  g_hash_table_unref (m.choice.values);
  g_hash_table_unref (m.choice.used);
  return ok;
}

/* Microseconds of a processor that a block takes, when so many nodes get the file (measured from 1 to 1,000): peers talk
 * to more and more others, up to some two dozen; a server has more and more that wait. */
static double
block_cost (ShoalModel model, double nodes)
{
  return model == SHOAL_MODEL_P2P ? 2.5 + MIN (nodes / 4, 35) : 2.3 + nodes / 50;
}

double
shoal_scenario_cost (const ShoalScenario *scenario, ShoalModel model)
{
  double cost = 1;
  for (unsigned i = 0; i < scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (scenario, i);
      double nodes = action->nodes->len;
      for (unsigned k = 0; action->kind == SHOAL_ACTION_DOWNLOAD && k < action->files->len; k++)
        {
          unsigned file = g_array_index (action->files, unsigned, k);
          double blocks = 1 + (double)shoal_scenario_file (scenario, file)->size_bytes / SHOAL_BLOCK_BYTES;
          cost += nodes * blocks * block_cost (model, nodes);
        }
    }
  return cost;
}

const char *
shoal_study_number (const char *value, double *number)
{
  uint64_t whole = 0;
  int64_t ratio = 0;
  if (shoal_parse_ratio (value, &ratio, NULL) && (*number = (double)ratio / SHOAL_ONE, true))
    return "";
  if (shoal_parse_percent (value, &ratio, NULL) && (*number = (double)ratio * 100 / SHOAL_ONE, true))
    return "%";
  if (shoal_parse_size (value, &whole, NULL) && (*number = (double)whole, true))
    return "B";
  if (shoal_parse_rate (value, &whole, NULL) && (*number = (double)whole, true))
    return "B/s";
  if (shoal_parse_time (value, &ratio, NULL) && (*number = (double)ratio / 1e9, true))
    return "s";
  return NULL;
}
