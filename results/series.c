/* Reads the series of studies out of a store. */
#include "results/series.h"

#include "results/store-internal.h"

#include <math.h>
#include <string.h>

#define MEAN_OF "mean of "
#define NO_NUMBER ((double)NAN)

static const char studies_sql[] =
    "SELECT id, name, description, x FROM studies WHERE ?1 IS NULL OR name = ?1 ORDER BY id";
static const char figures_sql[] = "SELECT figure FROM study_figures WHERE study = ? ORDER BY position";
/* One row a parameter, those of a point after each other. */
static const char values_sql[] = "SELECT point, parameter, value, number, unit FROM study_values"
                                 " WHERE study = ? ORDER BY point, position";
static const char cells_sql[] =
    "SELECT point, model, run, error, completed, stretch, speedup, makespan_s, mean_s"
    " FROM study_results WHERE study = ? ORDER BY point, model, seed";
/* Members of a group are called as the group, with a number. */
static const char mean_of_sql[] =
    "SELECT avg (t.end_ns - t.start_ns) / 1e9 FROM transfers t JOIN nodes n ON n.id = t.node"
    " WHERE t.run = ?1 AND t.status = 'done'"
    "   AND (n.name = ?2 OR (n.name GLOB ?2 || '[0-9]*' AND NOT substr (n.name, length (?2) + 1) GLOB "
    "'*[^0-9]*'))";

/* Columns of cells_sql. */
enum {
  POINT,
  MODEL,
  RUN,
  ERROR,
  COMPLETED,
  STRETCH,
  SPEEDUP,
  MAKESPAN,
  MEAN,
};

/* The figures that are a column. */
static const struct {
  const char *name, *key, *unit;
  int column;
} known[] = {
  { "stretch", "stretch", "", STRETCH },
  { "speed-up", "speedup", "", SPEEDUP },
  { "makespan", "makespan_s", "s", MAKESPAN },
  { "mean", "mean_s", "s", MEAN },
};

static int
find_known (const char *figure)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (figure, known[i].name) == 0)
      return (int)i;
  return -1;
}

bool
shoal_figure_is_valid (const char *figure)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (!g_str_has_prefix (figure, MEAN_OF))
    return find_known (figure) >= 0;
  const char *name = figure + strlen (MEAN_OF);
  return *name != '\0' && name[strspn (name, letters)] == '\0';
}

const char *
shoal_figure_unit (const char *figure)
{
  int i = find_known (figure);
  return i >= 0 ? known[i].unit : "s";
}

char *
shoal_figure_key (const char *figure)
{
  int i = find_known (figure);
  if (i >= 0)
    return g_strdup (known[i].key);
  char *key = g_strconcat (figure, "_s", NULL);
  return g_strdelimit (key, " -.", '_');
}

/* --- what is handed out ----------------------------------------------------------------------- */

static void
free_point (void *data)
{
  ShoalSeriesPoint *point = data;
  g_free (point->value);
  g_free (point->figures);
  g_free (point);
}

static void
free_series (void *data)
{
  ShoalSeries *series = data;
  g_free (series->model);
  g_free (series->label);
  g_ptr_array_unref (series->values);
  g_ptr_array_unref (series->points);
  g_free (series);
}

static ShoalStudySeries *
study_new (void)
{
  ShoalStudySeries *study = g_new0 (ShoalStudySeries, 1);
  study->others = g_ptr_array_new_with_free_func (g_free);
  study->figures = g_ptr_array_new_with_free_func (g_free);
  study->series = g_ptr_array_new_with_free_func (free_series);
  return study;
}

void
shoal_study_series_free (ShoalStudySeries *study)
{
  if (study == NULL)
    return;
  g_free (study->study);
  g_free (study->description);
  g_free (study->x);
  g_free (study->x_unit);
  g_ptr_array_unref (study->others);
  g_ptr_array_unref (study->figures);
  g_ptr_array_unref (study->series);
  g_free (study);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A point of the study as its values say it. */
typedef struct {
  char *x;
  double number;
  GPtrArray *others; /* of char * */
} Place;

typedef struct {
  ShoalStore *store;
  ShoalStudySeries *study;
  int64_t id;
  GArray *places;        /* of Place, by point */
  sqlite3_stmt *mean_of; /* prepared */
  GArray **samples;      /* of double, by figure: of the point that is being gathered */
  ShoalSeriesPoint *at;  /* that point; NULL: none yet */
  unsigned at_place;
  const ShoalSeries *at_series;
} Reading;

static void
clear_place (void *data)
{
  Place *place = data;
  g_free (place->x);
  g_ptr_array_unref (place->others);
}

static char *
column_text (sqlite3_stmt *row, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (row, column));
}

static sqlite3_stmt *
prepare (Reading *r, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  sqlite3_prepare_v2 (r->store->db, sql, -1, &statement, NULL);
  if (statement != NULL)
    sqlite3_bind_int64 (statement, 1, r->id);
  return statement;
}

static bool
read_figures (Reading *r)
{
  sqlite3_stmt *row = prepare (r, figures_sql);
  int result = SQLITE_ERROR;
  while (row != NULL && (result = sqlite3_step (row)) == SQLITE_ROW)
    g_ptr_array_add (r->study->figures, column_text (row, 0));
  sqlite3_finalize (row);
  r->samples = g_new (GArray *, r->study->figures->len + 1);
  for (unsigned i = 0; i < r->study->figures->len; i++)
    r->samples[i] = g_array_new (FALSE, FALSE, sizeof (double));
  return result == SQLITE_DONE;
}

/* All values of the axis are numbers of one unit, or it has no numbers. */
static void
take_x (Reading *r, Place *place, sqlite3_stmt *row, bool is_first)
{
  const char *unit = (const char *)sqlite3_column_text (row, 4);
  place->x = column_text (row, 2);
  place->number = unit != NULL ? sqlite3_column_double (row, 3) : NO_NUMBER;
  if (is_first)
    r->study->x_unit = g_strdup (unit);
  else if (g_strcmp0 (r->study->x_unit, unit) != 0)
    g_clear_pointer (&r->study->x_unit, g_free);
}

static void
take_value (Reading *r, sqlite3_stmt *row)
{
  unsigned point = (unsigned)sqlite3_column_int (row, 0);
  while (r->places->len <= point)
    {
      Place empty = { .number = NO_NUMBER, .others = g_ptr_array_new_with_free_func (g_free) };
      g_array_append_val (r->places, empty);
    }
  Place *place = &g_array_index (r->places, Place, point);
  bool is_first = r->places->len == 1;
  const char *parameter = (const char *)sqlite3_column_text (row, 1);
  if (g_strcmp0 (parameter, r->study->x) == 0)
    {
      take_x (r, place, row, is_first);
      return;
    }
  g_ptr_array_add (place->others, column_text (row, 2));
  if (is_first)
    g_ptr_array_add (r->study->others, g_strdup (parameter));
}

static bool
read_values (Reading *r)
{
  sqlite3_stmt *row = prepare (r, values_sql);
  int result = SQLITE_ERROR;
  while (row != NULL && (result = sqlite3_step (row)) == SQLITE_ROW)
    take_value (r, row);
  sqlite3_finalize (row);
  return result == SQLITE_DONE;
}

static bool
is_same_choice (const GPtrArray *a, const GPtrArray *b)
{
  for (unsigned i = 0; i < a->len && i < b->len; i++)
    if (strcmp (g_ptr_array_index (a, i), g_ptr_array_index (b, i)) != 0)
      return false;
  return a->len == b->len;
}

static ShoalSeries *
find_series (Reading *r, const char *model, const GPtrArray *others)
{
  for (unsigned i = 0; i < r->study->series->len; i++)
    {
      ShoalSeries *series = g_ptr_array_index (r->study->series, i);
      if (strcmp (series->model, model) == 0 && is_same_choice (series->values, others))
        return series;
    }
  ShoalSeries *series = g_new0 (ShoalSeries, 1);
  series->model = g_strdup (model);
  series->values = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < others->len; i++)
    g_ptr_array_add (series->values, g_strdup (g_ptr_array_index (others, i)));
  series->points = g_ptr_array_new_with_free_func (free_point);
  g_ptr_array_add (r->study->series, series);
  return series;
}

static void
finish_point (Reading *r)
{
  for (unsigned i = 0; r->at != NULL && i < r->study->figures->len; i++)
    {
      r->at->figures[i] =
          shoal_summary ((const double *)(const void *)r->samples[i]->data, r->samples[i]->len);
      g_array_set_size (r->samples[i], 0);
    }
  r->at = NULL;
}

static void
begin_point (Reading *r, const ShoalSeries *series, unsigned number)
{
  const Place *place = &g_array_index (r->places, Place, number);
  r->at = g_new0 (ShoalSeriesPoint, 1);
  r->at->value = g_strdup (place->x != NULL ? place->x : "");
  r->at->number = r->study->x_unit != NULL ? place->number : NO_NUMBER;
  r->at->figures = g_new0 (ShoalSummary, r->study->figures->len + 1);
  r->at_series = series;
  r->at_place = number;
  g_ptr_array_add (series->points, r->at);
}

/* False: not readable. *value NAN: it has none. */
static bool
read_mean_of (Reading *r, int64_t run, const char *nodes, double *value)
{
  sqlite3_bind_int64 (r->mean_of, 1, run);
  sqlite3_bind_text (r->mean_of, 2, nodes, -1, SQLITE_STATIC);
  bool ok = sqlite3_step (r->mean_of) == SQLITE_ROW;
  if (ok && sqlite3_column_type (r->mean_of, 0) != SQLITE_NULL)
    *value = sqlite3_column_double (r->mean_of, 0);
  sqlite3_reset (r->mean_of);
  return ok;
}

static bool
take_figures (Reading *r, sqlite3_stmt *row)
{
  for (unsigned i = 0; i < r->study->figures->len; i++)
    {
      const char *figure = g_ptr_array_index (r->study->figures, i);
      int k = find_known (figure);
      double value = NO_NUMBER;
      if (k >= 0 && sqlite3_column_type (row, known[k].column) != SQLITE_NULL)
        value = sqlite3_column_double (row, known[k].column);
      else if (k < 0 && g_str_has_prefix (figure, MEAN_OF)
               && !read_mean_of (r, sqlite3_column_int64 (row, RUN), figure + strlen (MEAN_OF), &value))
        return false;
      if (!isnan (value))
        g_array_append_val (r->samples[i], value);
    }
  return true;
}

static bool
take_cell (Reading *r, sqlite3_stmt *row)
{
  unsigned number = (unsigned)sqlite3_column_int (row, POINT);
  if (number >= r->places->len)
    return true; /* somebody's own rows: no values */
  const GPtrArray *others = g_array_index (r->places, Place, number).others;
  const ShoalSeries *series = find_series (r, (const char *)sqlite3_column_text (row, MODEL), others);
  if (r->at == NULL || r->at_series != series || r->at_place != number)
    {
      finish_point (r);
      begin_point (r, series, number);
    }
  bool is_played = sqlite3_column_type (row, RUN) != SQLITE_NULL;
  bool is_failed = !is_played && sqlite3_column_type (row, ERROR) != SQLITE_NULL;
  r->at->cells++;
  r->at->played += is_played;
  r->at->failed += is_failed;
  r->at->incomplete += is_played && !sqlite3_column_int (row, COMPLETED);
  r->study->cells++;
  r->study->played += is_played;
  r->study->failed += is_failed;
  return !is_played || take_figures (r, row);
}

static bool
read_cells (Reading *r)
{
  sqlite3_stmt *row = NULL;
  int result = SQLITE_ERROR;
  sqlite3_prepare_v2 (r->store->db, cells_sql, -1, &row, NULL);
  if (row != NULL)
    sqlite3_bind_text (row, 1, r->study->study, -1, SQLITE_STATIC);
  while (row != NULL && (result = sqlite3_step (row)) == SQLITE_ROW)
    if (!take_cell (r, row))
      break;
  sqlite3_finalize (row);
  finish_point (r);
  return result == SQLITE_DONE;
}

/* --- labels ----------------------------------------------------------------------------------- */

static bool
has_two_models (const ShoalStudySeries *study)
{
  for (unsigned i = 1; i < study->series->len; i++)
    if (strcmp (((const ShoalSeries *)g_ptr_array_index (study->series, 0))->model,
                ((const ShoalSeries *)g_ptr_array_index (study->series, i))->model)
        != 0)
      return true;
  return false;
}

static void
label (const ShoalStudySeries *study)
{
  bool with_model = has_two_models (study) || study->others->len == 0;
  for (unsigned i = 0; i < study->series->len; i++)
    {
      ShoalSeries *series = g_ptr_array_index (study->series, i);
      GString *text = g_string_new (with_model ? series->model : NULL);
      for (unsigned k = 0; k < series->values->len && k < study->others->len; k++)
        g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "",
                                (const char *)g_ptr_array_index (study->others, k),
                                (const char *)g_ptr_array_index (series->values, k));
      series->label = g_string_free (text, FALSE);
    }
}

static void
end_reading (Reading *r)
{
  for (unsigned i = 0; r->samples != NULL && i < r->study->figures->len; i++)
    g_array_unref (r->samples[i]);
  g_free (r->samples);
  g_array_unref (r->places);
  sqlite3_finalize (r->mean_of);
}

/* NULL: not readable. */
static ShoalStudySeries *
read_study (ShoalStore *store, sqlite3_stmt *row)
{
  Reading r = { .store = store, .study = study_new (), .id = sqlite3_column_int64 (row, 0) };
  r.study->study = column_text (row, 1);
  r.study->description = column_text (row, 2);
  r.study->x = column_text (row, 3);
  r.places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_array_set_clear_func (r.places, clear_place);
  sqlite3_prepare_v2 (store->db, mean_of_sql, -1, &r.mean_of, NULL);
  bool ok = r.mean_of != NULL && read_figures (&r) && read_values (&r) && read_cells (&r);
  end_reading (&r);
  if (ok)
    label (r.study);
  else
    g_clear_pointer (&r.study, shoal_study_series_free);
  return r.study;
}

GPtrArray *
shoal_store_list_studies (ShoalStore *store, const char *name, GError **error)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_study_series_free);
  sqlite3_stmt *row = NULL;
  int result = SQLITE_ERROR;
  sqlite3_prepare_v2 (store->db, studies_sql, -1, &row, NULL);
  if (row != NULL)
    sqlite3_bind_text (row, 1, name, -1, SQLITE_STATIC);
  while (row != NULL && (result = sqlite3_step (row)) == SQLITE_ROW)
    {
      ShoalStudySeries *study = read_study (store, row);
      if (study == NULL)
        break;
      g_ptr_array_add (out, study);
    }
  if (result != SQLITE_DONE)
    shoal_store_set_error (error, store->db, store->path, "could not be read");
  sqlite3_finalize (row);
  return result == SQLITE_DONE ? g_steal_pointer (&out) : NULL;
}
