#!/bin/bash
# Shows that tests/layers.sh fails when it should, and only then: plants breaches in a copy of the sources
# and looks for each in its report. What is wrong with the sources themselves is not the question here.
#
# SHOAL_SKIP_BUILD_MATRIX=1 skips it: the sources are the same in every build.
set -u
[ "${SHOAL_SKIP_BUILD_MATRIX-}" = 1 ] && { echo "skipped: SHOAL_SKIP_BUILD_MATRIX=1"; exit 77; }
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0
planted=0

for folder in src sim real results scenarios cli docs tests; do
  [ -d "$top/$folder" ] && mkdir -p "$work/clean/$folder" &&
    (cd "$top" && find "$folder" -maxdepth 1 -type f -name '*.[ch]' -o -maxdepth 1 -type f -name '*.mk' \
      -o -maxdepth 1 -type f -name '*.sh' -o -maxdepth 1 -type f -name '*.md' \
      -o -maxdepth 1 -type f -name '*.yaml') | while read -r f; do cp "$top/$f" "$work/clean/$f"; done
done
# The data below tests/ is listed too.
(cd "$top/tests" && find . -mindepth 2 -type f ! -name '.*' ! -path '*/.*') | while read -r f; do
  mkdir -p "$work/clean/tests/$(dirname "$f")" && cp "$top/tests/$f" "$work/clean/tests/$f"
done
chmod -R u+w "$work/clean"
(cd "$work/clean" && tests/lists.sh --write . 2> /dev/null)

rules ()
{
  top_builddir='' "$top/tests/layers.sh" "$work/copy" "$@" > "$work/output" 2>&1
}

fresh ()
{
  rm -rf "$work/copy"
  cp -r "$work/clean" "$work/copy"
}

# expect_breach WHAT TEXT: the copy breaks a rule, and the output has TEXT.
expect_breach ()
{
  planted=$((planted + 1))
  if rules; then
    echo "FAIL: not found: $1"
  elif ! grep -qF -- "$2" "$work/output"; then
    echo "FAIL: found, but not reported as '$2': $1"
    cat "$work/output"
  else
    return
  fi
  failures=$((failures + 1))
}

# plant FOLDER 'C TEXT' REPORT: a new source file with this text is a breach. All are planted in one copy
# and looked for together, see reap().
folders=() texts=() reports=()
plant ()
{
  folders+=("$1") texts+=("$2") reports+=("$3")
}

# allow FOLDER 'C TEXT': no breach.
allow ()
{
  plant "$1" "$2" ''
}

reap ()
{
  local i file
  fresh
  for i in "${!folders[@]}"; do
    printf '%s\n' "${texts[i]}" > "$work/copy/${folders[i]}/planted-$i.c"
  done
  (cd "$work/copy" && tests/lists.sh --write . 2> /dev/null)
  rules && { echo "FAIL: ${#folders[@]} breaches, and it passed"; failures=$((failures + 1)); }
  for i in "${!folders[@]}"; do
    file=${folders[i]}/planted-$i.c
    planted=$((planted + 1))
    if [ -z "${reports[i]}" ]; then
      ! grep -F "$file:" "$work/output" && continue
      echo "FAIL: taken for a breach: ${folders[i]}: ${texts[i]}"
    else
      grep -F "$file:1:" "$work/output" | grep -qF -- "${reports[i]}" && continue
      echo "FAIL: not reported as '${reports[i]}': ${folders[i]}: ${texts[i]}"
    fi
    failures=$((failures + 1))
  done
}

# One-way dependencies.
plant src '#include "sim/world.h"' 'src/ may not include this'
plant src '#include "results/rows.h"' 'src/ may not include this'
plant src '#include "types.h"' 'src/ may not include this'
plant src '  #  include  "cli/x.h"' 'src/ may not include this'
plant sim '#include "results/rows.h"' 'sim/ may not include this'
plant sim '#include "scenarios/scenario.h"' 'sim/ may not include this'
plant results '#include "src/types.h"' 'results/ may not include this'
plant scenarios '#include "cli/run.h"' 'scenarios/ may not include this'
plant scenarios '#include "results/store.h"' 'scenarios/ may not include this'
plant cli '#include "tests/harness.h"' 'cli/ may not include this'
allow scenarios '#include "results/rows.h"'
allow sim '#include "src/backend.h"'

# The pure core.
for header in time.h sys/time.h sys/socket.h unistd.h pthread.h threads.h gio/gio.h stdio.h math.h fcntl.h; do
  plant src "#include <$header>" 'system header'
done
plant sim '#include <gio/gio.h>' 'system header'
plant sim '#include <time.h>' 'system header'
plant src 'int f (void) { return time (NULL); }' 'reads a clock'
plant src 'gint64 f (void) { return g_get_monotonic_time (); }' 'reads a clock'
plant sim 'gint64 f (void) { return g_get_real_time (); }' 'reads a clock'
plant src 'int f (void) { return rand(); }' 'draws chance'
plant src 'guint f (void) { return g_random_int (); }' 'draws chance'
plant sim 'int f (void) { return rand (); }' 'draws chance'
plant src 'void f (GHashTable *t) { GHashTableIter i; }' 'order of a hash table'
plant src 'void f (GHashTable *t) { g_hash_table_iter_init (p, t); }' 'order of a hash table'
plant src 'void f (GHashTable *t) { g_hash_table_foreach (t, g, NULL); }' 'order of a hash table'
plant src 'void f (GHashTable *t) { g_hash_table_foreach_remove (t, g, NULL); }' 'order of a hash table'
plant src 'void *f (GHashTable *t) { return g_hash_table_get_keys (t); }' 'order of a hash table'
plant src 'void *f (GHashTable *t) { return g_hash_table_get_keys_as_array (t, NULL); }' 'order of a hash table'
plant sim 'void *f (GHashTable *t) { return g_hash_table_get_values (t); }' 'order of a hash table'
plant src 'void *f (void) { return getenv ("HOME"); }' 'reads the environment'
plant src 'const char *f (void) { return g_getenv ("HOME"); }' 'reads the environment'
plant src 'void *f (void) { return fopen ("x", "r"); }' 'touches files or sockets'
plant src 'int f (void) { return socket (2, 2, 0); }' 'touches files or sockets'
plant src 'void f (void) { g_print ("x"); }' 'touches files or sockets'
plant src 'void f (void) { g_thread_new (NULL, NULL, NULL); }' 'threads'
plant src 'static double f (int x) { return x; }' 'floating point'
plant src 'static int f (int x) { return x * 0.5; }' 'floating point'
plant sim 'static float f (int x) { return x; }' 'floating point'
plant src 'static int f (int x) { return x * 1e9; }' 'floating point'

# Words in comments and strings, and names that only contain them, are no breach.
allow src '/* no time (NULL), rand () or double here, and "sim/world.h" neither */'
allow src '// float getenv ()'
allow src 'static const char *const name = "double rand () // time (x)";'
allow src 'static int f (struct s *s) { return s->time (s) + s->double_rate + shoal_random_u64 (s->r); }'
allow src 'static const int hex = 0x1e9, big = 1000;'

reap

# Lists, lengths, headers.
fresh
echo 'int unlisted;' > "$work/copy/sim/unlisted.c"
expect_breach 'a file that no list has' 'lacks sim/unlisted.c'
fresh
echo 'x: 1' > "$work/copy/scenarios/unlisted.yaml"
expect_breach 'a scenario that no list has' 'lacks scenarios/unlisted.yaml'
fresh
rm "$work/copy/src/types.h"
expect_breach 'a listed file that is not there' 'names src/types.h'
fresh
for ((i = 0; i < 601; i++)); do echo; done > "$work/copy/cli/planted.c"
(cd "$work/copy" && tests/lists.sh --write . 2> /dev/null)
expect_breach 'a file of 601 lines' 'longer than 600 lines'
fresh
sed -i '/^#pragma once/d' "$work/copy/src/link.h"
expect_breach 'a header without #pragma once' 'src/link.h:1: lacks #pragma once'
fresh
sed -i '1i #define FIRST' "$work/copy/src/link.h"
expect_breach 'a header that does not say what it is for' 'src/link.h:1: does not begin with a comment'

# Mutable globals, in object files.
fresh
mkdir -p "$work/built/src"
compiler=${CC-cc}
for kind in 'int counter;' 'static int counter = 1; int f (void); int f (void) { return counter++; }'; do
  planted=$((planted + 1))
  if ! echo "$kind" | ${compiler%% *} -x c -c - -o "$work/built/src/planted.o" 2> /dev/null; then
    echo "no compiler: mutable globals are not tried"
  elif rules "$work/built" || ! grep -qF 'src/planted.o:' "$work/output"; then
    echo "FAIL: not found in an object file: $kind"
    failures=$((failures + 1))
  fi
done
echo 'static const char *const names[] = { "a" }; const char *f (int i); const char *f (int i) { return names[i]; }' |
  ${compiler%% *} -fPIC -x c -c - -o "$work/built/src/planted.o" 2> /dev/null
rules "$work/built"
grep -qF 'src/planted.o:' "$work/output" && { echo "FAIL: a constant table is taken for a mutable global"; failures=$((failures + 1)); }

echo "$planted cases, $failures failures"
[ $failures = 0 ]
