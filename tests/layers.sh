#!/bin/bash
# Holds the sources to the rules of docs/architecture.md: what each folder may include and call, one-way
# dependencies, file lists, file sizes, headers. Prints every breach as FILE:LINE: what is wrong.
#
#   tests/layers.sh [TOP [BUILD]]   BUILD: also look for mutable globals in the core's object files
set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=${1-$here/..}
build=${2-${top_builddir-}}
[ -n "$build" ] && build=$(cd "$build" && pwd)
cd "$top" || exit 2
stripped=$(mktemp -d) || exit 2
trap 'rm -rf "$stripped"' EXIT
breaches=0

# Takes lines "FILE:LINE: text" and adds what is wrong with them.
breach ()
{
  local line
  while IFS= read -r line; do
    echo "$line: $1"
    breaches=$((breaches + 1))
  done
}

# Without comments, with strings emptied (but not those of #include), line numbers kept.
strip ()
{
  awk '
    {
      line = $0; out = ""
      if (!in_comment && line ~ /^[ \t]*#[ \t]*include/) { sub (/\/[*\/].*/, "", line); print line; next }
      while (line != "")
        {
          if (in_comment)
            {
              at = index (line, "*/")
              if (!at) break
              line = substr (line, at + 2); in_comment = 0; out = out " "
              continue
            }
          if (!match (line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/)) { out = out line; break }
          token = substr (line, RSTART, 2)
          out = out substr (line, 1, RSTART - 1)
          if (token == "//") break
          if (token == "/*") in_comment = 1
          else out = out substr (token, 1, 1) substr (token, 1, 1)
          line = substr (line, token == "/*" ? RSTART + 2 : RSTART + RLENGTH)
        }
      print out
    }' "$1"
}

sources ()
{
  local f
  for f in "$@"; do
    [ -f "$f" ] && echo "$f"
  done
}

for folder in src sim real results scenarios cli tests tests/fuzz; do
  [ -d $folder ] || continue
  mkdir "$stripped/$folder"
  for f in $(sources $folder/*.c $folder/*.h); do
    strip "$f" > "$stripped/$f"
  done
done

# Each line of the folder's sources that has REGEX, as FILE:LINE: text.
find_in ()
{
  # shellcheck disable=SC2046,SC2086  # our own file names have no spaces
  (cd "$stripped" && grep -nHE "$2" $(sources $1/*.c $1/*.h) /dev/null)
}

# Identifiers, as whole words: forbid FOLDER WHY WORD...
forbid ()
{
  local folder=$1 why=$2 words
  shift 2
  words=$(IFS='|'; echo "$*")
  breach "$why" < <(find_in "$folder" "(^|[^A-Za-z0-9_])($words)([^A-Za-z0-9_]|$)")
}

# Calls of libc functions whose names are also plain words: not those of struct members.
forbid_call ()
{
  local folder=$1 why=$2 words
  shift 2
  words=$(IFS='|'; echo "$*")
  breach "$why" < <(find_in "$folder" "(^|[^A-Za-z0-9_.>])($words) ?\(")
}

# Quoted includes: only of the folders named. only_from FOLDER REGEX-OF-ALLOWED
only_from ()
{
  breach "$1/ may not include this" < <(find_in "$1" '^ *# *include *"' | grep -vE "# *include *\"($2)\"")
}

# Angle includes: a list of what is allowed.
only_system ()
{
  breach "$1/ may not include this system header" < <(
    find_in "$1" '^ *# *include *<' | grep -vE "# *include *<($2)>")
}

# --- dependencies: src <- sim, real <- scenarios <- cli; results stands alone -----------------------
h='[a-z0-9_-]+\.h'
only_from src "src/$h"
only_from sim "(src|sim)/$h"
only_from real "(src|real)/$h|shoal-[a-z]+\.h" # installed headers stand beside each other
only_from results "results/$h"
only_from scenarios "(src|sim|real|scenarios)/$h|results/rows\.h"
only_from cli "(src|sim|real|results|scenarios|cli)/$h"
only_from tests "(src|sim|real|results|scenarios|cli|tests)/$h"
only_from tests/fuzz "(src|sim|real|results|scenarios|cli|tests|tests/fuzz)/$h"

# --- the core is pure -------------------------------------------------------------------------------
# A list of what is allowed keeps out clocks, sockets, files and threads, known and unknown.
only_system src 'glib\.h|std(bool|def|int|arg|lib)\.h|string\.h|inttypes\.h|limits\.h|openssl/(evp|sha|crypto)\.h'

hash_order=(GHashTableIter 'g_hash_table_(iter_[a-z_]+|foreach[a-z_]*|find|get_keys[a-z_]*|get_values[a-z_]*|steal_all[a-z_]*)')
clocks=('g_get_(monotonic|real|current)_time' 'g_date_time_[a-z_]+' 'g_timer_[a-z_]+' GTimer
  g_usleep clock_gettime gettimeofday nanosleep usleep timespec_get localtime gmtime CLOCK_MONOTONIC
  CLOCK_REALTIME __DATE__ __TIME__ __TIMESTAMP__)
chance=(srand srandom drand48 lrand48 rand_r arc4random getrandom getentropy RAND_bytes
  RAND_priv_bytes 'g_rand_[a-z_]+' 'g_random_[a-z_]+' GRand 'g_uuid_[a-z_]+')
surroundings=(getenv secure_getenv setenv unsetenv putenv environ 'g_(get|set|unset)env' g_listenv g_get_environ
  g_get_host_name g_get_user_name g_get_num_processors)
outside=(fopen fdopen freopen fread fwrite FILE stdout stderr stdin printf fprintf puts perror g_print g_printerr
  'g_file_[a-z_]+' g_fopen g_open 'g_io_channel_[a-z_]+' 'g_mkstemp[a-z_]*' 'g_dir_[a-z_]+'
  'g_spawn_[a-z_]+' socket sendto recvfrom sendmsg recvmsg getsockopt setsockopt epoll_wait)
threads=('g_thread_[a-z_]+' GThread GMutex 'g_mutex_[a-z_]+' 'g_rec_mutex_[a-z_]+' 'g_rw_lock_[a-z_]+' GCond
  'g_cond_[a-z_]+' 'g_async_queue_[a-z_]+' 'g_once[a-z_]*' G_LOCK_DEFINE_STATIC G_LOCK 'g_atomic_(int|pointer)_[a-z_]+'
  'g_private_[a-z_]+' _Thread_local __thread 'pthread_[a-z_]+' thrd_create
  'g_main_[a-z_]+' 'g_timeout_add[a-z_]*' 'g_idle_add[a-z_]*' GMainLoop)
floats=(float double gfloat gdouble _Float128 'g_strtod' 'g_ascii_strtod' strtod)

for folder in src sim; do
  forbid $folder 'depends on the order of a hash table' "${hash_order[@]}"
  forbid $folder 'reads a clock' "${clocks[@]}"
  forbid_call $folder 'reads a clock' time clock sleep times
  forbid $folder 'draws chance from elsewhere than the seeded generator' "${chance[@]}"
  forbid_call $folder 'draws chance from elsewhere than the seeded generator' rand random
  forbid $folder 'reads the environment' "${surroundings[@]}"
  forbid $folder 'uses threads or a main loop' "${threads[@]}"
  forbid $folder 'uses floating point' "${floats[@]}"
  breach 'uses floating point' < <(
    find_in $folder '(^|[^A-Za-z0-9_.])[0-9]+\.[0-9]|[^A-Za-z0-9_.][0-9]+[eE][-+]?[0-9]+[^A-Za-z0-9_]')
done
forbid src 'touches files or sockets' "${outside[@]}"
only_system sim 'glib\.h|std(bool|def|int|arg|lib|io)\.h|string\.h|inttypes\.h|limits\.h|errno\.h'

# No global that can change: nothing of the core in .data or .bss. What the sanitizers add is theirs.
mutable_globals ()
{
  local object
  for object in $(sources "$build"/src/{,.libs/}*.o); do
    objdump -t "$object" 2> /dev/null | grep -q '__asan_init\|__llvm_prf\|__gcov' && continue
    objdump -t "$object" 2> /dev/null |
      awk -v o="src/${object##*/}" '/ O (\.data|\.bss|\.tbss|\.tdata|\*COM\*)/ && !/\.data\.rel\.ro/ { print o ":" $NF }'
  done
}
[ -n "$build" ] && breach 'is a global variable that can change' < <(mutable_globals)

# --- every file -------------------------------------------------------------------------------------
breach 'is out of step with its folder' < <("$here/lists.sh" "$PWD")

while read -r lines file; do
  [ "$lines" -le 600 ] || breach 'is longer than 600 lines' <<< "$file:$lines"
done < <(for f in $(sources {src,sim,real,results,scenarios,cli,tests,tests/fuzz}/*.{c,h,sh} report/{,*/}*.{js,css,html} tests/report/*.js); do
           echo "$(wc -l < "$f") $f"
         done)

for f in $(sources {src,sim,real,results,scenarios,cli,tests,tests/fuzz}/*.h); do
  [[ $(head -c 2 "$f") == '/*' ]] || breach 'does not begin with a comment that says what it is for' <<< "$f:1"
  grep -q '^#pragma once$' "$f" || breach 'lacks #pragma once' <<< "$f:1"
done

if [ $breaches -gt 0 ]; then
  echo "$breaches breaches of the layer rules (docs/architecture.md says why they are there)"
  exit 1
fi
echo "the layers hold"
