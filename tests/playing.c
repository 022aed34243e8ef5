#include "tests/playing.h"

#include "tests/harness.h"

Played played;

void
play_set_up (void)
{
  played = (Played){ .options = { .virtual_content = true, .detail = SHOAL_LOG_NORMAL } };
}

void
play_forget (void)
{
  g_clear_pointer (&played.row, shoal_run_row_free);
  if (played.backend != NULL)
    played.backend->ops->free (played.backend);
  played.backend = NULL;
  g_clear_pointer (&played.scenario, shoal_scenario_free);
}

void
play_or_fail (const char *rest, ShoalModel model, GError **error)
{
  GError *own = NULL;
  g_autofree char *text = g_strconcat (PLAY_HEAD, rest, NULL);
  play_forget ();
  played.scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &own);
  ck_assert_msg (played.scenario != NULL, "%s", own ? own->message : "");
  ck_assert (shoal_scenario_prepare (played.scenario, NULL));
  played.backend = fake_backend_new (&played.fake);
  played.row = shoal_scenario_run (played.scenario, model, played.backend, &played.options, error);
  ck_assert_ptr_null (played.backend->on_event);
}

void
play (const char *rest, ShoalModel model)
{
  GError *error = NULL;
  play_or_fail (rest, model, &error);
  ck_assert_msg (played.row != NULL, "%s", error ? error->message : "");
}
