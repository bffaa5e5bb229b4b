.PHONY: build apps plugins crds images kind-e2e demo test fuzz bench clean
SHELL := /bin/bash
CONFIGURATION ?= Release
export CONFIGURATION
PUBLISH := dotnet publish -c $(CONFIGURATION) --nologo -v quiet
PROGRAMS := dotnet msbuild build/programs.proj -m -nologo -v:quiet -p:Configuration=$(CONFIGURATION)

# The CLI, at artifacts/osm/osm.
build:
	@build/setup build
	$(PUBLISH) core/src/OsmExt.Cli -o artifacts/osm

# The same, and the demo's applications, at artifacts/apps/NAME/NAME.
apps:
	@build/setup build
	@dotnet restore OsmExt.sln --nologo -v quiet
	$(PROGRAMS)

# This repository's plugins as operators install them, at artifacts/plugins/ID.
plugins:
	@build/setup build
	@build/plugins

# The custom resource definitions of the chart, from the model classes and the plugins' schemas.
crds: build plugins
	rm -f core/charts/osm/crds/*.yaml
	artifacts/osm/osm crds --directory core/charts/osm/crds
	artifacts/osm/osm plugin crds artifacts/plugins --plugin-policy build/plugin-policy.yaml --directory core/charts/osm/crds

# The images, for this machine's Docker engine; PUSH=--push: for amd64 and arm64, into the registry.
REGISTRY ?= osmext
TAG ?= 0.1.0
images:
	@build/images/build $(REGISTRY) $(TAG) $(PUSH)

# The chart and the demo on a kind cluster; SHAPE: single-node, three-node-zones or dual-stack. Exit code 3: there is no Docker engine, or a program is missing.
SHAPE ?= single-node
kind-e2e:
	@build/kubernetes-tools || true
	@build/kind-e2e $(SHAPE)

# The bookstore, on real Envoys where they can run, else on the embedded data plane. ARGS=--once runs the script, checks every expectation and ends.
demo:
	@build/setup run
	@$(MAKE) --no-print-directory apps
	@$(PUBLISH) e2e/OsmExt.Demo -o artifacts/osm-demo
	@build/demo $(ARGS)

# Every test, with one line of totals at the end. All is built once, together; what tests start is published of that.
test:
	@build/setup run
	@{ build/kubernetes-tools || echo "kubectl and helm could not be had; tests that want them are skipped."; } & \
	  dotnet build OsmExt.sln -c $(CONFIGURATION) --nologo -v quiet && $(PROGRAMS) -p:NoBuild=true; built=$$?; wait; exit $$built
	@OSM_TEST_BUILT=1 build/test

# The simulator and the embedded data plane against real Envoys, for longer and with other requests and policies each time: REQUESTS to each Envoy, ROUNDS of policies in
# meshes that run, and SECONDS_OF_CHANGE of changes under load. Then the xDS engine against its model, and everything that reads what comes from outside, FUZZ_SECONDS each; new
# inputs go to the corpora beside the tests. The same SEED, which is printed, draws the same; the model prints its own.
REQUESTS ?= 60000
ROUNDS ?= 100
SECONDS_OF_CHANGE ?= 60
FUZZ_SECONDS ?= 60
FUZZED := Xds DataPlane Kubernetes PluginHost Identity ControlPlane
SEED ?= $(shell od -An -N3 -tu4 /dev/urandom | tr -d " ")
fuzz:
	@build/setup run
	@$(MAKE) --no-print-directory apps
	@echo "make fuzz SEED=$(SEED) REQUESTS=$(REQUESTS) ROUNDS=$(ROUNDS)"
	@for project in core/test/OsmExt.Simulation.Tests core/test/OsmExt.DataPlane.Tests e2e/OsmExt.E2E; do \
	  OSM_REQUIRE_ENVOY=1 OSM_AGREEMENT_SEED=$(SEED) OSM_AGREEMENT_REQUESTS=$(REQUESTS) OSM_AGREEMENT_ROUNDS=$(ROUNDS) OSM_CHANGE_SECONDS=$(SECONDS_OF_CHANGE) OSM_CHANGE_SEED=$(SEED) dotnet test $$project \
	    -c $(CONFIGURATION) --nologo --filter "FullyQualifiedName~Agreement|FullyQualifiedName~ChangeUnderLoad" --logger "console;verbosity=normal" || failed=1; \
	done; \
	for project in $(FUZZED); do \
	  OSM_FUZZ_SEED=$(SEED) OSM_FUZZ_SECONDS=$(FUZZ_SECONDS) OSM_FUZZ_KEEP=1 dotnet test core/test/OsmExt.$$project.Tests \
	    -c $(CONFIGURATION) --nologo --filter "FullyQualifiedName~Fuzz|FullyQualifiedName~ModelTests" --logger "console;verbosity=normal" || failed=1; \
	done; [ -z "$$failed" ] || { echo "Repeat: make fuzz SEED=$(SEED) REQUESTS=$(REQUESTS) ROUNDS=$(ROUNDS) FUZZ_SECONDS=$(FUZZ_SECONDS)"; exit 1; }

# The control plane under a fleet of proxies that are none: WORKLOAD is W1 to W13, flat or soak; core/docs/fleet.md says what each is and what else can be said.
WORKLOAD ?= W1
FLEET_WORDS := WORKLOAD PROXIES SERVICES SECONDS IDLE SEED PACE PROCESSES STAGES WARMUP FLOOR SOTW LATE DELAY SLOW STUCK NACKERS PATIENCE OUTPUT
bench:
	@build/setup build
ifeq ($(WORKLOAD),W12)
	@dotnet run --project core/bench/OsmExt.Benchmarks -c $(CONFIGURATION) -- translate
else
	@$(PUBLISH) core/bench/OsmExt.Fleet -o artifacts/fleet
	@dotnet artifacts/fleet/OsmExt.Fleet.dll \
	  WORKLOAD=$(WORKLOAD) $(foreach word,$(filter-out WORKLOAD,$(FLEET_WORDS)),$(if $(filter command environment,$(firstword $(origin $(word)))),$(word)=$($(word))))
endif

clean:
	rm -rf artifacts
