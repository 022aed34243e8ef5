# The shipped parameter studies: adding one adds one file.
dist_studies_DATA += \
	studies/churn.yaml \
	studies/file-size.yaml \
	studies/free-riders.yaml \
	studies/peers.yaml \
	studies/seeder-bandwidth.yaml
