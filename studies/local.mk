# The shipped parameter studies: adding one adds one file.
dist_studies_DATA += \
	studies/peers.yaml
