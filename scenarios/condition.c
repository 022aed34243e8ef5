#include "scenarios/condition.h"

#include "scenarios/units.h"
#include "scenarios/words.h"

#define EXAMPLE "B has F1 and F2 is out"

static void
term_clear (void *data)
{
  g_array_unref (((ShoalTerm *)data)->nodes);
}

void
shoal_condition_free (ShoalCondition *condition)
{
  if (condition == NULL)
    return;
  g_free (condition->text);
  g_array_unref (condition->terms);
  g_free (condition);
}

/* "50 % of" in "B has 50 % of F1". */
static bool
parse_share (ShoalWords *words, ShoalTerm *term, GError **error)
{
  static const char *const of[] = { "of", "and", NULL };
  const char *next = shoal_words_peek (words);
  if (next == NULL || !g_ascii_isdigit (next[0]))
    return true;
  g_autofree char *share = shoal_words_until (words, of);
  term->kind = SHOAL_TERM_SHARE;
  if (!shoal_parse_percent (share, &term->share_millionths, error))
    return false;
  if (term->share_millionths > SHOAL_ONE)
    return shoal_fail (error, "'%s' is more than 100 %%", share);
  return shoal_words_need (words, "of", "B has 50 % of F1", error);
}

/* "B, C has F1", "B has 50 % of F1". */
static bool
parse_has (ShoalWords *words, ShoalTerm *term, GError **error)
{
  term->kind = SHOAL_TERM_HAS;
  if (!shoal_words_nodes (words, term->nodes, error))
    return false;
  if (!shoal_words_accept (words, "have") && !shoal_words_need (words, "has", EXAMPLE, error))
    return false;
  return parse_share (words, term, error) && shoal_words_file (words, &term->file, error);
}

static bool
parse_term (ShoalWords *words, ShoalTerm *term, GError **error)
{
  const char *second = shoal_words_peek (words) != NULL ? words->words[words->at + 1] : NULL;
  if (shoal_words_accept (words, "all"))
    {
      term->kind = SHOAL_TERM_ALL_HAVE;
      return shoal_words_need (words, "have", "all have F1", error)
             && shoal_words_file (words, &term->file, error);
    }
  if (g_strcmp0 (second, "is") != 0)
    return parse_has (words, term, error);
  term->kind = SHOAL_TERM_OUT;
  return shoal_words_file (words, &term->file, error) && shoal_words_need (words, "is", "F1 is out", error)
         && shoal_words_need (words, "out", "F1 is out", error);
}

static bool
parse_terms (ShoalWords *words, GArray *terms, GError **error)
{
  do
    {
      ShoalTerm term = { .nodes = g_array_new (FALSE, FALSE, sizeof (unsigned)) };
      bool ok = parse_term (words, &term, error);
      g_array_append_val (terms, term);
      if (!ok)
        return false;
    }
  while (shoal_words_accept (words, "and"));
  return shoal_words_end (words, error);
}

ShoalCondition *
shoal_condition_parse (const ShoalScenario *scenario, const char *text, GError **error)
{
  ShoalCondition *condition = g_new0 (ShoalCondition, 1);
  ShoalWords words = shoal_words_new (scenario, text);
  condition->text = g_strdup (text);
  condition->terms = g_array_new (FALSE, FALSE, sizeof (ShoalTerm));
  g_array_set_clear_func (condition->terms, term_clear);
  if (!parse_terms (&words, condition->terms, error))
    g_clear_pointer (&condition, shoal_condition_free);
  shoal_words_clear (&words);
  return condition;
}

bool
shoal_condition_complete (const ShoalScenario *scenario, ShoalCondition *condition, GError **error)
{
  for (unsigned i = 0; i < condition->terms->len; i++)
    {
      ShoalTerm *term = &g_array_index (condition->terms, ShoalTerm, i);
      if (term->kind != SHOAL_TERM_ALL_HAVE)
        continue;
      g_autofree uint8_t *want = shoal_scenario_concerned (scenario, SHOAL_ACTION_DOWNLOAD, (int)term->file);
      for (unsigned node = 0; node < scenario->nodes->len; node++)
        if (want[node])
          g_array_append_val (term->nodes, node);
      if (term->nodes->len == 0)
        return shoal_fail (error, "'%s' can never come true: no node downloads %s", condition->text,
                           shoal_scenario_file (scenario, term->file)->name);
    }
  return true;
}

bool
shoal_condition_needs_blocks (const ShoalCondition *condition)
{
  for (unsigned i = 0; i < condition->terms->len; i++)
    {
      ShoalTermKind kind = g_array_index (condition->terms, ShoalTerm, i).kind;
      if (kind == SHOAL_TERM_SHARE || kind == SHOAL_TERM_OUT)
        return true;
    }
  return false;
}

static bool
each_node (const ShoalTerm *term, const ShoalConditionFacts *facts)
{
  for (unsigned i = 0; i < term->nodes->len; i++)
    {
      unsigned node = g_array_index (term->nodes, unsigned, i);
      bool holds = term->kind == SHOAL_TERM_SHARE
                       ? facts->holds_share (facts->context, node, term->file, term->share_millionths)
                       : facts->has (facts->context, node, term->file);
      if (!holds)
        return false;
    }
  return true;
}

bool
shoal_condition_holds (const ShoalCondition *condition, const ShoalConditionFacts *facts)
{
  for (unsigned i = 0; i < condition->terms->len; i++)
    {
      const ShoalTerm *term = &g_array_index (condition->terms, ShoalTerm, i);
      bool holds =
          term->kind == SHOAL_TERM_OUT ? facts->is_out (facts->context, term->file) : each_node (term, facts);
      if (!holds)
        return false;
    }
  return true;
}
