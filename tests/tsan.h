/* Builds with ThreadSanitizer: configure CFLAGS="-g -O1 -fsanitize=thread" LDFLAGS=-fsanitize=thread. */
#pragma once

#if defined(__SANITIZE_THREAD__)
#  define SHOAL_TSAN
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define SHOAL_TSAN
#  endif
#endif

#ifdef SHOAL_TSAN
/* Does nothing; who calls it has the linker take what teaches ThreadSanitizer GLib's locks. */
void shoal_tsan_sees_glib (void);
#endif
