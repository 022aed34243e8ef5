#include "scenarios/parse-internal.h"
#include "scenarios/units.h"

#define MAX_SLOTS 1000u
#define MAX_TRIAL_TURNS 1000u

const ShoalStrategy *
shoal_parse_strategy_name (const char *text, GError **error)
{
  const ShoalStrategy *strategy = shoal_strategy_by_name (text);
  if (strategy != NULL)
    return strategy;
  g_autoptr (GString) names = g_string_new (NULL);
  for (unsigned i = 0; (strategy = shoal_strategy (i)) != NULL; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", strategy->name);
  shoal_fail (error, "'%s' is no strategy; expected one of: %s", text, names->str);
  return NULL;
}

/* A number of which 0 stands for one that is not said. */
static bool
parse_count (Parser *p, const char *place, const char *key, const char *text, uint64_t most, uint32_t *count)
{
  uint64_t value = *count;
  if (text != NULL && !shoal_parse_number_key (p, place, key, text, 1, most, &value))
    return false;
  *count = (uint32_t)value;
  return true;
}

static bool
parse_turn (Parser *p, const char *place, const char *text, ShoalTime *turn_ns)
{
  if (g_strcmp0 (text, "auto") == 0)
    *turn_ns = SHOAL_TURN_AUTO;
  else if (text != NULL && !shoal_parse_time_key (p, place, "turn", text, turn_ns))
    return false;
  return text == NULL || *turn_ns > 0
         || FAIL (p, place, "turn", "must be more than 0; 'auto' follows the node's upload rate");
}

bool
shoal_parse_strategy (Parser *p, const char *place, const RawStrategy *raw, ShoalStrategyOptions *serving)
{
  if (raw == NULL)
    return true;
  if (!raw->name && !raw->slots && !raw->turn && !raw->trial_turns)
    return FAIL (p, place, "", "says nothing; expected for example 'name: tit-for-tat'");
  if (raw->name != NULL && (serving->strategy = shoal_parse_strategy_name (raw->name, p->error)) == NULL)
    return shoal_parse_at (p, place, "name");
  return parse_count (p, place, "slots", raw->slots, MAX_SLOTS, &serving->slots)
         && parse_count (p, place, "trial_turns", raw->trial_turns, MAX_TRIAL_TURNS, &serving->trial_turns)
         && parse_turn (p, place, raw->turn, &serving->turn_ns);
}
