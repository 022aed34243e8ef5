# The command.
# bin_PROGRAMS += shoal
# shoal_LDADD = $(shoal_libraries)
shoal_SOURCES =
