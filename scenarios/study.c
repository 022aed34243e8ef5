#include "scenarios/study.h"

#include "scenarios/study-internal.h"
#include "scenarios/units.h"
#include "scenarios/words.h"
#include "scenarios/yaml.h"

#include <string.h>

#define MAX_STUDY_BYTES (4u << 20)

/* --- the document ----------------------------------------------------------------------------- */

typedef struct {
  char *name;
  char **values;
  unsigned values_count;
} RawCompanion;

typedef struct {
  char *name;
  char **values, **quick;
  unsigned values_count, quick_count;
  RawCompanion *with;
  unsigned with_count;
} RawParameter;

typedef struct {
  char *name, *description, *x, *model, *seeds;
  char *scenario; /* a file; empty: the lines below the key are it */
  char **figures;
  unsigned figures_count;
  RawParameter *parameters;
  unsigned parameters_count;
} RawStudy;

static const cyaml_schema_value_t text_entry = { CYAML_VALUE_STRING (CYAML_FLAG_POINTER, char *, 0,
                                                                     CYAML_UNLIMITED) };

static const cyaml_schema_field_t companion_fields[] = {
  SHOAL_YAML_TEXT ("name", RawCompanion, name),
  SHOAL_YAML_LIST ("values", RawCompanion, values, &text_entry),
  CYAML_FIELD_END,
};
static const cyaml_schema_value_t companion_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawCompanion,
                                                                           companion_fields) };

static const cyaml_schema_field_t parameter_fields[] = {
  SHOAL_YAML_TEXT ("name", RawParameter, name),
  SHOAL_YAML_LIST ("values", RawParameter, values, &text_entry),
  SHOAL_YAML_LIST ("quick", RawParameter, quick, &text_entry),
  SHOAL_YAML_LIST ("with", RawParameter, with, &companion_entry),
  CYAML_FIELD_END,
};
static const cyaml_schema_value_t parameter_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawParameter,
                                                                           parameter_fields) };

static const cyaml_schema_field_t study_fields[] = {
  SHOAL_YAML_TEXT ("name", RawStudy, name),
  SHOAL_YAML_TEXT ("description", RawStudy, description),
  SHOAL_YAML_LIST ("parameters", RawStudy, parameters, &parameter_entry),
  SHOAL_YAML_TEXT ("x", RawStudy, x),
  SHOAL_YAML_LIST ("figures", RawStudy, figures, &text_entry),
  SHOAL_YAML_TEXT ("model", RawStudy, model),
  SHOAL_YAML_TEXT ("seeds", RawStudy, seeds),
  SHOAL_YAML_TEXT ("scenario", RawStudy, scenario),
  CYAML_FIELD_END,
};
static const cyaml_schema_value_t study_schema = { CYAML_VALUE_MAPPING (CYAML_FLAG_POINTER, RawStudy,
                                                                        study_fields) };
static const ShoalYaml yaml = { &study_schema, "study", "name, parameters, scenario …" };

/* --- from it to the study --------------------------------------------------------------------- */

typedef struct {
  ShoalStudy *study;
  const RawStudy *raw;
  bool quick;
  char *text;   /* of the scenario, with places for values */
  char *origin; /* of that text */
  GError **error;
} Parser;

/* Sets the error, with the file and the place; false. */
static bool G_GNUC_PRINTF (3, 4) fail (Parser *p, const char *place, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (p->error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE, "%s: %s: %s", p->study->origin,
               place, what);
  return false;
}

static ShoalStudyParameter *
parameter_new (const char *name)
{
  ShoalStudyParameter *parameter = g_new0 (ShoalStudyParameter, 1);
  parameter->name = g_strdup (name);
  parameter->values = g_ptr_array_new_with_free_func (g_free);
  return parameter;
}

static void
free_parameter (void *data)
{
  ShoalStudyParameter *parameter = data;
  g_free (parameter->name);
  g_ptr_array_unref (parameter->values);
  g_clear_pointer (&parameter->with, g_ptr_array_unref);
  g_free (parameter);
}

static void
free_point (void *data)
{
  ShoalStudyPoint *point = data;
  g_ptr_array_unref (point->values);
  shoal_scenario_free (point->scenario);
  g_free (point->resolved);
  g_free (point->setting);
  g_free (point);
}

void
shoal_study_free (ShoalStudy *study)
{
  if (study == NULL)
    return;
  g_free (study->name);
  g_free (study->description);
  g_free (study->origin);
  g_free (study->x);
  g_ptr_array_unref (study->points);
  g_ptr_array_unref (study->parameters);
  g_ptr_array_unref (study->figures);
  g_free (study);
}

static ShoalStudy *
study_new (const char *origin)
{
  ShoalStudy *study = g_new0 (ShoalStudy, 1);
  study->origin = g_strdup (origin);
  study->parameters = g_ptr_array_new_with_free_func (free_parameter);
  study->figures = g_ptr_array_new_with_free_func (g_free);
  study->points = g_ptr_array_new_with_free_func (free_point);
  return study;
}

static const ShoalStudyParameter *
nth_parameter (const ShoalStudy *study, unsigned i)
{
  return g_ptr_array_index (study->parameters, i);
}

/* The list's place for a text; -1: it is not there. */
static int
find_text (char *const *list, unsigned count, const char *text)
{
  for (unsigned i = 0; i < count; i++)
    if (strcmp (list[i], text) == 0)
      return (int)i;
  return -1;
}

static bool
is_taken (const ShoalStudy *study, const char *name)
{
  for (unsigned i = 0; i < study->parameters->len; i++)
    {
      const ShoalStudyParameter *parameter = nth_parameter (study, i);
      if (strcmp (parameter->name, name) == 0)
        return true;
      for (unsigned k = 0; parameter->with != NULL && k < parameter->with->len; k++)
        if (strcmp (((const ShoalStudyParameter *)g_ptr_array_index (parameter->with, k))->name, name) == 0)
          return true;
    }
  return false;
}

static bool
check_name (Parser *p, const char *place, const char *name)
{
  if (name == NULL)
    return fail (p, place, "the name is missing");
  if (!shoal_scenario_title_valid (name) || strchr (name, '.') != NULL)
    return fail (p, place, "'%s' cannot be a name: letters, digits, '_' and '-', at most 64", name);
  return !is_taken (p->study, name) || fail (p, place, "there are two parameters '%s'", name);
}

static bool
check_values (Parser *p, const char *place, char *const *values, unsigned count)
{
  if (count == 0)
    return fail (p, place, "there are no values; say for example 'values: [1, 10, 100]'");
  for (unsigned i = 0; i < count; i++)
    if (strpbrk (values[i], "\r\n") != NULL)
      return fail (p, place, "value %u has more than one line", i);
    else if (*values[i] == '\0')
      return fail (p, place, "value %u is empty", i);
  return true;
}

/* Which of the parameter's values are played: their places in the list. */
static GArray *
choose (Parser *p, const char *place, const RawParameter *raw)
{
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (unsigned));
  bool quick = p->quick && raw->quick_count > 0;
  for (unsigned i = 0; i < raw->quick_count; i++)
    if (find_text (raw->values, raw->values_count, raw->quick[i]) < 0)
      {
        fail (p, place, "quick: '%s' is none of the values", raw->quick[i]);
        return NULL;
      }
  for (unsigned i = 0; i < raw->values_count; i++)
    {
      if (find_text (raw->values, i, raw->values[i]) >= 0)
        {
          fail (p, place, "the value '%s' is there twice", raw->values[i]);
          return NULL;
        }
      if (!quick || find_text (raw->quick, raw->quick_count, raw->values[i]) >= 0)
        g_array_append_val (chosen, i);
    }
  return g_steal_pointer (&chosen);
}

static void
take (ShoalStudyParameter *parameter, char *const *values, const GArray *chosen)
{
  for (unsigned i = 0; i < chosen->len; i++)
    g_ptr_array_add (parameter->values, g_strdup (values[g_array_index (chosen, unsigned, i)]));
}

static bool
parse_companion (Parser *p, const char *place, const RawParameter *raw, const RawCompanion *companion,
                 const GArray *chosen, ShoalStudyParameter *parameter)
{
  if (!check_name (p, place, companion->name)
      || !check_values (p, place, companion->values, companion->values_count))
    return false;
  if (companion->values_count != raw->values_count)
    return fail (p, place, "'%s' has %u values, but '%s', with which it goes, has %u", companion->name,
                 companion->values_count, raw->name, raw->values_count);
  ShoalStudyParameter *with = parameter_new (companion->name);
  take (with, companion->values, chosen);
  g_ptr_array_add (parameter->with, with);
  return true;
}

static bool
parse_parameter (Parser *p, unsigned i)
{
  const RawParameter *raw = &p->raw->parameters[i];
  g_autofree char *place = g_strdup_printf ("parameters[%u]", i);
  if (!check_name (p, place, raw->name) || !check_values (p, place, raw->values, raw->values_count))
    return false;
  g_autoptr (GArray) chosen = choose (p, place, raw);
  if (chosen == NULL)
    return false;
  ShoalStudyParameter *parameter = parameter_new (raw->name);
  parameter->with = g_ptr_array_new_with_free_func (free_parameter);
  take (parameter, raw->values, chosen);
  g_ptr_array_add (p->study->parameters, parameter);
  for (unsigned k = 0; k < raw->with_count; k++)
    {
      g_autofree char *within = g_strdup_printf ("%s.with[%u]", place, k);
      if (!parse_companion (p, within, raw, &raw->with[k], chosen, parameter))
        return false;
    }
  return true;
}

static bool
parse_seeds (Parser *p)
{
  ShoalStudy *study = p->study;
  const char *text = p->raw->seeds != NULL ? p->raw->seeds : "1";
  g_auto (GStrv) ends = g_strsplit (text, "..", 2);
  const char *last = ends[0] != NULL && ends[1] != NULL ? ends[1] : ends[0];
  if (last == NULL || !g_ascii_string_to_unsigned (ends[0], 10, 0, INT64_MAX, &study->first_seed, NULL)
      || !g_ascii_string_to_unsigned (last, 10, study->first_seed, INT64_MAX, &study->last_seed, NULL))
    return fail (p, "seeds", "'%s' is neither a seed, as 1, nor the first and the last, as 1..5", text);
  if (p->quick)
    study->last_seed = study->first_seed;
  return true;
}

static bool
parse_model (Parser *p)
{
  const char *text = p->raw->model != NULL ? p->raw->model : "p2p";
  bool both = strcmp (text, "both") == 0;
  p->study->p2p = both || strcmp (text, shoal_model_name (SHOAL_MODEL_P2P)) == 0;
  p->study->server_client = both || strcmp (text, shoal_model_name (SHOAL_MODEL_SERVER_CLIENT)) == 0;
  return p->study->p2p || p->study->server_client
         || fail (p, "model", "'%s' is neither 'p2p' nor 'server-client' nor 'both'", text);
}

static bool
parse_figures (Parser *p)
{
  static const char *const usual[] = { "stretch", "makespan", "mean" };
  for (unsigned i = 0; i < p->raw->figures_count; i++)
    g_ptr_array_add (p->study->figures, g_strdup (p->raw->figures[i]));
  if (p->raw->figures_count > 0)
    return true;
  if (p->study->p2p && p->study->server_client)
    g_ptr_array_add (p->study->figures, g_strdup ("speed-up"));
  for (unsigned i = 0; i < G_N_ELEMENTS (usual); i++)
    g_ptr_array_add (p->study->figures, g_strdup (usual[i]));
  return true;
}

static bool
parse_x (Parser *p)
{
  GString *names = g_string_new (NULL);
  const char *x = p->raw->x != NULL ? p->raw->x : nth_parameter (p->study, 0)->name;
  bool found = false;
  for (unsigned i = 0; i < p->study->parameters->len; i++)
    {
      const char *name = nth_parameter (p->study, i)->name;
      found |= strcmp (name, x) == 0;
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
  p->study->x = g_strdup (x);
  if (!found)
    fail (p, "x", "there is no parameter '%s'; there are: %s", x, names->str);
  g_string_free (names, TRUE);
  return found;
}

static bool
parse_head (Parser *p)
{
  const RawStudy *raw = p->raw;
  if (raw->name == NULL)
    return fail (p, "name", "it is missing");
  if (!shoal_scenario_title_valid (raw->name))
    return fail (p, "name", "'%s' cannot be a name: letters, digits, '_', '-' and '.', at most 64",
                 raw->name);
  p->study->name = g_strconcat (raw->name, p->quick ? "-quick" : "", NULL);
  p->study->description = g_strstrip (g_strdup (raw->description != NULL ? raw->description : ""));
  if (raw->parameters_count == 0)
    return fail (p, "parameters",
                 "there are none; say for example 'parameters: [{name: peers, values: [1, 10]}]'");
  for (unsigned i = 0; i < raw->parameters_count; i++)
    if (!parse_parameter (p, i))
      return false;
  return parse_x (p) && parse_seeds (p) && parse_model (p) && parse_figures (p);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool
read_file (const char *path, const char *what, char **text, GError **error)
{
  g_autoptr (GError) why = NULL;
  size_t length = 0;
  if (!g_file_get_contents (path, text, &length, &why))
    g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO, "cannot read the %s: %s", what,
                 why->message);
  else if (length > MAX_STUDY_BYTES || strlen (*text) != length)
    g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO, "%s: %s is no %s", path,
                 length > MAX_STUDY_BYTES ? "more than 4 MiB" : "a file with zero bytes", what);
  else
    return true;
  return false;
}

/* The scenario's text: the lines below the key, or a file of its own. */
static bool
find_scenario (Parser *p, const char *below)
{
  const char *file = p->raw->scenario;
  g_autofree char *folder = g_path_get_dirname (p->study->origin);
  g_autofree char *bare = g_strstrip (g_strdup (below));
  if (file == NULL)
    return fail (p, "scenario", "it is missing: a scenario, indented, or the name of a file with one");
  if (*file == '\0' && *bare == '\0')
    return fail (p, "scenario",
                 "expected a scenario in the lines below, indented, or the name of a file with one");
  if (*file == '\0')
    {
      p->text = g_strdup (below);
      p->origin = g_strdup (p->study->origin);
      return true;
    }
  p->origin = g_path_is_absolute (file) || strcmp (folder, ".") == 0 ? g_strdup (file)
                                                                     : g_build_filename (folder, file, NULL);
  return read_file (p->origin, "scenario", &p->text, p->error);
}

ShoalStudy *
shoal_study_parse (const char *text, const char *origin, bool quick, GError **error)
{
  g_autofree char *head = NULL, *below = NULL;
  shoal_study_split (text, &head, &below);
  RawStudy *raw = shoal_yaml_load (&yaml, head, strlen (head), origin, error);
  if (raw == NULL)
    return NULL;
  g_autoptr (GError) own = NULL;
  Parser p = { .study = study_new (origin), .raw = raw, .quick = quick, .error = &own };
  if (!find_scenario (&p, below) || !parse_head (&p)
      || !shoal_study_make_points (p.study, p.text, p.origin, p.error))
    {
      g_clear_pointer (&p.study, shoal_study_free);
      g_propagate_error (error, g_steal_pointer (&own));
    }
  g_free (p.text);
  g_free (p.origin);
  shoal_yaml_free (&yaml, raw);
  return p.study;
}

ShoalStudy *
shoal_study_load (const char *path, bool quick, GError **error)
{
  g_autofree char *text = NULL;
  return read_file (path, "study", &text, error) ? shoal_study_parse (text, path, quick, error) : NULL;
}
