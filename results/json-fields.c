#include "results/json-fields.h"

void
shoal_json_add_text (JsonBuilder *b, const char *key, const char *text)
{
  json_builder_set_member_name (b, key);
  if (text == NULL)
    {
      json_builder_add_null_value (b);
      return;
    }
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  json_builder_add_string_value (b, valid);
}

void
shoal_json_add_count (JsonBuilder *b, const char *key, uint64_t value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_int_value (b, (int64_t)MIN (value, (uint64_t)INT64_MAX));
}

void
shoal_json_add_real (JsonBuilder *b, const char *key, double value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_double_value (b, value);
}

void
shoal_json_add_bool (JsonBuilder *b, const char *key, bool value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_boolean_value (b, value);
}

void
shoal_json_add_null (JsonBuilder *b, const char *key)
{
  json_builder_set_member_name (b, key);
  json_builder_add_null_value (b);
}

void
shoal_json_begin_list (JsonBuilder *b, const char *key)
{
  json_builder_set_member_name (b, key);
  json_builder_begin_array (b);
}

void
shoal_json_add_seconds (JsonBuilder *b, const char *key, int64_t ns)
{
  if (ns == SHOAL_ROW_NO_TIME)
    shoal_json_add_null (b, key);
  else
    shoal_json_add_real (b, key, (double)ns / 1e9);
}

void
shoal_json_add_ns (JsonBuilder *b, const char *key, int64_t ns)
{
  if (ns == SHOAL_ROW_NO_TIME)
    shoal_json_add_null (b, key);
  else
    shoal_json_add_count (b, key, (uint64_t)ns);
}

void
shoal_json_add_ratio (JsonBuilder *b, const char *key, double ratio)
{
  if (ratio > 0)
    shoal_json_add_real (b, key, ratio);
  else
    shoal_json_add_null (b, key);
}

void
shoal_json_add_expectations (JsonBuilder *b, const GPtrArray *expectations)
{
  shoal_json_begin_list (b, "expectations");
  for (unsigned i = 0; i < expectations->len; i++)
    {
      const ShoalExpectationRow *expectation = g_ptr_array_index (expectations, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "text", expectation->text);
      shoal_json_add_bool (b, "met", expectation->met);
      shoal_json_add_text (b, "measured", expectation->measured);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

char *
shoal_json_line (JsonBuilder *b)
{
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree char *line = json_to_string (root, FALSE);
  return g_strconcat (line, "\n", NULL);
}
