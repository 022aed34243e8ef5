#include "results/report-sentences.h"

#include "results/explain.h"
#include "results/json-fields.h"

static int
by_time (const void *a, const void *b)
{
  const ShoalExplanation *x = *(const ShoalExplanation *const *)a, *y = *(const ShoalExplanation *const *)b;
  if (x->took_ns != y->took_ns)
    return x->took_ns > y->took_ns ? -1 : 1;
  return (x->transfer > y->transfer) - (x->transfer < y->transfer);
}

static void
add_sentence (JsonBuilder *b, const ShoalExplanation *explanation, int shown)
{
  g_autofree char *sentence = shoal_explanation_sentence (explanation);
  g_autofree char *valid = g_utf8_make_valid (sentence, -1);
  json_builder_begin_array (b);
  json_builder_add_int_value (b, shown);
  json_builder_add_double_value (b, (double)explanation->took_ns / 1e9);
  json_builder_add_string_value (b, valid);
  json_builder_end_array (b);
}

static void
add_those_shown (JsonBuilder *b, const ShoalReportSwarm *swarm, GPtrArray *explanations)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, NULL);
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (swarm, i);
      int shown = shoal_report_node (swarm, transfer->node)->shown;
      if (shown >= 0)
        g_hash_table_insert (numbers, GSIZE_TO_POINTER ((gsize)transfer->id), GINT_TO_POINTER (shown + 1));
    }
  g_ptr_array_sort (explanations, by_time);
  for (unsigned i = 0; i < explanations->len; i++)
    {
      const ShoalExplanation *explanation = g_ptr_array_index (explanations, i);
      int shown =
          GPOINTER_TO_INT (g_hash_table_lookup (numbers, GSIZE_TO_POINTER ((gsize)explanation->transfer)));
      if (shown > 0)
        add_sentence (b, explanation, shown - 1);
    }
}

bool
shoal_report_add_sentences (JsonBuilder *b, const ShoalReportSwarm *swarm, GError **error)
{
  g_autofree char *word = g_strdup_printf ("%" G_GINT64_FORMAT, swarm->run);
  g_autoptr (ShoalRunHead) head = shoal_store_look_up_run (swarm->store, word, error);
  if (head == NULL)
    return false;
  g_autoptr (GPtrArray) explanations =
      head->recorded ? shoal_store_explain (swarm->store, head, NULL, error) : NULL;
  if (head->recorded && explanations == NULL)
    return false;
  shoal_json_begin_list (b, "sentences");
  if (explanations != NULL)
    add_those_shown (b, swarm, explanations);
  json_builder_end_array (b);
  return true;
}
