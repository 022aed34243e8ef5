dist_doc_DATA += \
	docs/architecture.md \
	docs/library.md \
	docs/protocol.md \
	docs/results.md \
	docs/scenarios.md \
	docs/sharing.md \
	docs/studies.md

dist_man_MANS = docs/shoal.1

EXTRA_DIST += docs/refresh-readme.sh
