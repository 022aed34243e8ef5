dist_doc_DATA += \
	docs/architecture.md \
	docs/library.md \
	docs/protocol.md \
	docs/results.md \
	docs/scenarios.md \
	docs/sharing.md \
	docs/studies.md \
	docs/testing.md

dist_man_MANS = docs/shoal.1

# What is made from the tree, or makes part of it.
EXTRA_DIST += \
	docs/pictures.js \
	docs/pictures.sh \
	docs/pictures/replay.png \
	docs/pictures/report.png \
	docs/pictures/speed-up.png \
	docs/presentation/build.sh \
	docs/presentation/churn.gp \
	docs/presentation/completion.gp \
	docs/presentation/deck.html \
	docs/presentation/exchange.dot \
	docs/presentation/places.sql \
	docs/presentation/pptx.py \
	docs/presentation/proxy.dot \
	docs/presentation/riders.gp \
	docs/presentation/seeder.gp \
	docs/presentation/size.gp \
	docs/presentation/slides.md \
	docs/presentation/speedup.gp \
	docs/presentation/stretch.gp \
	docs/presentation/style.gnuplot \
	docs/presentation/system.dot \
	docs/presentation/uplinks.gp \
	docs/presentation/views.sql \
	docs/presentation/waits.gp \
	docs/presentation/worlds.dot \
	docs/promising-ahead.py \
	docs/refresh-readme.sh
