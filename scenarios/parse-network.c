#include "scenarios/parse-internal.h"
#include "scenarios/units.h"

static bool
parse_impairment (Parser *p, const char *place, ShoalImpairment key, const char *text, int64_t *value)
{
  bool is_time = shoal_impairment_is_time (key);
  if (is_time ? !shoal_parse_time (text, value, p->error) : !shoal_parse_percent (text, value, p->error))
    return shoal_parse_at (p, place, shoal_impairment_name (key));
  return is_time || *value <= SHOAL_ONE
         || FAIL (p, place, shoal_impairment_name (key), "'%s' is more than 100 %%", text);
}

bool
shoal_parse_impairments (Parser *p, const char *place, const RawImpairments *raw,
                         ShoalImpairments *impairments)
{
  const char *const texts[SHOAL_IMPAIRMENTS] = {
    [SHOAL_IMPAIR_LATENCY] = raw->latency,
    [SHOAL_IMPAIR_JITTER] = raw->jitter,
    [SHOAL_IMPAIR_LOSS] = raw->loss,
    [SHOAL_IMPAIR_DUPLICATION] = raw->duplication,
    [SHOAL_IMPAIR_CORRUPTION] = raw->corruption,
    [SHOAL_IMPAIR_REORDERING] = raw->reordering,
    [SHOAL_IMPAIR_HOLD] = raw->reordering_delay,
  };
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    {
      if (texts[key] == NULL)
        continue;
      impairments->given |= 1u << key;
      if (!parse_impairment (p, place, key, texts[key], &impairments->value[key]))
        return false;
    }
  return impairments->given != 0
         || FAIL (p, place, "", "says nothing; expected for example 'latency: 20 ms' or 'loss: 1 %%'");
}

static bool
parse_end (Parser *p, const char *place, const char *key, const char *text, char **kept, GArray **parties)
{
  *parties = g_array_new (FALSE, FALSE, sizeof (unsigned));
  *kept = g_strdup (text);
  if (text == NULL)
    return FAIL (p, place, key,
                 "is missing; say for example 'from: A' and 'to: L' (a node, a group, tracker, "
                 "everybody)");
  return shoal_parse_list (p, place, key, text, *parties, shoal_words_parties);
}

bool
shoal_parse_link (Parser *p, const char *place, const RawLink *raw, ShoalScenarioLink *link)
{
  const char *both = raw->both_ways != NULL ? raw->both_ways : "false";
  link->both_ways = strcmp (both, "true") == 0;
  if (!link->both_ways && strcmp (both, "false") != 0)
    return FAIL (p, place, "both_ways", "expected 'true' or 'false'");
  return parse_end (p, place, "from", raw->from, &link->from_text, &link->from)
         && parse_end (p, place, "to", raw->to, &link->to_text, &link->to)
         && shoal_parse_impairments (p, place, &raw->impairments, &link->impairments);
}

bool
shoal_parse_links (Parser *p)
{
  for (unsigned i = 0; i < p->raw->links_count; i++)
    {
      const ShoalScenarioLink empty = { 0 };
      g_autofree char *place = g_strdup_printf ("links[%u]", i);
      g_array_append_val (p->scenario->links, empty);
      if (!shoal_parse_link (p, place, &p->raw->links[i],
                             &g_array_index (p->scenario->links, ShoalScenarioLink, i)))
        return false;
    }
  return true;
}

/* --- partitions ------------------------------------------------------------------------------- */

static void
side_clear (void *data)
{
  ShoalScenarioSide *side = data;
  g_free (side->text);
  g_array_unref (side->nodes);
}

static bool
on_a_side (const GArray *sides, unsigned party)
{
  for (unsigned i = 0; i < sides->len; i++)
    if (shoal_index_in (g_array_index (sides, ShoalScenarioSide, i).nodes, party))
      return true;
  return false;
}

static void
fill_rest (const Parser *p, GArray *sides, GArray *rest)
{
  const unsigned tracker = SHOAL_TRACKER_INDEX;
  for (unsigned node = 0; node < p->scenario->nodes->len; node++)
    if (!on_a_side (sides, node))
      g_array_append_val (rest, node);
  if (!on_a_side (sides, tracker))
    g_array_append_val (rest, tracker);
}

static bool
parse_side (Parser *p, const char *place, const char *text, GArray *sides)
{
  ShoalScenarioSide side = { .text = g_strdup (text),
                             .nodes = g_array_new (FALSE, FALSE, sizeof (unsigned)) };
  bool ok = shoal_parse_list (p, place, "partition", text, side.nodes, shoal_words_parties);
  for (unsigned i = 0; ok && i < side.nodes->len; i++)
    if (on_a_side (sides, g_array_index (side.nodes, unsigned, i)))
      ok = FAIL (p, place, "partition", "'%s' names somebody who is on another side already", text);
  g_array_append_val (sides, side);
  return ok;
}

bool
shoal_parse_partition (Parser *p, const char *place, const RawAction *raw, GArray **sides)
{
  int rest = -1;
  *sides = g_array_new (FALSE, TRUE, sizeof (ShoalScenarioSide));
  g_array_set_clear_func (*sides, side_clear);
  if (raw->partition_count < 2)
    return FAIL (p, place, "partition", "has fewer than two sides; say for example '[\"A, B\", rest]'");
  for (unsigned i = 0; i < raw->partition_count; i++)
    {
      if (strcmp (raw->partition[i], "rest") != 0)
        {
          if (!parse_side (p, place, raw->partition[i], *sides))
            return false;
          continue;
        }
      if (rest >= 0)
        return FAIL (p, place, "partition", "'rest' is there twice");
      ShoalScenarioSide side = { .text = g_strdup ("rest"),
                                 .nodes = g_array_new (FALSE, FALSE, sizeof (unsigned)) };
      rest = (int)(*sides)->len;
      g_array_append_val (*sides, side);
    }
  if (rest >= 0)
    fill_rest (p, *sides, g_array_index (*sides, ShoalScenarioSide, rest).nodes);
  return true;
}

/* --- who breaks the rules --------------------------------------------------------------------- */

static const char *const behaviours[] = {
  [SHOAL_BEHAVIOUR_HONEST] = "honest",     [SHOAL_BEHAVIOUR_FREE_RIDER] = "free-rider",
  [SHOAL_BEHAVIOUR_POLLUTER] = "polluter", [SHOAL_BEHAVIOUR_LIAR] = "liar",
  [SHOAL_BEHAVIOUR_FLOODER] = "flooder",   [SHOAL_BEHAVIOUR_UNDERSTATER] = "understater",
};

const char *
shoal_behaviour_name (ShoalBehaviour behaviour)
{
  return behaviours[behaviour];
}

/* "polluter of 10 %": how much of what it sends is bad. */
static bool
parse_pollution (Parser *p, const char *place, const char *share, ShoalScenarioGroup *group)
{
  int64_t bad;
  if (!shoal_parse_percent (share, &bad, p->error))
    return shoal_parse_at (p, place, "behaviour");
  if (bad > SHOAL_ONE)
    return FAIL (p, place, "behaviour", "'%s' is more than 100 %%", share);
  group->bad_millionths = (uint32_t)bad;
  return true;
}

bool
shoal_parse_behaviour (Parser *p, const char *place, const char *text, ShoalScenarioGroup *group)
{
  if (text == NULL)
    return true;
  g_auto (GStrv) parts = g_strsplit (text, " of ", 2);
  for (unsigned i = 0; i < G_N_ELEMENTS (behaviours); i++)
    if (parts[0] != NULL && strcmp (parts[0], behaviours[i]) == 0)
      {
        group->behaviour = i;
        group->bad_millionths = i == SHOAL_BEHAVIOUR_POLLUTER ? (uint32_t)SHOAL_ONE : 0;
        if (parts[1] == NULL)
          return true;
        if (i == SHOAL_BEHAVIOUR_POLLUTER)
          return parse_pollution (p, place, parts[1], group);
      }
  return FAIL (p, place, "behaviour",
               "'%s' is none; expected honest, free-rider, polluter, polluter of 10 %%, liar, flooder or "
               "understater",
               text);
}
