#include "scenarios/units.h"

#include "scenarios/error.h"

/* A number of 18 digits times the largest factor (2^60) needs 120 bits. */
__extension__ typedef unsigned __int128 Wide;

#define MAX_DIGITS 18

typedef struct {
  const char *name;
  uint64_t factor;  /* of the base unit … */
  uint64_t divisor; /* … divided by this */
} Unit;

typedef struct {
  const char *what;    /* "rate" */
  const char *example; /* "100 kB/s" */
  const char *limit;   /* "1 TB/s" */
  const char *base;    /* plural of what it is counted in, for messages */
  uint64_t max;
  const Unit *units; /* ends with a NULL name */
} Quantity;

#define KI (UINT64_C (1) << 10)
#define MI (UINT64_C (1) << 20)
#define GI (UINT64_C (1) << 30)
#define TI (UINT64_C (1) << 40)
#define PI (UINT64_C (1) << 50)
#define EI (UINT64_C (1) << 60)
#define K UINT64_C (1000)

static const Unit size_units[] = {
  { "B", 1, 1 },           { "kB", K, 1 },   { "MB", K *K, 1 }, { "GB", K *K *K, 1 },
  { "TB", K *K *K *K, 1 }, { "KiB", KI, 1 }, { "MiB", MI, 1 },  { "GiB", GI, 1 },
  { "TiB", TI, 1 },        { "PiB", PI, 1 }, { "EiB", EI, 1 },  { NULL, 0, 0 },
};

static const Unit rate_units[] = {
  { "B/s", 1, 1 },           { "kB/s", K, 1 },     { "MB/s", K *K, 1 },   { "GB/s", K *K *K, 1 },
  { "TB/s", K *K *K *K, 1 }, { "KiB/s", KI, 1 },   { "MiB/s", MI, 1 },    { "GiB/s", GI, 1 },
  { "bit/s", 1, 8 },         { "kbit/s", K, 8 },   { "Mbit/s", K *K, 8 }, { "Gbit/s", K *K *K, 8 },
  { "Kibit/s", KI, 8 },      { "Mibit/s", MI, 8 }, { "Gibit/s", GI, 8 },  { NULL, 0, 0 },
};

static const Unit time_units[] = {
  { "ns", 1, 1 },
  { "us", K, 1 },
  { "ms", K *K, 1 },
  { "s", K *K *K, 1 },
  { "min", 60 * K *K *K, 1 },
  { "h", 3600 * K *K *K, 1 },
  { "d", 86400 * K *K *K, 1 },
  { NULL, 0, 0 },
};

static const Unit percent_units[] = { { "%", 10000, 1 }, { NULL, 0, 0 } };
static const Unit ratio_units[] = { { "", 1000000, 1 }, { NULL, 0, 0 } };

static const Quantity size_quantity = { "size", "1 MiB", "1 EiB", "bytes", SHOAL_MAX_SIZE_BYTES, size_units };
static const Quantity rate_quantity = {
  "rate", "100 kB/s", "1 TB/s", "bytes per second", SHOAL_MAX_RATE_BYTES_PER_S, rate_units
};
static const Quantity time_quantity = {
  "time", "2.5 s", "10 years", "nanoseconds", (uint64_t)SHOAL_MAX_TIME_NS, time_units
};
static const Quantity percent_quantity = {
  "share", "50 %", "1000000 %", "millionths", UINT64_C (10000) * SHOAL_ONE, percent_units
};
static const Quantity ratio_quantity = {
  "number", "1.05", "1000000000", "millionths", UINT64_C (1000000000) * SHOAL_ONE, ratio_units
};

typedef struct {
  uint64_t mantissa; /* the digits, without the point */
  uint64_t scale;    /* 10^decimals */
  const char *rest;  /* after the number and blanks */
} Number;

/* Reads digits with at most one point in them. */
static bool
read_number (const char *text, Number *out)
{
  unsigned digits = 0;
  bool point = false;
  *out = (Number){ .scale = 1 };
  for (; g_ascii_isdigit (*text) || (*text == '.' && !point && digits > 0); text++)
    {
      if (*text == '.')
        {
          point = true;
          continue;
        }
      if (++digits > MAX_DIGITS)
        return false;
      out->mantissa = out->mantissa * 10 + (uint64_t)(*text - '0');
      out->scale *= point ? 10 : 1;
    }
  if (digits == 0 || text[-1] == '.')
    return false;
  while (*text == ' ')
    text++;
  out->rest = text;
  return true;
}

static char *
unit_list (const Unit *units)
{
  GString *list = g_string_new (NULL);
  for (; units->name != NULL; units++)
    g_string_append_printf (list, "%s%s", list->len ? ", " : "", units->name);
  return g_string_free (list, FALSE);
}

static const Unit *
find_unit (const Unit *units, const char *name)
{
  for (; units->name != NULL; units++)
    if (strcmp (units->name, name) == 0)
      return units;
  return NULL;
}

/* Says why a unit was not found: there is none, or it is not one of ours. */
static bool
refuse_unit (const char *text, const char *unit, const Quantity *q, GError **error)
{
  g_autofree char *list = unit_list (q->units);
  if (*unit == '\0')
    g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
                 "'%s' has no unit; say for example '%s' (units: %s)", text, q->example, list);
  else
    g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
                 "'%s': '%s' is not a unit of a %s; say for example '%s' (units: %s)", text, unit, q->what,
                 q->example, list);
  return false;
}

static bool
refuse (const char *text, const Quantity *q, const char *why, const char *detail, GError **error)
{
  g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
               "'%s' %s%s; expected a %s such as '%s'", text, why, detail, q->what, q->example);
  return false;
}

static bool
convert (const char *text, const Number *number, const Unit *unit, const Quantity *q, uint64_t *value,
         GError **error)
{
  Wide scaled = (Wide)number->mantissa * unit->factor;
  uint64_t divisor = number->scale * unit->divisor;
  if (scaled % divisor != 0)
    return refuse (text, q, "is not a whole number of ", q->base, error);
  if (scaled / divisor > q->max)
    return refuse (text, q, "is more than ", q->limit, error);
  *value = (uint64_t)(scaled / divisor);
  return true;
}

static bool
parse (const char *text, const Quantity *q, uint64_t *value, GError **error)
{
  Number number;
  if (text[0] == '-')
    return refuse (text, q, "is negative", "", error);
  if (!read_number (text, &number))
    return refuse (text, q, "is not a number with a unit", "", error);
  const Unit *unit = find_unit (q->units, number.rest);
  if (unit == NULL && *number.rest == '\0' && number.mantissa == 0)
    {
      *value = 0;
      return true;
    }
  if (unit == NULL)
    return refuse_unit (text, number.rest, q, error);
  return convert (text, &number, unit, q, value, error);
}

bool
shoal_parse_size (const char *text, uint64_t *bytes, GError **error)
{
  return parse (text, &size_quantity, bytes, error);
}

bool
shoal_parse_rate (const char *text, uint64_t *bytes_per_s, GError **error)
{
  if (strcmp (text, "unlimited") == 0)
    {
      *bytes_per_s = 0;
      return true;
    }
  return parse (text, &rate_quantity, bytes_per_s, error);
}

static bool
parse_signed (const char *text, const Quantity *q, int64_t *value, GError **error)
{
  uint64_t v;
  if (!parse (text, q, &v, error))
    return false;
  *value = (int64_t)v;
  return true;
}

bool
shoal_parse_time (const char *text, ShoalTime *ns, GError **error)
{
  return parse_signed (text, &time_quantity, ns, error);
}

bool
shoal_parse_ratio (const char *text, int64_t *millionths, GError **error)
{
  return parse_signed (text, &ratio_quantity, millionths, error);
}

bool
shoal_parse_percent (const char *text, int64_t *millionths, GError **error)
{
  return parse_signed (text, &percent_quantity, millionths, error);
}

/* The largest unit of which the value is a whole multiple, decimal ones preferred. */
static const Unit *
best_unit (const Unit *units, uint64_t value)
{
  const Unit *best = units;
  for (const Unit *unit = units; unit->name != NULL; unit++)
    {
      bool decimal = unit->factor == 1 || unit->factor % 1000 == 0;
      bool best_is_plain = best->factor == 1;
      if (unit->divisor == 1 && value % unit->factor == 0 && unit->factor > best->factor
          && (decimal || best_is_plain))
        best = unit;
    }
  return best;
}

static char *
format (const Unit *units, uint64_t value)
{
  if (value == 0)
    return g_strdup ("0");
  const Unit *unit = best_unit (units, value);
  /* Whole binary multiples read better than huge numbers of bytes, whatever the order of the table. */
  for (const Unit *u = units; u->name != NULL; u++)
    if (unit->factor % 1000 != 0 && u->divisor == 1 && value % u->factor == 0 && u->factor > unit->factor)
      unit = u;
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", value / unit->factor, unit->name);
}

char *
shoal_format_size (uint64_t bytes)
{
  return format (size_units, bytes);
}

char *
shoal_format_rate (uint64_t bytes_per_s)
{
  return format (rate_units, bytes_per_s);
}

bool
shoal_scale_rate (uint64_t *bytes_per_s, int64_t factor_millionths, GError **error)
{
  g_assert (factor_millionths > 0);
  Wide scaled = ((Wide)*bytes_per_s * (uint64_t)factor_millionths + SHOAL_ONE / 2) / SHOAL_ONE;
  if (scaled > SHOAL_MAX_RATE_BYTES_PER_S)
    {
      g_autofree char *rate = shoal_format_rate (*bytes_per_s);
      g_autofree char *factor = shoal_format_ratio (factor_millionths);
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE,
                   "%s times %s is more than 1 TB/s; take a smaller rate factor", rate, factor);
      return false;
    }
  *bytes_per_s = *bytes_per_s > 0 ? MAX ((uint64_t)scaled, 1) : 0;
  return true;
}

/* whole and a fraction of `decimals` digits, without zeros at the end. */
static char *
format_decimal (int64_t value, int64_t one, int decimals)
{
  GString *text = g_string_new (NULL);
  g_string_printf (text, "%" G_GINT64_FORMAT ".%0*" G_GINT64_FORMAT, value / one, decimals, value % one);
  while (text->str[text->len - 1] == '0')
    g_string_truncate (text, text->len - 1);
  if (text->str[text->len - 1] == '.')
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

char *
shoal_format_time (ShoalTime ns)
{
  g_autofree char *seconds = format_decimal (ns, SHOAL_SECOND, 9);
  return g_strdup_printf ("%s s", seconds);
}

char *
shoal_format_ratio (int64_t millionths)
{
  return format_decimal (millionths, SHOAL_ONE, 6);
}

char *
shoal_format_percent (int64_t millionths)
{
  g_autofree char *number = format_decimal (millionths, SHOAL_ONE / 100, 4);
  return g_strdup_printf ("%s %%", number);
}
