.PHONY: build apps demo test bench clean
SHELL := /bin/bash
CONFIGURATION ?= Release
export CONFIGURATION
PUBLISH := dotnet publish -c $(CONFIGURATION) --nologo -v quiet
APPS := $(notdir $(patsubst %/,%,$(dir $(wildcard e2e/apps/*/*.csproj))))

# The CLI, at artifacts/osm/osm.
build:
	@build/setup build
	$(PUBLISH) core/src/OsmExt.Cli -o artifacts/osm

# The demo's applications, at artifacts/apps/NAME/NAME.
apps: build
	@for app in $(APPS); do $(PUBLISH) e2e/apps/$$app -o artifacts/apps/$$app || exit 1; done

# The bookstore on real Envoys. ARGS=--once runs the script, checks every expectation and ends.
demo:
	@build/setup run
	@$(MAKE) --no-print-directory apps
	@$(PUBLISH) e2e/OsmExt.Demo -o artifacts/osm-demo
	@build/demo $(ARGS)

# Every test, with one line of totals at the end.
test:
	@build/setup run
	@$(MAKE) --no-print-directory apps
	@build/test

clean:
	rm -rf artifacts
