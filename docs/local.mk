dist_doc_DATA += \
	docs/architecture.md \
	docs/results.md \
	docs/scenarios.md
