/* The `shoal` command: finds the subcommand and leaves the rest to it. */
#include "cli/cli.h"
#include "cli/scenario-file.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static ShoalExit run_help (int argc, char **argv);
static ShoalExit run_version (int argc, char **argv);

static const ShoalCommand commands[] = {
  { "share", "offer files to others", shoal_command_share },
  { "get", "get a file from those who have it", shoal_command_get },
  { "tracker", "tell those who want a file of those who have it", shoal_command_tracker },
  { "status", "tell what running shoal processes do, or what a tracker knows", shoal_command_status },
  { "run", "play scenarios, and keep the results", shoal_command_run },
  { "sweep", "play a scenario at many values of its parameters", shoal_command_sweep },
  { "calibrate", "play scenarios in virtual time and for real, and set them side by side",
    shoal_command_calibrate },
  { "compare", "compare P2P with server-client from a store", shoal_command_compare },
  { "report", "write a page on the runs in a store: plots, and a replay of the swarm", shoal_command_report },
  { "explain", "tell what the downloads of a run waited for", shoal_command_explain },
  { "diff", "tell what two runs differ in, and from when on", shoal_command_diff },
  { "verify", "check that a scenario plays the same way every time", shoal_command_verify },
  { "fuzz", "make up scenarios, and find those in which something goes wrong", shoal_command_fuzz },
  { "help", "this text, or that of a subcommand: shoal help run", run_help },
  { "version", "tell the version", run_version },
};

static const char explanation[] =
    "shoal gets big files to many: whoever has part of a file gives it to the others, so that the sender's\n"
    "line is not what all wait for. And it shows what that is worth: it plays a scenario (nodes with their\n"
    "rates, files, who downloads what and when) as a peer-to-peer system and as a server with clients, and\n"
    "compares how long the downloads take, with each other and with the time that no protocol can beat (the\n"
    "fluid bound).\n";

static const char examples[] =
    "Examples:\n"
    "  shoal tracker &                                  on one machine\n"
    "  shoal share big.iso --tracker host:6969          prints a fid and a magnet link\n"
    "  shoal get 'magnet:?xt=urn:btmh:1220…' --seed     on all others\n"
    "\n"
    "  shoal run simple                                 play a shipped scenario\n"
    "  shoal run speed --model both --store runs.db     play it both ways and keep the results\n"
    "  shoal compare --store runs.db                    print the comparison\n"
    "  shoal report --store runs.db -o report.html      a page with plots and a replay\n"
    "  shoal explain speed --store runs.db              what the downloads waited for\n"
    "  shoal run my.yaml --seeds 1..20 --json           your own file, 20 runs, one JSON line each\n"
    "  shoal sweep peers --quick                        speed-up against the number of peers\n"
    "  shoal verify twenty --seed 7                     same scenario, same seed: same trace?\n"
    "\n"
    "`shoal SUBCOMMAND --help` tells the options of each. Exit status: 0 done, 1 failed or an expectation\n"
    "of the scenario unmet, 2 wrong usage, 130 interrupted.\n";

static void
print_help (FILE *out)
{
  fprintf (out, "Usage: shoal SUBCOMMAND [OPTION…]\n\n%s\nSubcommands:\n", explanation);
  for (unsigned i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (out, "  %-9s %s\n", commands[i].name, commands[i].summary);
  fprintf (out, "\n%s", examples);
}

static const ShoalCommand *
find_command (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static ShoalExit
unknown_command (const char *name)
{
  const char *names[G_N_ELEMENTS (commands) + 1] = { NULL };
  for (unsigned i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  const char *meant = shoal_nearest_word (name, names);
  if (*name == '-')
    shoal_complain ("options come after the subcommand, as in 'shoal run simple %s'", name);
  else if (meant != NULL)
    shoal_complain ("there is no subcommand '%s'; did you mean 'shoal %s'?", name, meant);
  else if (shoal_scenario_is_shipped (name))
    shoal_complain ("there is no subcommand '%s'; did you mean 'shoal run %s'?", name, name);
  else
    shoal_complain ("there is no subcommand '%s'", name);
  shoal_complain ("`shoal --help` lists them");
  return SHOAL_EXIT_USAGE;
}

static ShoalExit
run_help (int argc, char **argv)
{
  if (argc < 2 || g_str_has_prefix (argv[1], "-"))
    {
      print_help (stdout);
      return SHOAL_EXIT_DONE;
    }
  const ShoalCommand *command = find_command (argv[1]);
  if (command == NULL)
    return unknown_command (argv[1]);
  if (command->run == run_help || command->run == run_version)
    {
      print_help (stdout);
      return SHOAL_EXIT_DONE;
    }
  char help[] = "--help";
  char *words[] = { argv[1], help, NULL };
  return command->run (2, words);
}

static ShoalExit
run_version (int argc, char **argv)
{
  (void)argc, (void)argv;
  printf ("shoal %s\n", SHOAL_VERSION);
  return SHOAL_EXIT_DONE;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* Numbers are written the same way everywhere. */
  setlocale (LC_NUMERIC, "C");
  /* A file size limit is an error to report, like a full disk. */
  signal (SIGXFSZ, SIG_IGN);
  g_set_prgname ("shoal");
  if (argc < 2)
    {
      print_help (stderr);
      return SHOAL_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    print_help (stdout);
  else if (strcmp (argv[1], "--version") == 0)
    run_version (0, NULL);
  else
    {
      const ShoalCommand *command = find_command (argv[1]);
      return shoal_finish_output (command != NULL ? command->run (argc - 1, argv + 1)
                                                  : unknown_command (argv[1]));
    }
  return shoal_finish_output (SHOAL_EXIT_DONE);
}
